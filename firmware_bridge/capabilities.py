"""What each kind of tool can do: one table, for drivers, `holdwell scan` and the documentation.

Figures of load cells are the makers' or those of public clients; none was measured on a device by this project.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from firmware_bridge.rig import Rig
from firmware_bridge.tool import Actuator, Features, TipShape, ToolKind
from firmware_bridge.units import NEWTONS_PER_KG, NEWTONS_PER_LB
from protocols.coarseness import too_coarse


class Transport(Enum):
    """How it talks."""

    CONNECTION = "connection"
    ADVERTISEMENTS = "advertisements alone"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One kind of tool: newtons, hertz.

    `own_clock`: samples carry the device's time. `own_guard`: it can be armed and lets the person go by itself.
    `own_zero`: it sets its zero itself; otherwise the app does. `own_cues`, `own_button`: it can be noticed; pressed.
    """

    kind: str
    title: str
    transport: Transport
    rate_hz: int
    capacity_n: float
    resolution_n: float
    noise_floor_n: float
    own_clock: bool
    own_guard: bool = False
    own_zero: bool = False
    own_cues: bool = False
    own_button: bool = False
    tells_battery: bool = False

    @property
    def credits(self) -> bool:
        """Whether its steps are fine enough to credit a hold."""
        return not too_coarse(self.resolution_n)

    @property
    def takes_rig(self) -> bool:
        """Whether somebody has to say what tip is on it."""
        return not self.own_zero

    def features(self, rig: Rig) -> Features:
        """Return what a load cell of this kind is, with this rig."""
        return Features(
            major=0,
            minor=0,
            kind=ToolKind.OTHER,
            tip_shape=rig.tip_shape,
            capacity_n=self.capacity_n * rig.gain,
            contact_area_mm2=round(rig.contact_area_mm2) if rig.tip_shape is TipShape.FLAT else 0,
            tip_diameter_mm=rig.tip_diameter_mm,
            hardness_shore_a=None,
            min_rate_hz=self.rate_hz,
            max_rate_hz=self.rate_hz,
            actuators=Actuator.NONE,
            noise_floor_n=self.noise_floor_n,
            resolution_n=self.resolution_n * rig.gain,
            can_arm=self.own_guard,
            has_button=self.own_button,
        )


HOLDWELL: Final = Capabilities(
    kind="holdwell",
    title="Holdwell tool",
    transport=Transport.CONNECTION,
    rate_hz=100,
    capacity_n=327.66,
    resolution_n=0.01,
    noise_floor_n=0.02,
    own_clock=True,
    own_guard=True,
    own_zero=True,
    own_cues=True,
    own_button=True,
    tells_battery=True,
)
"""As much as the profile allows; each tool says its own in Features."""

PROGRESSOR: Final = Capabilities(
    kind="progressor",
    title="Tindeq Progressor or a clone",
    transport=Transport.CONNECTION,
    rate_hz=80,
    capacity_n=150 * NEWTONS_PER_KG,
    resolution_n=0.01 * NEWTONS_PER_KG,
    noise_floor_n=0.05,
    own_clock=True,
    tells_battery=True,
)
"""150 kg and 80 Hz are the maker's; resolution and noise are assumed, the wire carries more digits."""

WHC06: Final = Capabilities(
    kind="whc06",
    title="WH-C06 hook scale",
    transport=Transport.ADVERTISEMENTS,
    rate_hz=8,
    capacity_n=300 * NEWTONS_PER_KG,
    resolution_n=0.01 * NEWTONS_PER_KG,
    noise_floor_n=0.1,
    own_clock=False,
)
"""300 kg is printed on the scale; the other figures are those of public clients."""

FORCE_BOARD: Final = Capabilities(
    kind="force-board",
    title="PitchSix Force Board",
    transport=Transport.CONNECTION,
    rate_hz=80,
    capacity_n=500 * NEWTONS_PER_LB,
    resolution_n=NEWTONS_PER_LB,
    noise_floor_n=NEWTONS_PER_LB / 2,
    own_clock=False,
)
"""Whole pounds are the wire's; capacity and rate are assumed, and do not matter for a log."""

TABLE: Final = {one.kind: one for one in (HOLDWELL, PROGRESSOR, WHC06, FORCE_BOARD)}
"""By the name of the driver."""
