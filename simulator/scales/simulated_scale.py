"""A load cell on the radio that somebody has put a tip on: what all makers' have in common."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import ClassVar, Final, Self

import numpy as np
from bumble.device import Device
from bumble.gatt import Service

from simulator.force_source import ForceSource
from simulator.load_cell import CellTraits, LoadCell
from simulator.radio import ADVERTISING_INTERVAL_MS, Radio
from simulator.tool_clock import ToolClock

CELL_STREAM: Final = 0x5C
"""Keeps the cell's noise apart from the person's, which the same seed draws."""


class SimulatedScale(ABC):
    """A scale on the radio, from `start` to `close`; also an async context manager.

    `ended` is set when the force source has no more, or fails; `close` raises what it failed with. `clock`: the
    device's offset and drift. `offset_n`: what it says with nothing on it. `pushes_negative`: it measures tension, and
    the rig turns a push into a negative pull.
    """

    rate_hz: ClassVar[int]
    traits: ClassVar[CellTraits]

    def __init__(
        self,
        radio: Radio,
        force: ForceSource,
        *,
        seed: int = 0,
        clock: ToolClock | None = None,
        pushes_negative: bool = False,
    ) -> None:
        self.ended = asyncio.Event()
        self.offset_n = 0.0
        self.force = force
        self._radio = radio
        self._clock = self._drift = clock or ToolClock()
        self._seed = seed
        self._sign = -1.0 if pushes_negative else 1.0
        self._device: Device | None = None
        self._sampler: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    @property
    @abstractmethod
    def name(self) -> str:
        """The name that it advertises."""

    @property
    def device(self) -> Device:
        """The Bumble device; raises LookupError unless started."""
        if self._device is None:
            raise LookupError(f"{self.name} is not on the radio: start() first")
        return self._device

    @property
    def address(self) -> str:
        """Where it is on the radio."""
        return self.device.random_address.to_string(with_type_qualifier=False)

    async def start(self) -> None:
        """Switch on: advertise and measure."""
        self._device = await self._radio.add_peripheral(
            self.name,
            self._services(),
            advertising_data=self._advertisement(),
            advertising_interval_ms=self._advertising_interval_ms,
        )
        self._power_up()

    async def close(self) -> None:
        """Take it off the radio."""
        await self._power_down()
        device, self._device = self._device, None
        if device is not None:
            await self._radio.remove_peripheral(device)
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def reboot(self, off_s: float = 0.5) -> None:
        """Cut the power for a while: counters begin anew."""
        self._radio.faults.power_cut(self.address)
        await self._power_down()
        await asyncio.sleep(off_s)
        self._radio.faults.power_back(self.address)
        self._power_up()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    _advertising_interval_ms = ADVERTISING_INTERVAL_MS

    @abstractmethod
    def _services(self) -> Iterable[Service]:
        """Return what a client finds."""

    @abstractmethod
    def _advertisement(self) -> bytes:
        """Return what it advertises."""

    @abstractmethod
    def _sampled(self, force_n: float, at_us: int) -> None:
        """Take a reading, newtons as the device measures them, at a time of its clock that is not wrapped."""

    @abstractmethod
    def _switched_on(self) -> None:
        """Begin anew."""

    def _power_up(self) -> None:
        self._clock = replace(self._drift, power_up_ns=_now_ns())
        self._cell = LoadCell(self.traits, np.random.SeedSequence(self._seed, spawn_key=(CELL_STREAM,)))
        self._switched_on()
        self._sampler = asyncio.create_task(self._sample(), name=f"scale {self.name}")

    async def _power_down(self) -> None:
        sampler, self._sampler = self._sampler, None
        if sampler is not None:
            sampler.cancel()
            await asyncio.wait([sampler])

    async def _sample(self) -> None:
        next_us = self._clock.offset_us
        while not self.ended.is_set():
            next_us += 1_000_000 // self.rate_hz
            at_ns = self._clock.host_ns(next_us)
            await asyncio.sleep(max(0, at_ns - _now_ns()) / 1e9)
            try:
                force_n = self.force.force_n(at_ns)
                # What a button would say nobody hears: it has none.
                self.force.button_edges(at_ns)
                if force_n is None:
                    self.ended.set()
                else:
                    read_n = self.offset_n + self._sign * self._cell.read(force_n, next_us).force_n
                    self._sampled(read_n, next_us)
            except Exception as error:  # noqa: BLE001 (kept for close)
                self._failure = error
                self.ended.set()


def _now_ns() -> int:
    return round(asyncio.get_running_loop().time() * 1e9)
