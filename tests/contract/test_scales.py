"""What the drivers of other makers' load cells do beyond every driver's contract, over the real stack."""

import asyncio
from itertools import pairwise

import pytest

from firmware_bridge import discovery, wire_progressor, wire_whc06
from firmware_bridge.errors import LinkError, UnsupportedToolError
from firmware_bridge.tool import EventCode
from firmware_bridge.wire_progressor import Command
from tests.contract.scale_bench import ForceBoardBench, ProgressorBench, WHC06Bench
from tests.contract.tool_bench import virtual


@pytest.mark.parametrize("pieces", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", [ProgressorBench, ForceBoardBench], ids=["progressor", "force-board"])
@virtual
async def test_frames_that_arrive_in_pieces_are_put_together(kind, pieces):
    async with kind.opened() as bench:
        bench.hand.steady_n = 20.0
        await bench.tool.connect()
        bench.peripheral.pieces = pieces
        await bench.tool.start(80)
        await asyncio.sleep(5)
        assert len(bench.forces_n) > 380
        error_n = 0.5 + kind.capabilities.resolution_n / 2
        assert all(abs(force_n - 20.0) < error_n for force_n in bench.forces_n)
        assert bench.garbage == 0


@pytest.mark.parametrize("samples", range(1, 31))
@virtual
async def test_progressor_packets_of_any_size_give_the_same_stream(samples):
    async with ProgressorBench.opened() as bench:
        bench.peripheral.samples_a_packet = samples
        await bench.tool.connect()
        await bench.tool.start(80)
        await asyncio.sleep(3)
        times_us = [block.first_us + k * block.period_us for block in bench.blocks for k in range(len(block.forces_n))]
        assert len(times_us) > 230 - samples
        assert {after - before for before, after in pairwise(times_us)} == {12_500}


@virtual
async def test_a_progressor_is_told_nothing_but_start_stop_and_questions():
    async with ProgressorBench.opened() as bench:
        for _ in range(2):
            await bench.tool.connect()
            await bench.tool.tare(500)
            await bench.tool.start(80)
            await bench.tool.information()
            await bench.tool.tare(500)
            await bench.tool.identify()
            await bench.tool.stop()
            await bench.tool.disconnect()
        allowed = {Command.START, Command.STOP, Command.FIRMWARE_VERSION, Command.BATTERY}
        assert set(bench.peripheral.commands) == allowed


@virtual
async def test_a_progressor_answers_while_it_streams():
    async with ProgressorBench.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(80)
        first, second = await asyncio.gather(bench.tool.information(), bench.tool.information())
        assert first == second
        assert (first.firmware, first.battery_mv) == ("1.0 (simulated)", 3900)


@virtual
async def test_a_progressor_that_answers_nothing_is_no_error():
    async with ProgressorBench.opened() as bench:
        await bench.tool.connect()
        bench.radio.faults.impair(bench.device.address, lose_next=2)
        information = await bench.tool.information()
        assert (information.firmware, information.battery_mv) == ("", None)


@virtual
async def test_a_progressor_with_an_empty_battery_says_so_and_is_gone():
    async with ProgressorBench.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(80)
        await asyncio.sleep(1)
        await bench.peripheral.low_power()
        await asyncio.sleep(1)
        assert [event.code for event in bench.events] == [EventCode.BATTERY_LOW]
        assert bench.drops == 1


@virtual
async def test_weights_that_come_twice_or_late_are_left_out():
    async with ProgressorBench.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(80)
        await asyncio.sleep(1)
        old = wire_progressor.Weights((wire_progressor.Weight(99.0, 100_000), wire_progressor.Weight(99.0, 112_500)))
        bench.peripheral.send_raw(wire_progressor.encode(old))
        await asyncio.sleep(0.5)
        assert len(bench.forces_n) > 100
        assert max(bench.forces_n) < 1.0


@virtual
async def test_a_hook_scale_that_shows_pounds_is_refused_with_what_to_do():
    async with WHC06Bench.opened() as bench:
        bench.peripheral.unit = wire_whc06.Unit.LB
        with pytest.raises(UnsupportedToolError, match="shows lb: set it to kg"):
            await bench.tool.connect()
        bench.peripheral.unit = wire_whc06.Unit.KG
        await bench.tool.connect()


@virtual
async def test_a_hook_scale_that_holds_its_value_is_not_live():
    async with WHC06Bench.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(8)
        await asyncio.sleep(1)
        bench.peripheral.held = True
        count = len(bench.blocks)
        await asyncio.sleep(2)
        assert len(bench.blocks) == count
        assert bench.drops == 1
        with pytest.raises(UnsupportedToolError, match="press its hold key"):
            await bench.tool.connect()


@virtual
async def test_a_hook_scale_heard_too_seldom_says_how_seldom():
    async with WHC06Bench.opened() as bench:
        bench.radio.faults.impair(bench.device.address, unheard_share=0.95)
        with pytest.raises(LinkError, match=r"too seldom to credit a hold, \d+ times in 10 s instead of about 80"):
            await bench.tool.connect()


@virtual
async def test_a_reading_that_is_advertised_again_is_one_reading():
    async with WHC06Bench.opened() as bench:
        await bench.tool.connect()
        await bench.tool.start(8)
        for _ in range(30):
            await asyncio.sleep(0.1)
            bench.radio.broadcast(bench.peripheral.device, bench.peripheral._advertisement())
        assert 22 <= len(bench.blocks) <= 25


@virtual
async def test_a_scale_switched_off_and_on_within_a_moment_is_a_lost_link():
    async with WHC06Bench.opened() as bench:
        await bench.tool.connect()
        await bench.tool.tare(500)
        await bench.tool.start(8)
        await asyncio.sleep(5)
        await bench.peripheral.reboot(0.2)
        await asyncio.sleep(1)
        assert bench.drops == 1


@virtual
async def test_readings_of_a_scale_go_on_when_its_counter_wraps():
    async with WHC06Bench.opened(counter_us=1) as bench:
        await bench.tool.connect()
        await bench.tool.start(8)
        await asyncio.sleep(5)
        assert bench.drops == 0
        assert len(bench.blocks) > 38


@virtual
async def test_a_scale_is_chosen_by_its_address_among_others_of_the_same_name():
    async with WHC06Bench.opened() as bench:
        other = await bench.radio.add_peripheral(
            "body scale", advertising_data=bench.peripheral._advertisement()[:10], address="C1:00:00:00:00:01"
        )
        bench.radio.broadcast(other, bench.peripheral._advertisement())
        found = await discovery.scan(bench.radio.backend, 2.0)
        assert {tool.driver.kind for tool in found} == {"whc06"}
        assert len(found) == 2
        chosen = await discovery.find("c1:00:00:00:00:01", bench.radio.backend)
        assert chosen.address == "C1:00:00:00:00:01"
