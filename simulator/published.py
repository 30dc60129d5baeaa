"""Published figures that the simulated world is checked against, and how far from them it may be.

Tolerances are design choices. A figure that was published as a range has none: inside is right, outside is not.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """One figure: `low` and `high` are equal where one number was published. `allowed`: the distance it may be off."""

    quantity: str
    unit: str
    low: float
    high: float
    allowed: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A published figure and what the simulated world makes of it, in its unit."""

    published: Published
    simulated: float

    @property
    def difference(self) -> float:
        """How far the simulated figure is from the nearest published one: below 0 it is less."""
        nearest = min(max(self.simulated, self.published.low), self.published.high)
        return self.simulated - nearest

    @property
    def is_within(self) -> bool:
        """Whether the difference is no more than allowed."""
        return abs(self.difference) <= self.published.allowed


def near(quantity: str, unit: str, value: float, *, by: float) -> Published:
    """Return one published number and how far off it may be, in its unit."""
    return Published(quantity, unit, value, value, by)


def between(quantity: str, unit: str, low: float, high: float) -> Published:
    """Return a published range."""
    return Published(quantity, unit, low, high, 0.0)


SAG_BINS_S = ((0.0, 5.0), (5.0, 10.0), (10.0, 15.0), (0.0, 80.0))
SAG_SHARE = 0.05
SAG = {
    "by hand": (8.30, 7.87, 7.58, 7.27),
    "hand tool": (8.80, 8.73, 8.50, 8.22),
}
"""Pressure without feedback in N/cm², means over `SAG_BINS_S`, n = 30 (PMC8623383)."""

PAIN_PAIRS = ((3.9, 2.4, False), (4.0, 1.8, False), (3.9, 4.6, True), (4.6, 5.3, True))
PAIN_AFTER_S = 30.0
"""Pain at constant pressure on the trapezius, at first and 30 s later, and whether people's pain rises: two groups of
healthy people, two with fibromyalgia (Staud 2009, PMC2751583)."""


def discomfort_of(pain: float) -> float:
    """Return discomfort for pain, which is 0 at the pressure-pain threshold where discomfort is 3 (derived)."""
    return 3.0 + 0.7 * pain


def sag_figures(held: str) -> tuple[Published, ...]:
    """Return what was published about one way of holding, in the order of `SAG_BINS_S`."""
    return tuple(
        near(f"{held}, {begin:g}-{end:g} s", "N/cm²", value, by=SAG_SHARE * value)
        for (begin, end), value in zip(SAG_BINS_S, SAG[held], strict=True)
    )


def pain_figure(before: float, after: float, *, rises: bool) -> Published:
    """Return the discomfort that a pain at constant force becomes in `PAIN_AFTER_S`."""
    who = "rising" if rises else "habituating"
    quantity = f"{who}, from {discomfort_of(before):.1f}"
    return near(quantity, "points", discomfort_of(after), by=0.5)


TOLERANCE_SLOPE = near("slope on threshold", "", 1.20, by=0.1)
TOLERANCE_INTERCEPT = near("intercept", "kg/cm²", 0.48, by=0.2)
"""Hou 2002, n = 119. His correlation of 0.83 holds measurement noise, too, and is not compared."""

PPT_MEN = near("men, median", "N", 36.81, by=0.1 * 36.81)
PPT_WOMEN = near("women, median", "N", 24.37, by=0.1 * 24.37)
PPT_LN_SD = tuple(between(f"{sex}, SD of the logarithm", "", 0.40, 0.60) for sex in ("men", "women"))
"""Upper trapezius, 1 cm² tip, people without a trigger point (UWO-Algometer norms). 0.54 and 0.60 follow from their
quartiles; 0.38 and 0.45 were measured elsewhere."""

STEADINESS = between("variation in a hold", "%", 4.0, 4.5)
"""Coefficient of variation (PMC3631578)."""

CORRECTION = between("begins after", "ms", 230.0, 250.0)
"""PMC6230778, where force begins to drift that long after the display stops telling the truth."""

TIPS_MM = (5.0, 13.0)
TIP_RATIO = near("pressure, 5 mm over 13 mm", "", 3.3, by=0.4)
