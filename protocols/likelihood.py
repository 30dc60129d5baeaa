"""How likely is what was said, for somebody who felt so much: one value for each of many people.

`points` is what each of them felt, `noise` the spread of their answers; both in points, arrays of one length.
"""

from typing import Final

import numpy as np

from protocols.chances import cdf
from protocols.plan import EDGE
from protocols.quasi import Floats

HIGHEST: Final = 10
MISSED: Final = 0.08
"""Share of taps that never come, or come later. The default population's (dose.md)."""

AGAIN: Final = 1.0
"""A press that was forgotten, or not understood, is made again so many points later."""


def of_number(rating: int, points: Floats, noise: Floats) -> Floats:
    """Return the chance of this answer: what is felt, and its noise, rounded; the ends take all that is beyond them."""
    above = cdf((rating + EDGE - points) / noise) if rating < HIGHEST else 1.0
    below = cdf((rating - EDGE - points) / noise) if rating > 0 else 0.0
    return np.asarray(above - below, dtype=np.float64)


def of_tap(level: float, before: Floats, points: Floats, noise: Floats) -> Floats:
    """Return the chance that a tap awaited at `level` is decided on the way from `before` to `points`, not earlier."""
    chance = np.zeros(len(points))
    for at, share in ((level, 1.0), (level + AGAIN, MISSED)):
        chance += share * (cdf((points - at) / noise) - cdf((before - at) / noise))
    return chance


def of_silence(level: float, points: Floats, noise: Floats) -> Floats:
    """Return the chance of no tap yet, awaited at `level`, of somebody who felt no more than `points` until now."""
    first, second = cdf((level - points) / noise), cdf((level + AGAIN - points) / noise)
    return (1.0 - MISSED) * first + MISSED * second + MISSED**3
