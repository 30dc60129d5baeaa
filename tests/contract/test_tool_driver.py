"""What every driver must do, whatever the tool: run for each bench in `benches.BENCHES`, over the real stack."""

import asyncio
import math
from itertools import pairwise

import pytest

from firmware_bridge.arrivals import Arrivals
from firmware_bridge.capabilities import Transport
from firmware_bridge.errors import LinkError, RefusedError, ToolError, UnsupportedToolError
from firmware_bridge.rig import Rig
from firmware_bridge.tool import ButtonPress, EventCode, ForceBlock, Status, ToolCue
from tests.contract.benches import (
    clocked_benches,
    connected_benches,
    crediting_scale_benches,
    every_bench,
    guarding_benches,
    measuring_benches,
)
from tests.contract.tool_bench import now_ns, virtual

MS = 1_000_000


def write_to(bench):
    """Return a request that has to reach the tool."""
    return bench.tool.cue(ToolCue.RELEASE, 255, 0) if bench.capabilities.own_cues else bench.tool.stop()


def load_n(bench):
    """Return a light load that the tool's steps can show."""
    return max(1.5, 3 * bench.capabilities.resolution_n)


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
        error_n = 0.5 + bench.capabilities.resolution_n / 2
        assert all(abs(force_n - 12.0) < error_n for force_n in bench.forces_n)
        for before, after in pairwise(blocks):
            assert after.sequence == (before.sequence + 1) % 0x10000
            # Without a clock of its own a sample's time is that of its arrival.
            error_us = 0 if bench.capabilities.own_clock else 20_000
            expected_us = before.first_us + before.period_us * len(before.forces_n)
            assert abs(after.first_us - expected_us) <= error_us


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
        load = bench.hand.steady_n = load_n(bench)
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(0.5)
        offset_n = await bench.tool.tare(500)
        assert offset_n == pytest.approx(load, abs=0.3 + bench.capabilities.resolution_n / 2)
        bench.signals.clear()
        await asyncio.sleep(0.5)
        assert abs(sum(bench.forces_n) / len(bench.forces_n)) < 0.1
        assert Status.TARED in bench.blocks[-1].status


@guarding_benches
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


@guarding_benches
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


@clocked_benches
@virtual
async def test_the_counter_wraps_as_the_profile_says(kind):
    async with kind.opened(counter_us=(1 << 32) - 2_000_000) as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(4)
        times_us = [block.first_us for block in bench.blocks]
        assert max(times_us) < 1 << 32
        assert times_us[0] > (1 << 31) > times_us[-1]


@guarding_benches
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
        assert information.manufacturer or information.model
        assert information.serial
        if bench.capabilities.tells_battery:
            percent, millivolts = information.battery_percent, information.battery_mv
            assert 0 <= percent <= 100 if millivolts is None else 2_000 < millivolts < 5_000


