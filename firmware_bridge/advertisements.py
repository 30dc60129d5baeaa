"""Hearing one device's advertisements, as long as somebody wants to."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError

from firmware_bridge.errors import LinkError, RadioError
from firmware_bridge.gatt import Radio, radio_errors

_ENDS: Final = (BleakError, EOFError, OSError, TimeoutError)


class Listening:
    """Has `on_heard` called with the manufacturer data of `company_id` in each advertisement of one device.

    The call comes from the Bluetooth stack's own callback. `radio`: None for the system's Bluetooth.
    """

    def __init__(self, address: str, company_id: int, on_heard: Callable[[bytes], None], radio: Radio | None) -> None:
        self._address, self._company_id, self._on_heard = address, company_id, on_heard
        self._radio = radio
        self._scanner: BleakScanner | None = None

    async def begin(self, name: str) -> None:
        """Listen from now on. Raises LinkError, in which the device is called `name`."""
        backend = None if self._radio is None else self._radio.scanner
        try:
            with radio_errors():
                scanner = BleakScanner(self._heard, scanning_mode="active", backend=backend)
                await scanner.start()
        except RadioError as error:
            raise LinkError(name, str(error)) from error
        self._scanner = scanner

    async def end(self) -> None:
        """Listen no more; never raises."""
        scanner, self._scanner = self._scanner, None
        if scanner is not None:
            with suppress(*_ENDS):
                await scanner.stop()

    def _heard(self, device: BLEDevice, advertisement: AdvertisementData) -> None:
        data = advertisement.manufacturer_data.get(self._company_id)
        if data is not None and self._scanner is not None and device.address == self._address:
            self._on_heard(data)
