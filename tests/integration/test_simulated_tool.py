"""The simulated tool over the whole stack, byte by byte as the profile says."""

import asyncio
from itertools import pairwise

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakGATTProtocolError

from firmware_bridge import wire
from firmware_bridge.tool import EventCode, ForceBlock, Status, ToolEvent
from simulator.firmware import Firmware
from simulator.peripherals import SimulatedTool, ToolClock
from simulator.radio import Radio
from simulator.tool_output import Actuate
from tests.radio_bench import on_virtual_time

START_100_HZ = bytes([0x01, 0x07, 100, 0])
TARE_100_MS = bytes([0x03, 0x08, 100, 0])
ARM = bytes([0x04, 0x09]) + (1000).to_bytes(2, "little") + (900).to_bytes(2, "little") + (1500).to_bytes(2, "little")
IDENTIFY = bytes([0x08, 0x0A])


class Script:
    """Presses as told: `forces` by host time in seconds, the last one stands; None ends it."""

    def __init__(self, *forces: tuple[float, float | None]) -> None:
        self.forces = forces or ((0.0, 0.0),)
        self.edges: list[tuple[int, bool]] = []
        self.felt: list[tuple[Actuate, int]] = []
        self.asked_ns: list[int] = []

    def force_n(self, now_ns: int) -> float | None:
        self.asked_ns.append(now_ns)
        return [force for at_s, force in self.forces if at_s * 1e9 <= now_ns][-1]

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        due = [edge for edge in self.edges if edge[0] <= until_ns]
        del self.edges[: len(due)]
        return due

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        self.felt.append((actuate, now_ns))


class Ramp(Script):
    """A recording: from the first streamed sample on, sample k is k * 0.01 N; 203 of them."""

    started_ns: int | None = None

    def start(self, now_ns: int) -> None:
        assert self.started_ns is None
        self.started_ns = now_ns

    def force_n(self, now_ns: int) -> float | None:
        if self.started_ns is None:
            return 0.0
        k, rest = divmod(now_ns - self.started_ns, 10_000_000)
        assert rest == 0
        return k * 0.01 if k < 203 else None


class App:
    """A paired client that keeps what the tool sends."""

    def __init__(self, client: BleakClient) -> None:
        self.client = client
        self.blocks: list[ForceBlock] = []
        self.events: list[ToolEvent] = []
        self.answers: list[bytes] = []

    async def ask(self, request: bytes) -> None:
        await self.client.write_gatt_char(wire.CONTROL, request, response=True)

    async def subscribe(self) -> None:
        await self.client.start_notify(wire.EVENT, lambda _, v: self.events.append(wire.decode_event(bytes(v))))
        await self.client.start_notify(wire.CONTROL, lambda _, v: self.answers.append(bytes(v)))
        await self.client.start_notify(wire.FORCE, lambda _, v: self.blocks.append(wire.decode_force(bytes(v))))


async def app_of(radio: Radio, tool: SimulatedTool) -> App:
    await radio.adapter()
    client = BleakClient(tool.address, backend=radio.backend.client, pair=True)
    await client.connect()
    app = App(client)
    await app.subscribe()
    return app


def now_ns() -> int:
    return round(asyncio.get_running_loop().time() * 1e9)


@on_virtual_time
async def test_it_advertises_as_the_profile_says():
    async with Radio() as radio, SimulatedTool(radio, Firmware(), Script(), rssi_dbm=-60) as tool:
        await radio.adapter()
        found = await BleakScanner.discover(0.5, return_adv=True, backend=radio.backend.scanner)
        _, data = found[tool.address]
        assert (data.local_name, data.rssi) == (tool.firmware.local_name, -60)
        assert data.service_uuids == [wire.SERVICE]


