"""What is believed of a person's force at "5" before they have said anything.

From published upper-trapezius pressure-pain thresholds (medians 36.8 N men, 24.4 N women on a flat 1 cm² tip, ln-SD
0.45), half of the people with an active point (x 0.75), and tolerance = 1.20 PPT + 4.7 N (Hou 2002).
"""

from dataclasses import dataclass
from math import exp, log, sqrt

from protocols.site import REFERENCE_TIP_MM, TIP_EXPONENT, Muscle, Site

SITE_RATIO = {
    Muscle.UPPER_TRAPEZIUS: 1.0,
    Muscle.LEVATOR_SCAPULAE: 1.2,
    Muscle.SUBOCCIPITAL: 0.7,
    Muscle.STERNOCLEIDOMASTOID: 0.5,
}
"""Threshold relative to the upper trapezius (unverified)."""

LN_PPT = (log(36.8) + log(24.4)) / 2 + log(0.75) / 2
LN_PPT_SD = sqrt(0.45**2 + (log(36.8 / 24.4) / 2) ** 2 + (log(0.75) / 2) ** 2)
DAY_SD = 0.15 * sqrt(2) + 0.03
"""ln-spread of today's force at 5 around that of an earlier day: both days vary, and it was not measured exactly."""

UPPER_QUARTER = 0.75
"""Three of four people are below this percentile: where an approach freezes, and where its first limit lies."""

TOLERANCE_PER_PPT = 1.20
TOLERANCE_OFFSET_N = 4.7
TOLERANCE_RATIO = (1.15, 2.2)
"""Tolerance over threshold stays within these."""


@dataclass(frozen=True, slots=True)
class Prior:
    """The natural logarithm of the force at 5 (newtons) is normal; `slope` is d ln(discomfort) / d ln(force)."""

    ln_five: float
    ln_sd: float
    slope: float
    scale: float

    def force_n(self, rating: float, z: float = 0.0) -> float:
        """Return the force at `rating` for the person `z` spreads from the middle, newtons."""
        return exp(self.ln_five + z * self.ln_sd + log(rating / 5) / self.slope)


def prior_for(site: Site, tip_diameter_mm: float, known_five_n: float | None = None) -> Prior:
    """Return the belief for this site and tip; `known_five_n` is the force at 5 of an earlier session."""
    scale = SITE_RATIO[site.muscle] * (tip_diameter_mm / REFERENCE_TIP_MM) ** TIP_EXPONENT
    if known_five_n is not None:
        return Prior(log(known_five_n), DAY_SD, slope_for(known_five_n, scale), scale)
    ppt_n = exp(LN_PPT)
    slope = _slope(ppt_n)
    return Prior(LN_PPT + log(scale) + log(5 / 3) / slope, LN_PPT_SD, slope, scale)


def slope_for(five_n: float, scale: float) -> float:
    """Return the slope of a person whose force at 5 is `five_n`, where thresholds are `scale` times the reference.

    discomfort = 3 (F / PPT)^slope, and 10 at tolerance, so slope = ln(10/3) / ln(tolerance / PPT).
    """
    ppt_n = five_n / scale / 1.15
    for _ in range(3):
        ppt_n = five_n / scale / (5 / 3) ** (1 / _slope(ppt_n))
    return _slope(ppt_n)


def _slope(ppt_n: float) -> float:
    ratio = TOLERANCE_PER_PPT + TOLERANCE_OFFSET_N / ppt_n
    return log(10 / 3) / log(min(max(ratio, TOLERANCE_RATIO[0]), TOLERANCE_RATIO[1]))
