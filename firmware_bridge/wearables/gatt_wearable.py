"""What every wearable over GATT has: found by name, one connection at a time."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from firmware_bridge.errors import LinkError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.wearables.finding import find_wearable

WRITE_LIMIT_S: Final = 2.0


class GattWearable(ABC):
    """Half of a driver, by name or address; implements `companion.Wearable`. `service`: what `any` looks for."""

    def __init__(self, wanted: str, service: str, radio: Radio | None = None) -> None:
        self._wanted, self._service, self._radio = wanted, service, radio
        self._connection: GattConnection | None = None

    async def connect(self, on_drop: Callable[[], None]) -> None:
        """Find it, connect, and enter what it offers. Raises BridgeError."""
        device = await find_wearable(self._wanted, self._service, self._radio)
        connection = self._connection = GattConnection(device, self._radio, on_drop)
        await connection.open()
        await self._enter(connection)

    async def disconnect(self) -> None:
        """Let go of it; never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    @abstractmethod
    async def _enter(self, connection: GattConnection) -> None:
        """Check what it offers, and subscribe."""

    async def _write(self, uuid: str, data: bytes) -> None:
        connection = self._connection
        if connection is None or not connection.is_connected:
            raise LinkError(self._wanted, "is not connected")
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                await connection.write(uuid, data)
        except TimeoutError as error:
            raise LinkError(self._wanted, f"took nothing for {WRITE_LIMIT_S:g} s") from error
