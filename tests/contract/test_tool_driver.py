"""What every driver must do, whatever the tool: run for each bench in `tool_bench.BENCHES`, over the real stack."""

import asyncio
import math
from itertools import pairwise

import pytest

from firmware_bridge.errors import LinkError, RefusedError, ToolError
from firmware_bridge.tool import ButtonPress, EventCode, Status, ToolCue
from tests.contract.tool_bench import BENCHES, now_ns, virtual

MS = 1_000_000
every_bench = pytest.mark.parametrize("kind", BENCHES, ids=[bench.kind for bench in BENCHES])


@every_bench
@virtual
async def test_connect_tells_what_the_tool_is(kind):
    async with kind.opened() as bench:
        assert not bench.tool.is_connected
        with pytest.raises(LinkError, match="never connected"):
            _ = bench.tool.features
        await bench.tool.connect()
        assert bench.tool.is_connected
        assert (bench.tool.features.min_rate_hz, bench.tool.features.max_rate_hz) == kind.rates_hz
        assert bench.tool.features.capacity_n > 0
        assert bench.tool.address == bench.device.address
        assert bench.signals == []


@every_bench
@virtual
async def test_stream_is_whole_in_order_and_in_newtons(kind):
    async with kind.opened() as bench:
        bench.hand.steady_n = 12.0
        await bench.tool.connect()
        rate_hz = await bench.tool.start(kind.rates_hz[1])
        assert rate_hz == kind.rates_hz[1]
        await asyncio.sleep(3)
        blocks = bench.blocks
        assert len(bench.forces_n) >= 2.8 * rate_hz
        assert all(abs(force_n - 12.0) < 0.5 for force_n in bench.forces_n)
        for before, after in pairwise(blocks):
            assert after.sequence == (before.sequence + 1) % 0x10000
            assert after.first_us == before.first_us + before.period_us * len(before.forces_n)


