"""The driver for heart-rate straps and watches that share their heart rate: Heart Rate Service, 0x180D."""

from collections.abc import Callable

from firmware_bridge import wire_heart_rate as wire
from firmware_bridge.errors import UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.wearables.finding import find_wearable
from firmware_bridge.wire_heart_rate import HeartRate

OnRate = Callable[[HeartRate], None]


class HeartRateStrap:
    """One strap, by name or address; implements `companion.Wearable`.

    `on_rate` is called from the Bluetooth stack's callback and must only queue. `garbage` counts values that are none.
    """

    def __init__(self, wanted: str, on_rate: OnRate, radio: Radio | None = None) -> None:
        self.garbage = 0
        self._wanted, self._on_rate, self._radio = wanted, on_rate, radio
        self._connection: GattConnection | None = None

    async def connect(self, on_drop: Callable[[], None]) -> None:
        """Find it, connect, subscribe. Raises BridgeError."""
        device = await find_wearable(self._wanted, wire.SERVICE, self._radio)
        connection = self._connection = GattConnection(device, self._radio, on_drop)
        await connection.open()
        if not connection.has(wire.MEASUREMENT):
            raise UnsupportedToolError(connection.name, "shares no heart rate; switch that on in its settings")
        await connection.subscribe(wire.MEASUREMENT, self._measured)

    async def disconnect(self) -> None:
        """Let go of it; never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _measured(self, data: bytes) -> None:
        try:
            self._on_rate(wire.decode(data))
        except WireError:
            self.garbage += 1
