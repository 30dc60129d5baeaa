"""How somebody has made a pressure tool of a load cell: which way it measures, how true it is, what tip is on it."""

from dataclasses import dataclass
from math import isfinite, pi
from typing import Final

from firmware_bridge.tool import TipShape

TIP_1_CM2_MM: Final = 11.3
"""Diameter of a flat tip of 1 cm², the one that most published thresholds were measured with."""

LEAST_GAIN: Final = 0.5
MOST_GAIN: Final = 2.0
"""A device further from the truth than this measures something else, or in another unit."""

SMALLEST_TIP_MM: Final = 5.0
WIDEST_TIP_MM: Final = 100.0


@dataclass(frozen=True, slots=True)
class Rig:
    """A load cell with a tip. `gain`: true newtons for each newton it says; `invert`: pressing reads negative.

    Raises ValueError, which says what to do, for values that no rig has.
    """

    invert: bool = False
    gain: float = 1.0
    tip_shape: TipShape = TipShape.FLAT
    tip_diameter_mm: float = TIP_1_CM2_MM

    def __post_init__(self) -> None:
        if not (isfinite(self.gain) and LEAST_GAIN <= self.gain <= MOST_GAIN):
            raise ValueError(f"a gain of {self.gain:g} is not between {LEAST_GAIN:g} and {MOST_GAIN:g}: calibrate anew")
        if not SMALLEST_TIP_MM <= self.tip_diameter_mm <= WIDEST_TIP_MM:
            raise ValueError(
                f"a tip of {self.tip_diameter_mm:g} mm is not between {SMALLEST_TIP_MM:g} and {WIDEST_TIP_MM:g} mm"
            )

    @property
    def factor(self) -> float:
        """Newtons of pressing for each newton that the device says."""
        return -self.gain if self.invert else self.gain

    @property
    def contact_area_mm2(self) -> float:
        """Area of the tip's outline, mm²."""
        return pi * self.tip_diameter_mm**2 / 4


REFERENCE_RIG: Final = Rig()
"""A flat tip of 1 cm² on a true cell that reads a push as positive."""
