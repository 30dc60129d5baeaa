"""A simulated heart-rate strap: the standard service, once a second, with the RR intervals since the last time."""

import asyncio
from types import TracebackType
from typing import Final, Self

from bumble.core import UUID
from bumble.device import Device
from bumble.gatt import Service

from firmware_bridge import wire_heart_rate as wire
from simulator.advertisement import advertising_bytes
from simulator.heart import Heart, HeartTraits
from simulator.radio import Radio
from simulator.scales.notifier import Notifier

NAME: Final = "Strap 0001"
_ADVERTISED: Final = "180D"
"""The service in 16 bits, as it goes on the air."""

_SECONDS_PER_MINUTE: Final = 60


class SimulatedStrap:
    """One strap on the radio, from `start` to `close`; also an async context manager. `seed` makes its heart."""

    def __init__(self, radio: Radio, *, seed: int = 0, traits: HeartTraits | None = None, name: str = NAME) -> None:
        self.name = name
        self._radio = radio
        self._heart = Heart(traits or HeartTraits(), seed)
        self._notifier = Notifier(wire.MEASUREMENT)
        self._device: Device | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it is on the radio; raises LookupError unless started."""
        if self._device is None:
            raise LookupError(f"{self.name} is not on the radio: start() first")
        return self._device.random_address.to_string(with_type_qualifier=False)

    async def start(self) -> None:
        """Switch on."""
        self._device = await self._radio.add_peripheral(
            self.name,
            [Service(UUID(wire.SERVICE), [self._notifier.characteristic])],
            advertising_data=advertising_bytes(service_uuids=(_ADVERTISED,), name=self.name),
        )
        self._notifier.attach(self._device)
        self._beating = asyncio.create_task(self._beat(), name=f"strap {self.name}")

    async def close(self) -> None:
        """Take it off the radio."""
        beating, self._beating = self._beating, None
        if beating is not None:
            beating.cancel()
            await asyncio.wait([beating])
        device, self._device = self._device, None
        if device is not None:
            await self._radio.remove_peripheral(device)

    def send_raw(self, value: bytes) -> None:
        """Send these bytes as a measurement."""
        self._notifier.notify(value)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        beat_s = told_s = loop.time()
        newest_s = self._heart.next_interval_s(beat_s)
        while True:
            told_s += 1.0
            intervals: list[float] = []
            while beat_s + newest_s <= told_s:
                beat_s += newest_s
                intervals.append(newest_s)
                newest_s = self._heart.next_interval_s(beat_s)
            await asyncio.sleep(max(0.0, told_s - loop.time()))
            bpm = round(_SECONDS_PER_MINUTE / newest_s)
            self._notifier.notify(wire.encode(wire.HeartRate(bpm, contact=True, rr_s=tuple(intervals))))
