"""GATT discovery, as the services, characteristics and descriptors of bleak."""

from collections.abc import Callable

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection

from simulator.advertisement import uuid_text
from simulator.quiet_host import AttClient


async def discover(
    att: AttClient, wanted: set[str] | None, write_size: Callable[[], int]
) -> BleakGATTServiceCollection:
    """Return the peer's services, those of the UUIDs `wanted` only if given.

    `write_size`: says how many bytes a write without response may have now. Raises Bumble's errors.
    """
    collection = BleakGATTServiceCollection()
    for found in await att.discover_services():
        uuid = uuid_text(found.uuid.to_bytes())
        if wanted is not None and uuid not in wanted:
            continue
        service = BleakGATTService(found, found.handle, uuid)
        collection.add_service(service)
        for proxy in await att.discover_characteristics((), found):
            characteristic = BleakGATTCharacteristic(
                proxy,
                proxy.handle,
                uuid_text(proxy.uuid.to_bytes()),
                sorted(gatt_char_props_to_strs(int(proxy.properties))),
                write_size,
                service,
            )
            collection.add_characteristic(characteristic)
            for descriptor in await att.discover_descriptors(proxy):
                uuid = uuid_text(descriptor.type.to_bytes())
                collection.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, uuid, characteristic))
    return collection
