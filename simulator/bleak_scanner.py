"""bleak's scanner over a central."""

from typing import Any, ClassVar

from bleak.backends.scanner import AdvertisementDataCallback, BaseBleakScanner
from bumble.device import Advertisement

from simulator.advertisement import advertisement_data
from simulator.central import Central


class RadioScanner(BaseBleakScanner):
    """A scan; subclasses say with which central."""

    _central: ClassVar[Central]

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None = None,
        service_uuids: list[str] | None = None,
        scanning_mode: str = "active",
        **_platform: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        del scanning_mode  # the adapter is shared, and always scans actively

    async def start(self) -> None:
        """Scan from now on, with an empty list of devices."""
        self.seen_devices = {}
        await self._central.start_scanning(self, self._heard)

    async def stop(self) -> None:
        """Scan no more."""
        await self._central.stop_scanning(self)

    def _heard(self, advertisement: Advertisement) -> None:
        data = advertisement_data(advertisement)
        if not self.is_allowed_uuid(data.service_uuids):
            return
        key = advertisement.address.to_string(with_type_qualifier=False)
        known = self.seen_devices.get(key)
        name = data.local_name or (known[0].name if known else None)
        device = self.create_or_update_device(key, key, name, advertisement.address, data)
        self.call_detection_callbacks(device, data)
