"""The parts of a GATT server that every simulated device has."""

from collections.abc import Callable

from bumble.att import Attribute, AttributeValue
from bumble.core import UUID
from bumble.gatt import Characteristic, Service

DEVICE_INFORMATION = UUID(0x180A)
MANUFACTURER, MODEL, SERIAL, FIRMWARE_REVISION = UUID(0x2A29), UUID(0x2A24), UUID(0x2A25), UUID(0x2A26)
BATTERY, BATTERY_LEVEL = UUID(0x180F), UUID(0x2A19)


def device_information(manufacturer: str, model: str, serial: str, firmware: str) -> Service:
    """Return a Device Information service (0x180A), readable without pairing."""
    texts = {MANUFACTURER: manufacturer, MODEL: model, SERIAL: serial, FIRMWARE_REVISION: firmware}
    return Service(DEVICE_INFORMATION, [open_value(uuid, text.encode()) for uuid, text in texts.items()])


def battery(percent: Callable[[], int]) -> Service:
    """Return a Battery service (0x180F), readable without pairing; `percent` is asked at each read."""
    level: AttributeValue[bytes] = AttributeValue(read=lambda _connection: bytes([percent()]))
    return Service(BATTERY, [open_value(BATTERY_LEVEL, level)])


def open_value(uuid: UUID, value: bytes | AttributeValue[bytes]) -> "Characteristic[bytes]":
    """Return a characteristic that anybody may read."""
    return Characteristic(uuid, Characteristic.Properties.READ, Attribute.Permissions.READABLE, value)


def written_value(uuid: str, take: Callable[[bytes], None]) -> "Characteristic[bytes]":
    """Return a characteristic that anybody may write, with an answer or without; `take` gets what is written."""
    properties = Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE
    value: AttributeValue[bytes] = AttributeValue(write=lambda _connection, data: take(bytes(data)))
    return Characteristic(UUID(uuid), properties, Attribute.Permissions.WRITEABLE, value)