@on_virtual_time
async def test_a_stranger_reads_what_it_is_and_nothing_else():
    async with Radio() as radio, SimulatedTool(radio, Firmware(), Script()) as tool:
        await radio.adapter()
        async with BleakClient(tool.address, backend=radio.backend.client) as client:
            assert client.name == tool.firmware.name
            assert await client.read_gatt_char("2a29") == b"Holdwell"
            assert (await client.read_gatt_char("2a25")).decode() == tool.firmware.serial
            assert await client.read_gatt_char("2a19") == bytes([tool.firmware.battery_percent])
            got: list[bytes] = []
            for attempt in (
                client.read_gatt_char(wire.FEATURES),
                client.write_gatt_char(wire.CONTROL, START_100_HZ, response=True),
                client.start_notify(wire.FORCE, lambda _, v: got.append(bytes(v))),
                client.start_notify(wire.EVENT, lambda _, v: got.append(bytes(v))),
                client.start_notify(wire.CONTROL, lambda _, v: got.append(bytes(v))),
            ):
                with pytest.raises(BleakGATTProtocolError) as refused:
                    await attempt
                assert refused.value.code in (0x05, 0x0F)
            # A command has no answer that could refuse it; it must not do anything either.
            await client.write_gatt_char(wire.CONTROL, START_100_HZ, response=False)
            await asyncio.sleep(1)
            assert got == []
            assert not tool.firmware.is_streaming


@on_virtual_time
async def test_every_sample_of_a_recording_arrives_and_then_it_has_ended():
    source = Ramp()
    async with Radio() as radio, SimulatedTool(radio, Firmware(), source) as tool:
        app = await app_of(radio, tool)
        await asyncio.sleep(0.123)
        await app.ask(START_100_HZ)
        await tool.ended.wait()
        await asyncio.sleep(0.1)
        forces = [force for block in app.blocks for force in block.forces_n]
        assert forces == pytest.approx([k * 0.01 for k in range(203)], abs=0.2)
        assert [block.sequence for block in app.blocks] == list(range(41))
        assert len(app.blocks[-1].forces_n) == 3
        assert app.answers == [bytes([0x81, 0x07, 0, 100, 0])]


@on_virtual_time
async def test_samples_are_taken_at_their_exact_times_whatever_the_client_does():
    source = Script()
    async with Radio() as radio, SimulatedTool(radio, Firmware(), source) as tool:
        app = await app_of(radio, tool)
        await app.ask(START_100_HZ)
        for _ in range(10):
            await asyncio.sleep(0.0371)
            await app.ask(IDENTIFY)
        assert source.asked_ns == [10_000_000 * (k + 1) for k in range(len(source.asked_ns))]
        assert source.asked_ns[-1] > now_ns() - 10_000_000
        assert len(source.felt) == 10
        assert all(at_ns % 10_000_000 for _, at_ns in source.felt)


@on_virtual_time
async def test_a_packet_leaves_with_its_last_sample():
    async with Radio() as radio, SimulatedTool(radio, Firmware(), Script()) as tool:
        app = await app_of(radio, tool)
        late_ns: list[int] = []

        def arrived(_: object, value: bytearray) -> None:
            block = wire.decode_force(bytes(value))
            late_ns.append(now_ns() - 1000 * (block.first_us + (len(block.forces_n) - 1) * block.period_us))

        await app.client.stop_notify(wire.FORCE)
        await app.client.start_notify(wire.FORCE, arrived)
        await app.ask(START_100_HZ)
        await asyncio.sleep(5)
        assert len(late_ns) >= 98
        # The first packets may begin anywhere in the tool's round; after that it wakes for the packet.
        assert set(late_ns[2:]) == {0}


@on_virtual_time
async def test_the_device_clock_drifts_and_wraps():
    clock = ToolClock(offset_us=2**32 - 2_000_000, ppm=200.0)
    async with Radio() as radio, SimulatedTool(radio, Firmware(), Script(), clock=clock) as tool:
        app = await app_of(radio, tool)
        await app.ask(START_100_HZ)
        await asyncio.sleep(20)
        firsts = [block.first_us for block in app.blocks]
        assert {(b - a) % 2**32 for a, b in pairwise(firsts)} == {50_000}
        assert firsts[-1] < firsts[0]
        samples = sum(len(block.forces_n) for block in app.blocks)
        # 200 ppm of 20 s are 4 ms: too little for one more sample, but the instants show it.
        assert samples in range(1994, 2001)
        assert {b - a for a, b in pairwise(tool.force.asked_ns)} == {9_998_000, 9_998_001}


