"""Simulated watches on the radio: they keep what they were told, and their wearer may press a call's buttons."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from bumble.core import UUID
from bumble.device import Device
from bumble.gatt import Service

from firmware_bridge import wire_watch as wire
from simulator.advertisement import advertising_bytes
from simulator.gatt_profile import written_value
from simulator.radio import Radio
from simulator.scales.notifier import Notifier

ALERT_NOTIFICATION: Final = "00001811-0000-1000-8000-00805f9b34fb"
MUSIC_AND_CALLS: Final = "00020000-78fc-48fe-8e23-433b3a1942d0"


class SimulatedWatch(ABC):
    """One watch on the radio, from `start` to `close`; also an async context manager.

    `told`: (seconds of the loop's clock, characteristic, bytes), everything that was written to it.
    """

    name: str

    def __init__(self, radio: Radio) -> None:
        self.told: list[tuple[float, str, bytes]] = []
        self._radio = radio
        self._device: Device | None = None

    @property
    def address(self) -> str:
        """Where it is on the radio; raises LookupError unless started."""
        if self._device is None:
            raise LookupError(f"{self.name} is not on the radio: start() first")
        return self._device.random_address.to_string(with_type_qualifier=False)

    async def start(self) -> None:
        """Switch on."""
        self._device = await self._radio.add_peripheral(
            self.name, self._services(), advertising_data=advertising_bytes(name=self.name)
        )
        self._started(self._device)

    async def close(self) -> None:
        """Take it off the radio."""
        device, self._device = self._device, None
        if device is not None:
            await self._radio.remove_peripheral(device)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @abstractmethod
    def _services(self) -> Iterable[Service]:
        """Return what a client finds."""

    def _started(self, device: Device) -> None:  # noqa: B027 - most have nothing more to do
        """Serve on this device."""

    def _take(self, uuid: str, data: bytes) -> None:
        self.told.append((asyncio.get_running_loop().time(), uuid, data))


class SimulatedInfiniTime(SimulatedWatch):
    """A PineTime with InfiniTime."""

    name = "InfiniTime"

    def __init__(self, radio: Radio) -> None:
        super().__init__(radio)
        self._answers = Notifier(wire.CALL_ANSWER)

    def press(self, button: wire.CallAnswer) -> None:
        """Press a button of a call."""
        self._answers.notify(bytes([button]))

    def send_raw(self, value: bytes) -> None:
        """Send these bytes as an answer."""
        self._answers.notify(value)

    def _services(self) -> Iterable[Service]:
        alert = written_value(wire.ALERT_LEVEL, lambda data: self._take(wire.ALERT_LEVEL, data))
        new_alert = written_value(wire.NEW_ALERT, lambda data: self._take(wire.NEW_ALERT, data))
        return [
            Service(UUID(wire.IMMEDIATE_ALERT_SERVICE), [alert]),
            Service(UUID(ALERT_NOTIFICATION), [new_alert]),
            Service(UUID(MUSIC_AND_CALLS), [self._answers.characteristic]),
        ]

    def _started(self, device: Device) -> None:
        self._answers.attach(device)


class SimulatedBangle(SimulatedWatch):
    """A Bangle.js."""

    name = "Bangle.js 0001"

    @property
    def lines(self) -> list[str]:
        """The commands that have come whole."""
        text = b"".join(data for _, _, data in self.told).decode()
        return text.split("\n")[:-1]

    def _services(self) -> Iterable[Service]:
        write = written_value(wire.UART_WRITE, lambda data: self._take(wire.UART_WRITE, data))
        return [Service(UUID(wire.UART_SERVICE), [write])]
