"""Which driver a device on the air needs: how each kind is recognised, and made."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from firmware_bridge import capabilities, wire, wire_force_board, wire_progressor, wire_whc06
from firmware_bridge.capabilities import Capabilities
from firmware_bridge.gatt import Radio
from firmware_bridge.rig import REFERENCE_RIG, Rig
from firmware_bridge.tool import OnSignal, Tool
from firmware_bridge.tools.force_board import ForceBoard
from firmware_bridge.tools.holdwell import HoldwellTool
from firmware_bridge.tools.progressor import Progressor
from firmware_bridge.tools.whc06 import WHC06


class MakeTool(Protocol):
    """How a driver is made; `rig` means nothing to a tool that knows its own tip."""

    def __call__(
        self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None, rig: Rig = REFERENCE_RIG
    ) -> Tool:
        """Return a driver that is not connected yet."""


@dataclass(frozen=True, slots=True)
class Driver:
    """One kind of tool: what it can do, whether an advertisement is one of its, and how its driver is made."""

    capabilities: Capabilities
    recognises: Callable[[str, AdvertisementData], bool]
    make: MakeTool

    @property
    def kind(self) -> str:
        """Its name."""
        return self.capabilities.kind


def recognised(name: str, heard: AdvertisementData) -> Driver | None:
    """Return the driver for what advertises so, under this name; None for anything that is no tool."""
    return next((driver for driver in DRIVERS.values() if driver.recognises(name, heard)), None)


_LOCAL_NAME: Final = re.compile(r"hw-[0-9a-f]{4}", re.IGNORECASE)


def _is_holdwell(name: str, heard: AdvertisementData) -> bool:
    return wire.SERVICE in heard.service_uuids or _LOCAL_NAME.fullmatch(name) is not None


def _is_progressor(name: str, heard: AdvertisementData) -> bool:
    return wire_progressor.SERVICE in heard.service_uuids or name.startswith(wire_progressor.NAME_PREFIX)


def _is_whc06(name: str, heard: AdvertisementData) -> bool:
    data = heard.manufacturer_data.get(wire_whc06.COMPANY_ID, b"")
    return name == wire_whc06.LOCAL_NAME or data.startswith(wire_whc06.HEAD)


def _is_force_board(name: str, heard: AdvertisementData) -> bool:
    return wire_force_board.FORCE_SERVICE in heard.service_uuids or name.startswith(wire_force_board.NAME_PREFIX)


def _holdwell(
    device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None, rig: Rig = REFERENCE_RIG
) -> HoldwellTool:
    del rig
    return HoldwellTool(device, on_signal=on_signal, radio=radio)


DRIVERS: Final = {
    driver.kind: driver
    for driver in (
        Driver(capabilities.HOLDWELL, _is_holdwell, _holdwell),
        Driver(capabilities.PROGRESSOR, _is_progressor, Progressor),
        Driver(capabilities.WHC06, _is_whc06, WHC06),
        Driver(capabilities.FORCE_BOARD, _is_force_board, ForceBoard),
    )
}
"""By name."""
