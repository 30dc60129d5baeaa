"""What every driver over GATT has: one connection at a time, time limits, drops told once."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge.errors import LinkError, UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.tool import DeviceInformation, Dropped, OnSignal

WRITE_LIMIT_S: Final = 2.0
"""Longest wait for the tool to take a request: some seconds are what a living link may need to repeat a packet,
and a heartbeat that is later is of no use. Then the link is given up."""


class GattTool(ABC):
    """Half of a driver; the other half says what is on the connection.

    `on_signal` is called from the Bluetooth stack's callback and must only queue. `radio`: None for the system's
    Bluetooth. `garbage` counts received values that no sender of the protocol would send; they go no further.
    """

    def __init__(self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None) -> None:
        self.garbage = 0
        self._device = device
        self._on_signal = on_signal
        self._radio = radio
        self._connection: GattConnection | None = None
        self._entered = False

    @property
    def name(self) -> str:
        """What the tool calls itself."""
        return self._device.name or self._device.address

    @property
    def address(self) -> str:
        """Where it is on the radio."""
        return self._device.address

    @property
    def is_connected(self) -> bool:
        """Whether there is a link now."""
        return self._connection is not None and self._connection.is_connected

    async def connect(self) -> None:
        """Connect, and enter what the tool offers. Raises ToolError."""
        await self.disconnect()
        try:
            await self._open()
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """Let go of the link; no Dropped signal follows. Safe at any time."""
        connection, self._connection = self._connection, None
        self._entered = False
        self._abandon("was disconnected")
        if connection is not None:
            await connection.close()

    async def information(self) -> DeviceInformation:
        """Read who made it and how full its battery is; absent characteristics are left empty."""
        battery = await self._read_if_there(_BATTERY_LEVEL)
        return DeviceInformation(
            manufacturer=_text(await self._read_if_there(_MANUFACTURER)),
            model=_text(await self._read_if_there(_MODEL)),
            serial=_text(await self._read_if_there(_SERIAL)),
            firmware=_text(await self._read_if_there(_FIRMWARE)),
            battery_percent=battery[0] if battery else None,
        )

    @abstractmethod
    async def _enter(self, connection: GattConnection) -> None:
        """Read what the tool is and subscribe, on a connection that is open."""

    @abstractmethod
    def _abandon(self, why: str) -> None:
        """Fail what waits for the tool."""

    async def _open(self) -> None:
        connection = GattConnection(self._device, self._radio, self._dropped)
        self._connection = connection
        await connection.open()
        await self._enter(connection)
        self._linked()
        self._entered = True

    def _require(self, connection: GattConnection, uuids: tuple[str, ...], kind: str) -> None:
        missing = [uuid for uuid in uuids if not connection.has(uuid)]
        if missing:
            raise UnsupportedToolError(self.name, f"is not a {kind}: it lacks {', '.join(missing)}")

    def _linked(self) -> GattConnection:
        if self._connection is None or not self._connection.is_connected:
            raise LinkError(self.name, "is not connected")
        return self._connection

    async def _read_if_there(self, uuid: str) -> bytes:
        connection = self._linked()
        return await connection.read(uuid) if connection.has(uuid) else b""

    async def _write_to(self, uuid: str, data: bytes) -> None:
        connection = self._linked()
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                await connection.write(uuid, data)
        except TimeoutError as error:
            connection.abandon()
            if connection is self._connection:
                self._dropped()
            raise LinkError(self.name, f"took no request for {WRITE_LIMIT_S:g} s") from error

    def _received(self, take: Callable[[bytes], None], data: bytes) -> None:
        try:
            take(data)
        except WireError:
            self.garbage += 1

    def _dropped(self) -> None:
        self._abandon("the link broke")
        # A link that breaks within `connect` is told by what `connect` raises.
        if self._entered:
            self._entered = False
            self._on_signal(Dropped.LINK)


# Assigned numbers of services 0x180A and 0x180F.
_MANUFACTURER: Final = "00002a29-0000-1000-8000-00805f9b34fb"
_MODEL: Final = "00002a24-0000-1000-8000-00805f9b34fb"
_SERIAL: Final = "00002a25-0000-1000-8000-00805f9b34fb"
_FIRMWARE: Final = "00002a26-0000-1000-8000-00805f9b34fb"
_BATTERY_LEVEL: Final = "00002a19-0000-1000-8000-00805f9b34fb"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").rstrip("\0").strip()
