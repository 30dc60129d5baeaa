"""Finding tools on the air: what is in reach, and the one that somebody means by a name."""

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from firmware_bridge.drivers import Driver, recognised
from firmware_bridge.errors import ToolNotFoundError
from firmware_bridge.gatt import Radio, radio_errors

SCAN_S: Final = 5.0
"""Several times the 1 s that a sleepy tool may advertise with."""


@dataclass(frozen=True, slots=True)
class FoundTool:
    """A tool in reach. `driver` can talk to it; `device` is what that driver wants."""

    address: str
    name: str
    rssi_dbm: int
    driver: Driver = field(compare=False)
    device: BLEDevice = field(compare=False)


async def scan(radio: Radio | None = None, seconds: float = SCAN_S) -> list[FoundTool]:
    """Listen for tools this long; nearest first. `radio` None: the system's Bluetooth. Raises RadioError."""
    found: dict[str, FoundTool] = {}
    with radio_errors():
        seen = await BleakScanner.discover(seconds, return_adv=True, **_backend(radio))
    for device, heard in seen.values():
        tool = _recognised(device, heard)
        if tool is not None:
            found[tool.address] = tool
    return sorted(found.values(), key=lambda tool: (-tool.rssi_dbm, tool.address))


async def find(name_or_address: str, radio: Radio | None = None, seconds: float = SCAN_S) -> FoundTool:
    """Find the tool somebody means, as soon as it is heard.

    `name_or_address`: the advertised name (`HW-1A2B`), the full one (`Holdwell Tool 1A2B`), or the address;
    case does not matter. Raises ToolNotFoundError, which says what was in reach instead, and RadioError.
    """
    wanted = _wanted(name_or_address)
    seen: dict[str, FoundTool] = {}
    with radio_errors():
        async with BleakScanner(**_backend(radio)) as scanner:
            try:
                async with asyncio.timeout(seconds), aclosing(scanner.advertisement_data()) as adverts:
                    async for device, heard in adverts:
                        tool = _recognised(device, heard)
                        if tool is None:
                            continue
                        if wanted in _names(tool, heard):
                            return tool
                        seen[tool.address] = tool
            except TimeoutError:
                pass
    raise ToolNotFoundError(name_or_address, _absent(sorted(seen.values(), key=lambda tool: tool.name)))


_FULL_NAME: Final = re.compile(r"holdwell (?:tool|ball) ([0-9a-f]{4})")


def _recognised(device: BLEDevice, heard: AdvertisementData) -> FoundTool | None:
    name = heard.local_name or device.name or device.address
    driver = recognised(name, heard)
    return None if driver is None else FoundTool(device.address, name, heard.rssi, driver, device)


def _wanted(name_or_address: str) -> str:
    # The full name has no room in the advertisement: its number does.
    name = " ".join(name_or_address.casefold().split())
    full = _FULL_NAME.fullmatch(name)
    return f"hw-{full[1]}" if full else name


def _names(tool: FoundTool, heard: AdvertisementData) -> set[str]:
    told = (tool.name, tool.address, tool.device.name or "", heard.local_name or "")
    return {_wanted(name) for name in told if name}


def _absent(seen: list[FoundTool]) -> str:
    if not seen:
        return "not in reach, and no other tool is; switch it on, bring it near, close other apps that use it"
    return f"not in reach; in reach: {', '.join(f'{tool.name} ({tool.address})' for tool in seen)}"


def _backend(radio: Radio | None) -> BleakScanner.ExtraArgs:
    return {} if radio is None else {"backend": radio.scanner}
