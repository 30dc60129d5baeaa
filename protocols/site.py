"""Where a tool may press: muscle and side, with the highest force each may ever take."""

from dataclasses import dataclass
from enum import StrEnum

from protocols.errors import UnknownNameError

REFERENCE_TIP_MM = 11.3
"""Diameter of a flat tip of 1 cm², the one the caps and the published thresholds refer to."""

TIP_EXPONENT = 0.75
"""Tolerated force grows with tip diameter to this power: 3.3 times the pressure from 13 to 5 mm (derived)."""


class Muscle(StrEnum):
    """The muscles that are offered. The front of the neck is not among them and never will be."""

    UPPER_TRAPEZIUS = "upper-trapezius"
    LEVATOR_SCAPULAE = "levator-scapulae"
    SUBOCCIPITAL = "suboccipital"
    STERNOCLEIDOMASTOID = "sternocleidomastoid"


class Side(StrEnum):
    """Left or right; never both at once."""

    LEFT = "left"
    RIGHT = "right"


CAP_N = {
    Muscle.UPPER_TRAPEZIUS: 60.0,
    Muscle.LEVATOR_SCAPULAE: 60.0,
    Muscle.SUBOCCIPITAL: 35.0,
    Muscle.STERNOCLEIDOMASTOID: 20.0,
}
"""Highest force with a flat 1 cm² tip, newtons. A design choice, not a published limit."""

NEEDS_SHOWING = frozenset({Muscle.STERNOCLEIDOMASTOID})
"""Off until the person says that a clinician showed it to them; pinch grip only."""


@dataclass(frozen=True, slots=True)
class Site:
    """One muscle on one side."""

    muscle: Muscle
    side: Side

    @classmethod
    def named(cls, name: str) -> "Site":
        """Return the site called `name`, such as ``upper-trapezius-left``.

        Raises UnknownNameError, which lists the names there are.
        """
        for site in ALL_SITES:
            if site.name == name:
                return site
        raise UnknownNameError("site", name, tuple(site.name for site in ALL_SITES))

    @property
    def name(self) -> str:
        """The name that files, options and the journal use."""
        return f"{self.muscle}-{self.side}"

    def cap_n(self, tip_diameter_mm: float) -> float:
        """Return the highest force in newtons that this site may take from a tip of this diameter."""
        return CAP_N[self.muscle] * tip_factor(tip_diameter_mm)


ALL_SITES = tuple(Site(muscle, side) for muscle in Muscle for side in Side)


def tip_factor(diameter_mm: float) -> float:
    """Return by how much a smaller tip lowers a cap: (d / 11.3 mm)^0.75; larger tips get no more."""
    return float(min(1.0, (diameter_mm / REFERENCE_TIP_MM) ** TIP_EXPONENT))
