"""Whom to expect: the cloud before anything is known of a person.

Thresholds by sex, active points and tolerance (Hou 2002) as published; habituation from Staud 2009, with more people
whose discomfort rises than he found, because they are the ones who get hurt.
"""

from math import log
from typing import Final

import numpy as np

from protocols.cloud import Cloud
from protocols.prior import SITE_RATIO, TOLERANCE_OFFSET_N, TOLERANCE_PER_PPT, TOLERANCE_RATIO
from protocols.quasi import normal, uniform
from protocols.site import REFERENCE_TIP_MM, TIP_EXPONENT, Site

SIZE: Final = 1000

PPT_MEN_N: Final = 36.8
PPT_WOMEN_N: Final = 24.4
PPT_LN_SD: Final = 0.45
ACTIVE_SHARE: Final = 0.5
ACTIVE_FACTOR: Final = 0.75
TOLERANCE_SD: Final = 0.12
"""Of the threshold: spread of the tolerance around Hou's line."""

DAY_LN_SD: Final = 0.15
HABITUATING_SHARE: Final = 0.75
HABITUATION: Final = (0.12, 0.045)
OTHERS: Final = (-0.02, 0.035)
TAU_S: Final = 28.0
TAU_LN_SD: Final = 0.4
"""`HABITUATION` and `OTHERS`: mean and spread."""

NOISE: Final = (0.45, 1.15, 2.2)
STEADY_SHARE: Final = 0.92
"""Spread of the answers, points: that share of people lies evenly between the first two values, the others between
the last two. Design choices: who answers more vaguely than most must be among the possible people, or is believed too
readily."""

LATE_SD_S: Final = 0.4
"""By how much people differ in how long force takes to be felt and said. A design choice."""


def strangers(site: Site, tip_diameter_mm: float, size: int = SIZE) -> Cloud:
    """Return the cloud for somebody of whom nothing is known, at this site under this tip."""
    u = uniform(size, 10)
    z = normal(size, 10)
    man, active = u[:, 0] < 0.5, u[:, 1] < ACTIVE_SHARE  # noqa: PLR2004 - half of the people
    ln_ppt = np.where(man, log(PPT_MEN_N), log(PPT_WOMEN_N)) + np.where(active, log(ACTIVE_FACTOR), 0.0)
    ln_ppt = ln_ppt + PPT_LN_SD * z[:, 2]
    ppt_n = np.exp(ln_ppt)
    ratio = TOLERANCE_PER_PPT + TOLERANCE_OFFSET_N / ppt_n + TOLERANCE_SD * z[:, 3]
    ln_slope = np.log(log(10 / 3) / np.log(np.clip(ratio, *TOLERANCE_RATIO)))
    habituates = u[:, 4] < HABITUATING_SHARE
    habituation = np.where(habituates, HABITUATION[0] + HABITUATION[1] * z[:, 5], OTHERS[0] + OTHERS[1] * z[:, 5])
    scale = SITE_RATIO[site.muscle] * (tip_diameter_mm / REFERENCE_TIP_MM) ** TIP_EXPONENT
    return Cloud(
        ln_ppt + log(scale),
        DAY_LN_SD * z[:, 6],
        ln_slope,
        habituation,
        log(TAU_S) + TAU_LN_SD * z[:, 7],
        np.log(np.interp(u[:, 8], (0.0, STEADY_SHARE, 1.0), NOISE)),
        LATE_SD_S * z[:, 9],
        np.full(size, 1.0 / size),
    )