@every_bench
@virtual
async def test_rates_outside_the_tools_are_clamped_and_may_change(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        lowest_hz, highest_hz = kind.rates_hz
        assert await bench.tool.start(highest_hz * 10) == highest_hz
        assert await bench.tool.start(1) == lowest_hz
        await asyncio.sleep(1)
        assert bench.blocks[-1].period_us == 1_000_000 // lowest_hz


@every_bench
@virtual
async def test_stop_stops(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(0.5)
        await bench.tool.stop()
        count = len(bench.blocks)
        await asyncio.sleep(1)
        assert len(bench.blocks) == count


@every_bench
@virtual
async def test_tare_takes_the_load_away(kind):
    async with kind.opened() as bench:
        bench.hand.steady_n = 1.5
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(0.5)
        offset_n = await bench.tool.tare(500)
        assert offset_n == pytest.approx(1.5, abs=0.3)
        bench.signals.clear()
        await asyncio.sleep(0.5)
        assert abs(sum(bench.forces_n) / len(bench.forces_n)) < 0.1
        assert Status.TARED in bench.blocks[-1].status


@every_bench
@virtual
async def test_what_the_tool_refuses_is_an_error_that_says_why(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        with pytest.raises(RefusedError, match="tare since power-up"):
            await bench.tool.arm(60.0, 120.0, 1500)
        await bench.tool.tare(200)
        await bench.tool.arm(60.0, 120.0, 5000)
        with pytest.raises(RefusedError, match="refused to tare: it is armed") as refused:
            await bench.tool.tare(200)
        assert refused.value.result == 4
        await bench.tool.disarm()
        await bench.tool.tare(200)


@every_bench
@virtual
async def test_cues_go_out_while_a_tare_is_going_on(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        tare = asyncio.create_task(bench.tool.tare(3000))
        await asyncio.sleep(0.5)
        asked_ns = now_ns()
        await bench.tool.cue(ToolCue.RELEASE, 255, 0)
        await bench.tool.heartbeat()
        await bench.tool.disarm()
        await asyncio.sleep(0.2)
        assert not tare.done()
        assert [actuate.cue for _, actuate in bench.hand.felt] == [ToolCue.RELEASE]
        assert bench.hand.felt[0][0] - asked_ns < 100 * MS
        await tare


@every_bench
@virtual
async def test_requests_at_once_are_made_one_after_the_other(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        answers = await asyncio.gather(bench.tool.tare(500), bench.tool.start(kind.rates_hz[1]), bench.tool.identify())
        assert answers[1] == kind.rates_hz[1]


@every_bench
@virtual
async def test_lost_packets_show_in_the_sequence_and_order_stays(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(1)
        bench.radio.faults.impair(bench.device.address, lose_next=3)
        await asyncio.sleep(1)
        sequences = [block.sequence for block in bench.blocks]
        jumps = [after - before for before, after in pairwise(sequences)]
        assert jumps.count(4) == 1
        assert set(jumps) == {1, 4}


@every_bench
@virtual
async def test_the_counter_wraps_as_the_profile_says(kind):
    async with kind.opened(counter_us=(1 << 32) - 2_000_000) as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(4)
        times_us = [block.first_us for block in bench.blocks]
        assert max(times_us) < 1 << 32
        assert times_us[0] > (1 << 31) > times_us[-1]


@every_bench
@virtual
async def test_button_presses_arrive(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        start_ns = now_ns()
        bench.hand.edges = [(start_ns + 100 * MS, True), (start_ns + 250 * MS, False)]
        await asyncio.sleep(2)
        assert [(event.code, event.value) for event in bench.events] == [(EventCode.BUTTON, ButtonPress.SHORT)]


@every_bench
@virtual
async def test_who_made_it_and_its_battery(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        information = await bench.tool.information()
        assert information.manufacturer
        assert information.serial
        assert 0 <= information.battery_percent <= 100


@every_bench
@virtual
async def test_a_link_that_breaks_is_told_once_and_can_be_made_again(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        for times in (1, 2):
            await asyncio.sleep(1)
            bench.radio.faults.disconnect(bench.device.address)
            await asyncio.sleep(0.5)
            assert bench.drops == times
            assert not bench.tool.is_connected
            with pytest.raises(LinkError):
                await bench.tool.start(kind.rates_hz[1])
            await bench.tool.connect()
            await bench.tool.start(kind.rates_hz[1])
        assert bench.drops == 2


@every_bench
@virtual
async def test_a_request_that_waits_when_the_link_breaks_fails_at_once(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        tare = asyncio.create_task(bench.tool.tare(5000))
        await asyncio.sleep(1)
        broken_ns = now_ns()
        bench.radio.faults.disconnect(bench.device.address)
        with pytest.raises(LinkError):
            await tare
        assert now_ns() - broken_ns < 100 * MS


@every_bench
@virtual
async def test_out_of_range_nothing_waits_for_ever(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        bench.radio.out_of_range(bench.device.address)
        out_ns = now_ns()
        with pytest.raises(LinkError):
            await bench.tool.cue(ToolCue.RELEASE, 255, 0)
        assert now_ns() - out_ns < 3_000 * MS
        await asyncio.sleep(3)
        assert bench.drops == 1
        with pytest.raises(LinkError, match="HW-0001"):
            await bench.tool.connect()
        assert now_ns() - out_ns < 60_000 * MS
        bench.radio.out_of_range(bench.device.address, out=False)
        await bench.tool.connect()
        assert bench.drops == 1


@every_bench
@virtual
async def test_a_link_that_takes_no_request_is_given_up(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        bench.radio.faults.impair(bench.device.address, delay_s=10.0)
        start_ns = now_ns()
        with pytest.raises(LinkError, match="took no request"):
            await bench.tool.cue(ToolCue.RELEASE, 255, 0)
        assert now_ns() - start_ns <= 2_100 * MS
        assert bench.drops == 1
        assert not bench.tool.is_connected
        with pytest.raises(LinkError, match="not connected"):
            await bench.tool.heartbeat()
        bench.radio.faults.impair(bench.device.address)
        count = len(bench.blocks)
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(1)
        assert len(bench.blocks) > count
        assert bench.drops == 1


@every_bench
@virtual
async def test_after_a_reboot_the_same_driver_goes_on(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await bench.tool.tare(200)
        await asyncio.sleep(2)
        before_us = bench.blocks[-1].first_us
        await bench.reboot()
        await asyncio.sleep(3)
        await bench.tool.connect()
        bench.signals.clear()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(0.5)
        assert bench.blocks[0].first_us < before_us + 1_000_000
        assert Status.TARED not in bench.blocks[0].status


@every_bench
@virtual
async def test_bytes_that_nobody_should_send_are_counted_and_left_out(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(0.5)
        for value in (b"", b"\x00", b"\xff" * 20, bytes(range(60))):
            bench.send_garbage(value)
            await asyncio.sleep(0.2)
        assert bench.garbage == 12
        assert all(math.isfinite(force_n) for force_n in bench.forces_n)
        assert await bench.tool.start(kind.rates_hz[0]) == kind.rates_hz[0]
        assert bench.drops == 0


@every_bench
@virtual
async def test_disconnect_is_no_drop_and_can_be_said_in_any_state(kind):
    async with kind.opened() as bench:
        await bench.tool.disconnect()
        await bench.tool.connect()
        await bench.tool.disconnect()
        await bench.tool.disconnect()
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        tare = asyncio.create_task(bench.tool.tare(5000))
        await asyncio.sleep(0.5)
        await bench.tool.disconnect()
        with pytest.raises(LinkError):
            await tare
        assert not bench.tool.is_connected
        await bench.tool.connect()
        bench.radio.faults.disconnect(bench.device.address)
        await asyncio.sleep(0.5)
        await bench.tool.disconnect()
        assert bench.drops == 1


@every_bench
@pytest.mark.parametrize("after_ms", [0, 5, 20, 60, 90, 110, 120, 130, 150, 200, 300])
@virtual
async def test_connecting_can_be_cancelled_at_any_moment(kind, after_ms):
    async with kind.opened() as bench:
        connecting = asyncio.create_task(bench.tool.connect())
        await asyncio.sleep(after_ms / 1000)
        connecting.cancel()
        await asyncio.wait([connecting])
        await bench.tool.disconnect()
        assert not bench.tool.is_connected
        await bench.tool.connect()
        assert await bench.tool.start(kind.rates_hz[1]) == kind.rates_hz[1]
        assert bench.drops == 0


@every_bench
@pytest.mark.parametrize("after_ms", range(0, 260, 20))
@virtual
async def test_a_link_that_breaks_within_connect_is_told_by_connect_alone(kind, after_ms):
    async with kind.opened() as bench:
        connecting = asyncio.create_task(bench.tool.connect())
        await asyncio.sleep(after_ms / 1000)
        was_connected = connecting.done()
        bench.radio.faults.disconnect(bench.device.address)
        try:
            await connecting
        except LinkError:
            assert not was_connected
        await asyncio.sleep(0.5)
        assert bench.drops == was_connected
        await bench.tool.connect()


@every_bench
@virtual
async def test_without_a_link_every_request_is_a_link_error(kind):
    async with kind.opened() as bench:
        for request in (
            bench.tool.start(100),
            bench.tool.stop(),
            bench.tool.tare(500),
            bench.tool.arm(10, 10, 1500),
            bench.tool.heartbeat(),
            bench.tool.disarm(),
            bench.tool.cue(ToolCue.HOLD, 1, 1),
            bench.tool.identify(),
            bench.tool.information(),
        ):
            with pytest.raises(LinkError, match="is not connected"):
                await request


@every_bench
@virtual
async def test_a_tool_that_is_gone_is_an_error_in_bounded_time(kind):
    async with kind.opened() as bench:
        bench.radio.faults.power_cut(bench.device.address)
        start_ns = now_ns()
        with pytest.raises(ToolError):
            await bench.tool.connect()
        assert now_ns() - start_ns < 31_000 * MS
        assert not bench.tool.is_connected


@every_bench
def test_a_bond_lasts_over_restarts_of_both(kind, tmp_path):
    async def session():
        async with kind.opened(bonds=tmp_path) as bench:
            await bench.tool.connect()
            await bench.tool.start(kind.rates_hz[1])
            await asyncio.sleep(0.5)
            assert bench.blocks

    virtual(session)()
    bonds = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(bonds) == 2
    virtual(session)()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == bonds


@every_bench
@pytest.mark.parametrize("forgetful", ["tool.json", "app.json"])
def test_a_lost_bond_is_made_anew(kind, tmp_path, forgetful):
    async def session():
        async with kind.opened(bonds=tmp_path) as bench:
            await bench.tool.connect()
            await bench.tool.start(kind.rates_hz[1])
            await asyncio.sleep(0.5)
            assert bench.blocks
            assert bench.drops == 0

    virtual(session)()
    old = (tmp_path / "app.json").read_bytes()
    (tmp_path / forgetful).unlink()
    virtual(session)()
    assert (tmp_path / "app.json").read_bytes() != old
