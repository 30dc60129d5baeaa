"""A cloud of possible people: what each would feel, how likely each is, and how the cloud learns.

Each member is a complete person under the model

    discomfort = 3 (felt / (PPT today (1 + h)))^slope,   h = habituation x g(t)

where g goes from 0 to 1 with the member's own time constant in contact, and back after release.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Final, Self

import numpy as np

from protocols.quasi import Floats, normal

LN_3: Final = log(3.0)

SHRINK: Final = 0.97
"""How far a redrawn member keeps its place: the rest is drawn from the cloud's own spread (Liu and West 2001)."""

FEWEST: Final = 0.5
"""The cloud is redrawn when its effective size falls below this share."""

STRIDES: Final = (601, 367, 769, 887, 523, 241, 439, 947)
"""Members and what moves them are each in an order: without another stride each time they would move alike. Primes,
so that every row is met once, whatever the size."""

SMALLEST_LIKELIHOOD: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Members by column; all arrays have one length and are not written to.

    `ln_ppt`: usual threshold, ln newtons. `day`: today's difference from it. `ln_slope`, `habituation` (final share,
    either sign), `ln_tau` (ln seconds), `ln_noise` (ln points): see the module. `late_s`: seconds by which an answer
    comes later than usual after the force that it is about, either sign. `weights` sum to 1. `drawn` counts how often
    the cloud was drawn.
    """

    ln_ppt: Floats
    day: Floats
    ln_slope: Floats
    habituation: Floats
    ln_tau: Floats
    ln_noise: Floats
    late_s: Floats
    weights: Floats
    drawn: int = 0

    @classmethod
    def of(cls, rows: Floats, weights: Floats, drawn: int = 0) -> Self:
        """Return the cloud of these members, each a row as in `columns`."""
        ln_ppt, day, ln_slope, habituation, ln_tau, ln_noise, late_s = rows.T.copy()
        return cls(ln_ppt, day, ln_slope, habituation, ln_tau, ln_noise, late_s, weights, drawn)

    @property
    def size(self) -> int:
        """How many members there are."""
        return len(self.weights)

    @property
    def slope(self) -> Floats:
        """D ln(discomfort) / d ln(force) of each member."""
        return _exp(self)[0]

    @property
    def tau_s(self) -> Floats:
        """Time constant of each member's habituation, seconds."""
        return _exp(self)[1]

    @property
    def effective(self) -> float:
        """How many equally likely members would say as much, as a share of the size."""
        return 1.0 / float(self.size * (self.weights @ self.weights))

    def reweighted(self, likelihood: Floats) -> Self:
        """Return the cloud after something of this likelihood was observed, up to a factor."""
        highest = float(likelihood.max())
        if not highest > 0.0:
            return self
        weights = self.weights * np.maximum(likelihood, SMALLEST_LIKELIHOOD * highest)
        return replace(self, weights=weights / weights.sum())

    def moved(self, by: float, steeper: float) -> Self:
        """Return the cloud with every threshold `by` higher, ln newtons, and every slope `steeper` times as steep."""
        return replace(self, ln_ppt=self.ln_ppt + by, ln_slope=self.ln_slope + log(steeper))

    def redrawn(self) -> Self:
        """Return a cloud of equally likely members with nearly the same mean and spread, the unlikely ones gone."""
        columns = self.columns
        mean = self.weights @ columns
        away = columns - mean
        covariance = (away * self.weights[:, None]).T @ away
        root = np.linalg.cholesky(covariance + np.diag(np.full(len(mean), 1e-10)))
        places = (np.arange(self.size) + 0.5) / self.size
        chosen = np.minimum(np.searchsorted(np.cumsum(self.weights), places), self.size - 1)
        order = np.arange(self.size) * STRIDES[self.drawn % len(STRIDES)] % self.size
        kick = normal(self.size, len(mean))[order] @ root.T
        new = mean + SHRINK * away[chosen] + (1.0 - SHRINK**2) ** 0.5 * kick
        return self.of(new, np.full(self.size, 1.0 / self.size), self.drawn + 1)

    @property
    def columns(self) -> Floats:
        """The members as rows of ln_ppt, day, ln_slope, habituation, ln_tau, ln_noise, late_s."""
        return np.column_stack(
            (self.ln_ppt, self.day, self.ln_slope, self.habituation, self.ln_tau, self.ln_noise, self.late_s)
        )


@lru_cache(maxsize=16)
def _exp(cloud: Cloud) -> tuple[Floats, Floats]:
    # Kept: needed several times a second, and a cloud changes with an answer only.
    return np.exp(cloud.ln_slope), np.exp(cloud.ln_tau)