@every_bench
@virtual
async def test_a_link_that_breaks_is_told_once_and_can_be_made_again(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        for times in (1, 2):
            await asyncio.sleep(1)
            await bench.break_link()
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
        breaking = asyncio.create_task(bench.break_link())
        with pytest.raises(LinkError):
            await tare
        known_after_ms = 100 if bench.capabilities.transport is Transport.CONNECTION else 1_600
        assert now_ns() - broken_ns < known_after_ms * MS
        await breaking


@every_bench
@virtual
async def test_out_of_range_nothing_waits_for_ever(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        bench.radio.out_of_range(bench.device.address)
        out_ns = now_ns()
        with pytest.raises(LinkError):
            await (write_to(bench) if bench.capabilities.own_cues else bench.tool.tare(500))
        assert now_ns() - out_ns < 3_000 * MS
        await asyncio.sleep(3)
        assert bench.drops == 1
        with pytest.raises(LinkError, match=bench.tool.name):
            await bench.tool.connect()
        assert now_ns() - out_ns < 60_000 * MS
        bench.radio.out_of_range(bench.device.address, out=False)
        await bench.tool.connect()
        assert bench.drops == 1


@connected_benches
@virtual
async def test_a_link_that_takes_no_request_is_given_up(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        bench.radio.faults.impair(bench.device.address, delay_s=10.0)
        start_ns = now_ns()
        with pytest.raises(LinkError, match="took no request"):
            await write_to(bench)
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
        if bench.capabilities.own_clock:
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
        # A Holdwell tool has three channels that the driver listens to.
        assert bench.garbage == (12 if bench.capabilities.own_guard else 4)
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
        await bench.break_link()
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


@connected_benches
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


@guarding_benches
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


@guarding_benches
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


@every_bench
@virtual
async def test_times_are_true_though_its_clock_is_200_ppm_off(kind):
    async with kind.opened(ppm=200.0) as bench:
        arrivals, timed = Arrivals(), []

        def heard(signal):
            if isinstance(signal, ForceBlock):
                timed.append((now_ns(), arrivals.timed_block(signal, now_ns())))

        tool = bench.make_tool(heard)
        await tool.connect()
        await tool.start(kind.rates_hz[1])
        await asyncio.sleep(300)
        # Minutes in, 200 ppm would be 60 ms; a sample is at most the packet's radio delay old.
        for arrived_ns, block in timed[len(timed) // 2 :]:
            last_ns = block.first_ns + block.period_ns * (len(block.forces_n) - 1)
            assert 0 <= arrived_ns - last_ns < 20 * MS
            assert block.lost == 0
        await tool.disconnect()


@measuring_benches
@virtual
async def test_a_tare_is_refused_when_it_moves_or_is_under_load(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        tare = asyncio.create_task(bench.tool.tare(1000))
        await asyncio.sleep(0.5)
        bench.hand.steady_n = 20.0
        with pytest.raises(RefusedError, match="refused to tare: it moved"):
            await tare
        bench.hand.steady_n = 0.0
        await asyncio.sleep(0.5)
        await bench.tool.tare(500)
        bench.hand.steady_n = 20.0
        await asyncio.sleep(0.5)
        with pytest.raises(RefusedError, match="refused to tare: it is under load"):
            await bench.tool.tare(500)
        assert bench.forces_n[-1] == pytest.approx(20.0, abs=0.5 + bench.capabilities.resolution_n / 2)


@measuring_benches
@virtual
async def test_what_can_only_measure_says_so(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        assert not bench.tool.features.can_arm
        with pytest.raises(UnsupportedToolError, match="cannot guard"):
            await bench.tool.arm(60.0, 120.0, 1500)
        await bench.tool.cue(ToolCue.RELEASE, 255, 0)
        await bench.tool.heartbeat()
        await bench.tool.disarm()


@measuring_benches
@virtual
async def test_a_rig_turns_and_stretches_what_it_says(kind):
    async with kind.opened() as bench:
        bench.hand.steady_n = 20.0
        bench.rig = Rig(invert=True, gain=1.5, tip_diameter_mm=20.0)
        bench.tool = bench.make_tool()
        await bench.tool.connect()
        assert bench.tool.features.tip_diameter_mm == 20.0
        assert bench.tool.features.capacity_n == pytest.approx(1.5 * bench.capabilities.capacity_n)
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(1)
        error_n = 1.5 * (0.5 + bench.capabilities.resolution_n / 2)
        assert bench.forces_n[-1] == pytest.approx(-30.0, abs=error_n)


@crediting_scale_benches
@virtual
async def test_a_push_that_reads_negative_can_be_turned(kind):
    # The Force Board says whole pounds without a sign.
    async with kind.opened() as bench:
        bench.peripheral._sign = -1.0
        bench.hand.steady_n = 0.0
        bench.rig = Rig(invert=True)
        bench.tool = bench.make_tool()
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await bench.tool.tare(500)
        bench.hand.steady_n = 20.0
        await asyncio.sleep(0.5)
        assert bench.forces_n[-1] == pytest.approx(20.0, abs=0.5)


@measuring_benches
@virtual
async def test_a_zero_outlasts_no_loss_of_a_link_that_may_hide_a_reboot(kind):
    async with kind.opened() as bench:
        await bench.tool.connect()
        await bench.tool.tare(500)
        await bench.break_link()
        await bench.tool.connect()
        await bench.tool.start(kind.rates_hz[1])
        await asyncio.sleep(0.5)
        # The scale that advertises counts its readings: it was not off.
        was_seen = bench.capabilities.transport is Transport.ADVERTISEMENTS
        assert (Status.TARED in bench.blocks[0].status) == was_seen
