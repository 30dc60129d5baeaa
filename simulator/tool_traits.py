"""What distinguishes one simulated tool from another."""

from dataclasses import dataclass, field, replace

from firmware_bridge.tool import Actuator, Features, TipShape, ToolKind
from simulator.firmware_power import PowerTraits
from simulator.load_cell import CellTraits

FLAT_TOOL = Features(
    major=1,
    minor=0,
    kind=ToolKind.HANDHELD,
    tip_shape=TipShape.FLAT,
    capacity_n=200.0,
    contact_area_mm2=100,
    tip_diameter_mm=11.3,
    hardness_shore_a=None,
    min_rate_hz=10,
    max_rate_hz=100,
    actuators=Actuator.LIGHT | Actuator.HAPTIC | Actuator.SOUNDER,
    noise_floor_n=0.020,
)
"""The simulated tool unless told otherwise: handheld, flat tip of 1 cm²."""

BALL = replace(
    FLAT_TOOL, kind=ToolKind.BALL, tip_shape=TipShape.SPHERE, contact_area_mm2=0, tip_diameter_mm=16.0, capacity_n=300.0
)
"""The simulated ball. What touches of a sphere in soft tissue is smaller than the sphere: 16 mm, a design choice."""


@dataclass(frozen=True, slots=True)
class ToolTraits:
    """One simulated tool. `serial` ends in four hex digits, which its names carry."""

    serial: str = "HW00000001"
    features: Features = FLAT_TOOL
    cell: CellTraits = field(default_factory=CellTraits)
    power: PowerTraits = field(default_factory=PowerTraits)

    @property
    def digits(self) -> str:
        """The last four hex digits of the serial number."""
        return self.serial[-4:].upper()

    @property
    def name(self) -> str:
        """The GAP device name."""
        return f"Holdwell {'Ball' if self.features.kind is ToolKind.BALL else 'Tool'} {self.digits}"

    @property
    def local_name(self) -> str:
        """The shortened name that fits an advertisement."""
        return f"HW-{self.digits}"
