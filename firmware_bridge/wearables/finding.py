"""Finding a wearable on the air by its name or address, or the nearest of a kind."""

import asyncio
from contextlib import aclosing

from bleak import BleakScanner
from bleak.backends.device import BLEDevice

from firmware_bridge.errors import ToolNotFoundError
from firmware_bridge.gatt import Radio, radio_errors

FIND_S = 10.0
ANY = "any"
"""Instead of a name: the first that offers the service."""


async def find_wearable(wanted: str, service: str, radio: Radio | None, seconds: float = FIND_S) -> BLEDevice:
    """Return the device of this name or address; `ANY`: the first heard that offers `service`.

    Raises ToolNotFoundError and RadioError.
    """
    name = " ".join(wanted.casefold().split())
    backend = None if radio is None else radio.scanner
    with radio_errors():
        async with BleakScanner(backend=backend) as scanner:
            try:
                async with asyncio.timeout(seconds), aclosing(scanner.advertisement_data()) as adverts:
                    async for device, heard in adverts:
                        told = {
                            device.address.casefold(),
                            *(n.casefold() for n in (device.name, heard.local_name) if n),
                        }
                        if name in told or (name == ANY and service in heard.service_uuids):
                            return device
            except TimeoutError:
                pass
    raise ToolNotFoundError(wanted, "not in reach; switch it on, put it on, and close other apps that use it")
