"""The benches of other makers' load cells."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bleak.backends.device import BLEDevice

from firmware_bridge import capabilities, discovery
from firmware_bridge.drivers import DRIVERS
from firmware_bridge.rig import REFERENCE_RIG
from firmware_bridge.tool import OnSignal, Tool
from simulator.radio import Radio
from simulator.scales.force_board import SimulatedForceBoard
from simulator.scales.progressor import SimulatedProgressor
from simulator.scales.simulated_scale import SimulatedScale
from simulator.scales.whc06 import SimulatedWHC06
from simulator.tool_clock import ToolClock
from tests.contract.tool_bench import Hand, ToolBench


class ScaleBench(ToolBench):
    """A load cell that needs no bond."""

    def __init__(self, radio: Radio, hand: Hand, device: BLEDevice, peripheral: SimulatedScale) -> None:
        self.peripheral = peripheral
        self.rig = REFERENCE_RIG
        super().__init__(radio, hand, device)

    @classmethod
    @abstractmethod
    def peripheral_on(cls, radio: Radio, hand: Hand, counter_us: int, ppm: float) -> SimulatedScale:
        """Return the peripheral, not started."""

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, bonds: Path | None = None, counter_us: int = 0, ppm: float = 0.0
    ) -> AsyncIterator["ScaleBench"]:
        assert bonds is None
        hand = Hand()
        async with Radio(seed=1) as radio:
            await radio.adapter()
            async with cls.peripheral_on(radio, hand, counter_us, ppm) as peripheral:
                found = await discovery.find(peripheral.name, radio.backend)
                assert found.driver is DRIVERS[cls.kind]
                bench = cls(radio, hand, found.device, peripheral)
                try:
                    yield bench
                finally:
                    await bench.tool.disconnect()

    def make_tool(self, on_signal: OnSignal | None = None) -> Tool:
        make = DRIVERS[self.kind].make
        return make(self.device, on_signal=on_signal or self.signals.append, radio=self.radio.backend, rig=self.rig)

    async def reboot(self) -> None:
        await self.peripheral.reboot()

    @property
    def garbage(self) -> int:
        return self.tool.garbage  # type: ignore[attr-defined]


class ProgressorBench(ScaleBench):
    kind = "progressor"
    rates_hz = (80, 80)
    capabilities = capabilities.PROGRESSOR

    @classmethod
    def peripheral_on(cls, radio: Radio, hand: Hand, counter_us: int, ppm: float) -> SimulatedProgressor:
        return SimulatedProgressor(radio, hand, seed=1, clock=ToolClock(ppm=ppm), counter_us=counter_us)

    def send_garbage(self, value: bytes) -> None:
        self.peripheral.send_raw(value)


class WHC06Bench(ScaleBench):
    kind = "whc06"
    rates_hz = (8, 8)
    capabilities = capabilities.WHC06

    @classmethod
    def peripheral_on(cls, radio: Radio, hand: Hand, counter_us: int, ppm: float) -> SimulatedWHC06:
        # Its counter counts readings: one that wraps as soon as the µs of others do.
        counter = (1 << 16) - 8 if counter_us else 0
        return SimulatedWHC06(radio, hand, seed=1, clock=ToolClock(ppm=ppm), counter=counter)

    def send_garbage(self, value: bytes) -> None:
        # As much as an advertisement holds beside the name.
        self.peripheral.send_raw(value[:17])

    async def break_link(self) -> None:
        self.radio.out_of_range(self.device.address)
        await asyncio.sleep(1.7)
        self.radio.out_of_range(self.device.address, out=False)


class ForceBoardBench(ScaleBench):
    kind = "force-board"
    rates_hz = (80, 80)
    capabilities = capabilities.FORCE_BOARD

    @classmethod
    def peripheral_on(cls, radio: Radio, hand: Hand, counter_us: int, ppm: float) -> SimulatedForceBoard:
        return SimulatedForceBoard(radio, hand, seed=1, clock=ToolClock(ppm=ppm))

    def send_garbage(self, value: bytes) -> None:
        self.peripheral.send_raw(value)
