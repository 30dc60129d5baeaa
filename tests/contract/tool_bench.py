"""What the contract suite needs of every kind of tool: one on the simulated radio, and its driver in an app."""

import asyncio
import functools
import gc
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import ClassVar, ParamSpec, Self

from bleak.backends.device import BLEDevice

from firmware_bridge import capabilities, discovery
from firmware_bridge.capabilities import Capabilities
from firmware_bridge.tool import Dropped, ForceBlock, OnSignal, Signal, Tool, ToolEvent
from firmware_bridge.tools.holdwell import HoldwellTool
from simulator.firmware import Firmware
from simulator.peripherals import SimulatedTool
from simulator.radio import Radio
from simulator.tool_clock import ToolClock
from simulator.tool_output import Actuate, Channel, Send
from simulator.virtual_time import run_virtual


class Hand:
    """A force source that does as told."""

    def __init__(self) -> None:
        self.steady_n = 0.0
        self.edges: list[tuple[int, bool]] = []
        self.felt: list[tuple[int, Actuate]] = []

    def force_n(self, now_ns: int) -> float | None:
        return self.steady_n

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        due = [edge for edge in self.edges if edge[0] <= until_ns]
        self.edges = self.edges[len(due) :]
        return due

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        self.felt.append((now_ns, actuate))


class ToolBench(ABC):
    """One tool and one driver, not connected yet. `signals` is what the driver told so far."""

    kind: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    rates_hz: ClassVar[tuple[int, int]]

    def __init__(self, radio: Radio, hand: Hand, device: BLEDevice) -> None:
        self.radio, self.hand, self.device = radio, hand, device
        self.signals: list[Signal] = []
        self.tool: Tool = self.make_tool()

    @classmethod
    @abstractmethod
    def opened(
        cls, bonds: Path | None = None, counter_us: int = 0, ppm: float = 0.0
    ) -> AbstractAsyncContextManager[Self]:
        """Put both on the radio. `bonds`: the folder where both sides keep theirs."""

    @abstractmethod
    def make_tool(self, on_signal: OnSignal | None = None) -> Tool:
        """Make a driver; its signals go to `signals` unless told otherwise."""

    @abstractmethod
    def send_garbage(self, value: bytes) -> None:
        """Send these bytes on every channel that the driver listens to."""

    @abstractmethod
    async def reboot(self) -> None:
        """Switch the tool off and on."""

    async def break_link(self) -> None:
        """Have the link broken, and wait until the driver must know."""
        self.radio.faults.disconnect(self.device.address)
        await asyncio.sleep(0.5)

    @property
    @abstractmethod
    def garbage(self) -> int:
        """How many values the driver left out."""

    @property
    def blocks(self) -> list[ForceBlock]:
        return [signal for signal in self.signals if isinstance(signal, ForceBlock)]

    @property
    def events(self) -> list[ToolEvent]:
        return [signal for signal in self.signals if isinstance(signal, ToolEvent)]

    @property
    def drops(self) -> int:
        return self.signals.count(Dropped.LINK)

    @property
    def forces_n(self) -> list[float]:
        return [force_n for block in self.blocks for force_n in block.forces_n]


class HoldwellBench(ToolBench):
    kind = "holdwell"
    capabilities = capabilities.HOLDWELL
    rates_hz = (10, 100)

    def __init__(self, radio: Radio, hand: Hand, device: BLEDevice, peripheral: SimulatedTool) -> None:
        self.peripheral = peripheral
        super().__init__(radio, hand, device)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, bonds: Path | None = None, counter_us: int = 0, ppm: float = 0.0
    ) -> AsyncIterator["HoldwellBench"]:
        hand = Hand()
        async with Radio(seed=1) as radio:
            await radio.adapter(bonds=bonds and bonds / "app.json")
            peripheral = SimulatedTool(
                radio,
                Firmware(seed=1),
                hand,
                clock=ToolClock(offset_us=counter_us, ppm=ppm),
                bonds=bonds and bonds / "tool.json",
            )
            async with peripheral:
                found = await discovery.find(peripheral.firmware.local_name, radio.backend)
                bench = cls(radio, hand, found.device, peripheral)
                try:
                    yield bench
                finally:
                    await bench.tool.disconnect()

    def make_tool(self, on_signal: OnSignal | None = None) -> HoldwellTool:
        on_signal = on_signal or self.signals.append
        return HoldwellTool(self.device, on_signal=on_signal, radio=self.radio.backend)

    def send_garbage(self, value: bytes) -> None:
        for channel in Channel:
            self.peripheral._do([Send(channel, value)], now_ns())

    async def reboot(self) -> None:
        await self.peripheral.reboot()

    @property
    def garbage(self) -> int:
        assert isinstance(self.tool, HoldwellTool)
        return self.tool.garbage


def now_ns() -> int:
    return round(asyncio.get_running_loop().time() * 1e9)


P = ParamSpec("P")


def virtual(test: Callable[P, Coroutine[object, object, None]]) -> Callable[P, None]:
    """Run an async test on virtual time; it fails for tasks left behind and errors that nobody looked at."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        unseen: list[dict[str, object]] = []

        async def main() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
            await test(*args, **kwargs)
            # What was cancelled last needs some rounds of the loop to end.
            for _ in range(20):
                await asyncio.sleep(0)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left, left

        run_virtual(main)
        gc.collect()
        assert not unseen, unseen

    return run