@on_virtual_time
async def test_button_presses_become_events_and_are_confirmed():
    source = Script()
    async with Radio() as radio, SimulatedTool(radio, Firmware(), source) as tool:
        app = await app_of(radio, tool)
        base = now_ns()
        for n in range(3):
            source.edges += [(base + n * 10**9 + 5, True), (base + n * 10**9 + 100_000_005, False)]
        await asyncio.sleep(5)
        assert [(event.code, event.sequence) for event in app.events] == [(EventCode.BUTTON, n) for n in range(3)]
        assert app.events[0].device_us == base // 1000


@on_virtual_time
async def test_an_armed_tool_alarms_alone_when_the_app_is_gone():
    source = Script((0.0, 0.0), (2.0, 8.0), (20.0, 0.0))
    async with Radio() as radio, SimulatedTool(radio, Firmware(), source) as tool:
        app = await app_of(radio, tool)
        await app.ask(START_100_HZ)
        await app.ask(TARE_100_MS)
        await asyncio.sleep(0.5)
        await app.ask(ARM)
        await asyncio.sleep(0.1)
        assert [answer[2] for answer in app.answers] == [0, 0, 0]
        armed_ns = now_ns()
        radio.out_of_range(tool.address)
        await asyncio.sleep(4)
        # No heartbeat for 1.5 s.
        (alarm, at_ns) = source.felt[0]
        assert alarm.alarm
        assert at_ns - armed_ns == pytest.approx(1.4e9, abs=0.11e9)
        assert not tool.is_connected
        radio.out_of_range(tool.address, out=False)
        back = await app_of(radio, tool)
        await asyncio.sleep(1)
        assert EventCode.HEARTBEAT_LOST in [event.code for event in back.events]


@on_virtual_time
async def test_a_reboot_starts_counters_anew_and_keeps_the_bond():
    async with Radio() as radio, SimulatedTool(radio, Firmware(), Script()) as tool:
        app = await app_of(radio, tool)
        await app.ask(TARE_100_MS)
        await asyncio.sleep(0.5)
        await app.ask(START_100_HZ)
        await asyncio.sleep(30)
        assert app.blocks[-1].status & Status.TARED
        await tool.reboot(off_s=1.0)
        await asyncio.sleep(3)
        assert not app.client.is_connected
        app.blocks.clear()
        await app.client.connect()
        await app.subscribe()
        await app.ask(START_100_HZ)
        await asyncio.sleep(1)
        assert app.blocks[0].sequence == 0
        assert app.blocks[0].first_us < 6_000_000
        assert not app.blocks[0].status & Status.TARED


@on_virtual_time
async def test_a_tool_that_switches_itself_off_says_goodbye_and_is_gone():
    async with Radio() as radio, SimulatedTool(radio, Firmware(), Script()) as tool:
        app = await app_of(radio, tool)
        tool.firmware.switch_off(now_ns() // 1000)
        await tool.switched_off.wait()
        await asyncio.sleep(0.1)
        assert not app.client.is_connected
        assert not await BleakScanner.discover(1.0, backend=radio.backend.scanner)
        await tool.reboot()
        await app.client.connect()


@on_virtual_time
async def test_what_the_force_source_raises_is_not_swallowed():
    class Broken(Script):
        def force_n(self, now_ns: int) -> float | None:
            raise ZeroDivisionError

    async with Radio() as radio:
        tool = SimulatedTool(radio, Firmware(), Broken())
        await tool.start()
        await tool.ended.wait()
        with pytest.raises(ZeroDivisionError):
            await tool.close()
        await tool.close()


@on_virtual_time
async def test_nothing_is_pending_after_close():
    async with Radio() as radio:
        async with SimulatedTool(radio, Firmware(), Script()) as tool:
            app = await app_of(radio, tool)
            await app.ask(START_100_HZ)
            await asyncio.sleep(1)
        await asyncio.sleep(0.1)
        assert not app.client.is_connected
        with pytest.raises(LookupError, match="start"):
            _ = tool.address
    assert asyncio.all_tasks() == {asyncio.current_task()}
