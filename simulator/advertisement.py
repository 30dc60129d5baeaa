"""The bytes of an advertisement, both ways (Core Specification Supplement part A; Core vol. 3 part C 11)."""

from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_16, normalize_uuid_32
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

MOST_OCTETS = 31
"""What a legacy advertisement holds."""

_Type = AdvertisingData.Type
_UUIDS = {
    _Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _Type.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_LISTS = {
    2: _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    16: _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
}
_SERVICE_DATA = {
    _Type.SERVICE_DATA_16_BIT_UUID: 2,
    _Type.SERVICE_DATA_32_BIT_UUID: 4,
    _Type.SERVICE_DATA_128_BIT_UUID: 16,
}
_LE_ONLY_DISCOVERABLE = bytes(
    [AdvertisingData.BR_EDR_NOT_SUPPORTED_FLAG | AdvertisingData.LE_GENERAL_DISCOVERABLE_MODE_FLAG]
)


def advertising_bytes(
    *,
    service_uuids: tuple[str, ...] = (),
    short_name: str = "",
    name: str = "",
    tx_power_dbm: int | None = None,
    manufacturer_data: tuple[int, bytes] | None = None,
) -> bytes:
    """Return an advertisement with flags and what is given; raises ValueError beyond 31 octets."""
    structures: list[tuple[int, bytes]] = [(_Type.FLAGS, _LE_ONLY_DISCOVERABLE)]
    for size, kind in _LISTS.items():
        octets = [uuid.to_pdu_bytes() for uuid in map(UUID, service_uuids)]
        if joined := b"".join(uuid for uuid in octets if len(uuid) == size):
            structures.append((kind, joined))
    if short_name:
        structures.append((_Type.SHORTENED_LOCAL_NAME, short_name.encode()))
    if name:
        structures.append((_Type.COMPLETE_LOCAL_NAME, name.encode()))
    if tx_power_dbm is not None:
        structures.append((_Type.TX_POWER_LEVEL, tx_power_dbm.to_bytes(1, "little", signed=True)))
    if manufacturer_data is not None:
        company, data = manufacturer_data
        structures.append((_Type.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + data))
    octets_in_all = bytes(AdvertisingData(structures))
    if len(octets_in_all) > MOST_OCTETS:
        raise ValueError(f"an advertisement holds {MOST_OCTETS} octets, not {len(octets_in_all)}")
    return octets_in_all


def advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    """Return what bleak tells its callers about an advertisement; parts that make no sense are left out."""
    name: str | None = None
    manufacturer: dict[int, bytes] = {}
    services: list[str] = []
    service_data: dict[str, bytes] = {}
    tx_power: int | None = None
    for kind, data in advertisement.data.ad_structures:
        if size := _UUIDS.get(kind):
            parts = [data[at : at + size] for at in range(0, len(data) - size + 1, size)]
            services.extend(uuid for uuid in map(uuid_text, parts) if uuid not in services)
        elif kind == _Type.COMPLETE_LOCAL_NAME or (kind == _Type.SHORTENED_LOCAL_NAME and name is None):
            name = data.decode(errors="replace")
        elif kind == _Type.MANUFACTURER_SPECIFIC_DATA and len(data) >= 2:  # noqa: PLR2004 (company identifier)
            manufacturer[int.from_bytes(data[:2], "little")] = data[2:]
        elif kind == _Type.TX_POWER_LEVEL and len(data) == 1:
            tx_power = int.from_bytes(data, "little", signed=True)
        elif (size := _SERVICE_DATA.get(kind)) and len(data) >= size:
            service_data[uuid_text(data[:size])] = data[size:]
    return AdvertisementData(name, manufacturer, service_data, services, tx_power, advertisement.rssi, ())


def uuid_text(octets: bytes) -> str:
    """Return the text that bleak uses for a UUID of 2, 4 or 16 octets, little-endian as on the air."""
    match len(octets):
        case 2:
            return normalize_uuid_16(int.from_bytes(octets, "little"))
        case 4:
            return normalize_uuid_32(int.from_bytes(octets, "little"))
        case _:
            text = octets[::-1].hex()
            return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
