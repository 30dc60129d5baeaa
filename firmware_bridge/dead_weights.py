"""What dead weights, put on and taken off again, say of a load cell: its slope, its residuals, its hysteresis."""

from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

MOST_RESIDUAL: Final = 0.02
MOST_HYSTERESIS: Final = 0.02
"""As shares of the heaviest weight. A good cell has a tenth of that; one beyond it is damaged, or rubs somewhere."""

FEWEST_WEIGHTS: Final = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One weight, or none: true newtons, and the newtons that were said going up and coming down."""

    true_n: float
    up_n: float
    down_n: float


@dataclass(frozen=True, slots=True)
class Fit:
    """The straight line through all readings.

    `gain`: true newtons for each newton said; `offset_n`: said with nothing on it, by the line; `residual_n`: the
    largest distance of a reading from the line; `hysteresis_n`: the largest difference between down and up. The last
    two in true newtons.
    """

    gain: float
    offset_n: float
    residual_n: float
    hysteresis_n: float
    highest_n: float

    @property
    def residual_share(self) -> float:
        """The residual as a share of the heaviest weight."""
        return self.residual_n / self.highest_n

    @property
    def hysteresis_share(self) -> float:
        """The hysteresis as a share of the heaviest weight."""
        return self.hysteresis_n / self.highest_n

    @property
    def is_good(self) -> bool:
        """Whether a cell like this can be trusted with one gain."""
        return self.residual_share <= MOST_RESIDUAL and self.hysteresis_share <= MOST_HYSTERESIS


def fitted(points: list[Point]) -> Fit:
    """Fit said = offset + true / gain by least squares.

    Raises ValueError, which says what to do, for weights that tell nothing.
    """
    if len({point.true_n for point in points}) < FEWEST_WEIGHTS:
        raise ValueError(f"{FEWEST_WEIGHTS} different weights are the fewest that show whether it is a straight line")
    true_n = np.array([point.true_n for point in points for _ in range(2)])
    said_n = np.array([said for point in points for said in (point.up_n, point.down_n)])
    slope, offset_n = np.polynomial.Polynomial.fit(true_n, said_n, 1).convert().coef[::-1]
    if not (isfinite(slope) and slope > 0):
        raise ValueError("more weight reads as less force: hang it the other way round, or set --invert")
    gain = 1 / float(slope)
    residual_n = float(np.max(np.abs(said_n - offset_n - slope * true_n))) * gain
    hysteresis_n = max(abs(point.down_n - point.up_n) for point in points) * gain
    return Fit(gain, float(offset_n), residual_n, hysteresis_n, float(true_n.max()))
