"""What a cloud of possible people would feel at a force, at one instant.

Discomfort at a felt force F is exp(at_one_n + slope ln F) for each member; everything asked here follows from that.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, sqrt
from typing import Final, Self

import numpy as np

from protocols.quasi import Floats

SMALLEST_FELT_N: Final = 0.5
HIGHEST_POINTS: Final = 10.0
LN_MOST_POINTS: Final = log(12.0)


@dataclass(frozen=True, slots=True)
class Belief:
    """Discomfort at one instant: points, and the chances of being in band, at 7 and at 8 or more."""

    mean: float
    sd: float
    p_band: float
    p_seven: float
    p_eight: float


def between(before: Belief, after: Belief, count: int) -> tuple[Belief, ...]:
    """Return the beliefs at the samples of a packet: felt force is slow, so a straight line is near enough."""
    if count == 1 or before is after:
        return (after,) * count
    believed = []
    for i in range(1, count):
        x = i / count
        y = 1.0 - x
        believed.append(
            Belief(
                y * before.mean + x * after.mean,
                y * before.sd + x * after.sd,
                y * before.p_band + x * after.p_band,
                y * before.p_seven + x * after.p_seven,
                y * before.p_eight + x * after.p_eight,
            )
        )
    return (*believed, after)


NOTHING_FELT: Final = Belief(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """Members by column, all of one length: `at_one_n` is ln points at 1 N, `slope` d ln(points) / d ln(force).

    `weights` sum to 1. `heeding`: the same with the silence so far taken into account. The force that is felt as r is
    log-normal over the members: ln F = inverse ln r - offset, as means over the members.
    """

    at_one_n: Floats
    slope: Floats
    weights: Floats
    heeding: Floats
    inverse: float
    offset: float

    @classmethod
    def of(cls, at_one_n: Floats, slope: Floats, weights: Floats, silent: Floats | None = None) -> Self:
        """Return the outlook; `silent` is each member's chance of having said nothing so far, if that counts."""
        share = weights / slope
        heeding = weights
        if silent is not None:
            heeding = weights * silent
            heeding /= heeding.sum()
        return cls(at_one_n, slope, weights, heeding, float(share.sum()), float(share @ at_one_n))

    def belief(self, felt_n: float, low_edge: float, high_edge: float) -> Belief:
        """Return what is believed at a felt force, newtons, silence heeded; the edges are those of the band, points."""
        if felt_n < SMALLEST_FELT_N:
            return NOTHING_FELT
        ln_points = self.at_one_n + self.slope * log(felt_n)
        weights = self.heeding
        points = np.minimum(np.exp(ln_points), HIGHEST_POINTS)
        mean = float(weights @ points)
        spread = sqrt(max(float(weights @ (points * points)) - mean * mean, 0.0))
        # One product for all four: this runs for every packet.
        low, high, seven, eight = ((ln_points >= _ln_edges(low_edge, high_edge)) @ weights).tolist()
        return Belief(mean, spread, max(low - high, 0.0), min(seven, 1.0), min(eight, 1.0))

    def force_n(self, rating: float) -> float:
        """Return the force that would be felt as `rating`, newtons, silence left out."""
        return exp(self.inverse * log(rating) - self.offset)

    def ln_spread(self, rating: float) -> float:
        """Return how well that force is known: standard deviation of its logarithm."""
        away = (log(rating) - self.at_one_n) / self.slope - (self.inverse * log(rating) - self.offset)
        return sqrt(max(float(self.weights @ (away * away)), 0.0))

    def at_most_n(self, force_n: float, rating: float, chance: float) -> float:
        """Return the highest force up to `force_n`, newtons, at which the chance of `rating` or more is `chance`."""
        forces_n, likely = _in_order(self, rating)
        return min(force_n, float(forces_n[min(int(np.searchsorted(likely, chance)), len(likely) - 1)]))

    def chance(self, rating: float, force_n: float) -> float:
        """Return the chance that a force, newtons, is felt as `rating` or more, silence left out."""
        return float(self.weights @ (self.at_one_n + self.slope * log(force_n) >= log(rating)))

    def points(self, felt_n: float, ln_late: Floats | float = 0.0) -> Floats:
        """Return what each member would feel at a felt force, newtons, times e^`ln_late`: points, at most 12."""
        return np.exp(np.minimum(self.at_one_n + self.slope * (log(felt_n) + ln_late), LN_MOST_POINTS))


@lru_cache(maxsize=4)
def _in_order(outlook: Outlook, rating: float) -> tuple[Floats, Floats]:
    """Return the forces at which the members feel `rating`, newtons, rising, and how likely each or a lower one is."""
    # Kept, for an outlook holds for several packets.
    ln_forces = (log(rating) - outlook.at_one_n) / outlook.slope
    order = np.argsort(ln_forces)
    return np.exp(ln_forces[order]), np.cumsum(outlook.weights[order])


@lru_cache
def _ln_edges(low_edge: float, high_edge: float) -> Floats:
    """Return the edges of the band, 7 and 8 as a column of logarithms."""
    return np.asarray(np.log([[low_edge], [high_edge], [7.0], [8.0]]), dtype=np.float64)
