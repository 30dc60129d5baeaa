"""The driver for heart-rate straps and watches that share their heart rate: Heart Rate Service, 0x180D."""

from collections.abc import Callable

from firmware_bridge import wire_heart_rate as wire
from firmware_bridge.errors import UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.wearables.gatt_wearable import GattWearable
from firmware_bridge.wire_heart_rate import HeartRate

OnRate = Callable[[HeartRate], None]


class HeartRateStrap(GattWearable):
    """One strap.

    `on_rate` is called from the Bluetooth stack's callback and must only queue. `garbage` counts values that are none.
    """

    def __init__(self, wanted: str, on_rate: OnRate, radio: Radio | None = None) -> None:
        super().__init__(wanted, wire.SERVICE, radio)
        self.garbage = 0
        self._on_rate = on_rate

    async def _enter(self, connection: GattConnection) -> None:
        if not connection.has(wire.MEASUREMENT):
            raise UnsupportedToolError(connection.name, "shares no heart rate; switch that on in its settings")
        await connection.subscribe(wire.MEASUREMENT, self._measured)

    def _measured(self, data: bytes) -> None:
        try:
            self._on_rate(wire.decode(data))
        except WireError:
            self.garbage += 1
