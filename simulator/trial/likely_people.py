"""Many people drawn from one population, and how likely each is: what a particle filter carries along.

They are told apart by the model of the simulated body itself, so nothing is lost but what chance leaves out.
"""

from functools import lru_cache
from math import log
from typing import Self

import numpy as np

from protocols.chances import cdf
from protocols.quasi import Floats
from protocols.site import Site
from simulator.body import MOST_ACCEPTED, PAIN_BEGINS
from simulator.population import Population, draw_traits

SMALLEST_FELT_N = 0.1
LEAST_NOISE = 0.05

KEPT = 0.99
"""How far somebody who is drawn again keeps their place; the rest comes from the spread of all (Liu and West 2001)."""

LEAST = 1e-9
"""Nobody is ever ruled out altogether, as likelihood beside the likeliest: arithmetic alone must not decide."""

_PPT, _DAY, _SLOPE, _HABITUATION, _TAU, _NOISE = range(6)


class LikelyPeople:
    """`rows` has a column each for ln threshold, ln of today's factor, ln slope, habituation, ln time constant, noise.

    Forces are felt forces in newtons, `adapted` goes from 0 to 1 with contact as habituation does.
    """

    def __init__(self, rows: Floats, noise_range: tuple[float, float], day_ln_sd: float) -> None:
        self._noise_range, self._day_ln_sd = noise_range, day_ln_sd
        self.weights: Floats = np.full(len(rows), 1.0 / len(rows))
        self.adapted: Floats = np.zeros(len(rows))
        self._kept_for_s = 0.0
        self._kept: Floats = np.ones(1)
        self._take(rows)

    @classmethod
    def of(cls, population: Population, site: Site, size: int, rng: np.random.Generator) -> Self:
        """Return so many people of a population, as they are today at this site."""
        drawn = _drawn(population, site, size)
        rows = np.insert(drawn, _DAY, rng.normal(0.0, population.day_ln_sd, size), axis=1)
        return cls(rows, population.answer_noise_range, population.day_ln_sd)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.weights)

    @property
    def effective(self) -> float:
        """How many equally likely people would say as much."""
        # Not a product of vectors: so long, it would be shared out among threads, which costs a hundred times more.
        return 1.0 / float(np.square(self.weights).sum())

    @property
    def noise_sd(self) -> Floats:
        """Spread of each one's answers, points; nobody is taken to be without any, or one answer would tell all."""
        return np.maximum(self._rows[:, _NOISE], LEAST_NOISE)

    def pass_time(self, seconds: float, *, touching: bool) -> None:
        """Let everybody get used to a contact, or recover from it."""
        if seconds != self._kept_for_s:
            self._kept_for_s, self._kept = seconds, np.exp(-seconds / self._tau_s)
        end = 1.0 if touching else 0.0
        self.adapted = end + (self.adapted - end) * self._kept

    def discomfort(self, felt_n: float, ago_s: float = 0.0) -> Floats:
        """Return what each would feel, or felt in this contact so long ago, points."""
        ln_force = log(max(felt_n, SMALLEST_FELT_N))
        return np.exp(self._ln_pain + self._slope * (ln_force - self._shift(-ago_s)))

    def ln_force(self, points: float, ahead_s: float = 0.0) -> Floats:
        """Return the ln of the felt force at which each would feel this, so much later in the same contact."""
        return np.asarray((log(points) - self._ln_pain) / self._slope + self._shift(ahead_s), dtype=np.float64)

    def learn(self, likelihood: Floats) -> None:
        """Weigh everybody by how likely what was observed is for them, up to a factor."""
        highest = float(likelihood.max())
        if highest > 0.0:
            weights = self.weights * np.maximum(likelihood, LEAST * highest)
            self.weights = weights / weights.sum()

    def heard_number(self, rating: int, points: Floats) -> None:
        """Learn from a number, when each felt `points`."""
        above = cdf((rating + 0.5 - points) / self.noise_sd) if rating < MOST_ACCEPTED else 1.0
        below = cdf((rating - 0.5 - points) / self.noise_sd) if rating > 0 else 0.0
        self.learn(np.asarray(above - below, dtype=np.float64))

    def draw_again(self, size: int, rng: np.random.Generator) -> None:
        """Replace everybody by `size` equally likely people with nearly the same means and spreads."""
        mean = (self.weights[:, None] * self._rows).sum(axis=0)
        away = self._rows - mean
        covariance = np.einsum("i,ij,ik->jk", self.weights, away, away)
        places = (np.arange(size) + rng.random()) / size
        chosen = np.minimum(np.searchsorted(np.cumsum(self.weights), places), self.size - 1)
        kick = rng.multivariate_normal(np.zeros(len(mean)), covariance, size, check_valid="ignore", method="eigh")
        rows = mean + KEPT * away[chosen] + (1.0 - KEPT**2) ** 0.5 * kick
        adapted = self.adapted[chosen]
        rows[:, _NOISE] = np.clip(rows[:, _NOISE], *self._noise_range)
        self.weights, self.adapted = np.full(size, 1.0 / size), adapted
        self._take(rows)

    def wake_up(self, size: int, rng: np.random.Generator) -> None:
        """Begin another day, rested: what was learned of the person stays, today's factor is unknown."""
        self.draw_again(size, rng)
        rows = self._rows.copy()
        rows[:, _DAY] = rng.normal(0.0, self._day_ln_sd, size)
        self.adapted = np.zeros(size)
        self._take(rows)

    def _take(self, rows: Floats) -> None:
        self._rows = rows
        self._slope = np.exp(rows[:, _SLOPE])
        self._tau_s = np.exp(rows[:, _TAU])
        self._kept_for_s = 0.0
        self._ln_pain = log(PAIN_BEGINS)
        self._threshold = rows[:, _PPT] + rows[:, _DAY]

    def _shift(self, seconds: float) -> Floats:
        adapted = self.adapted
        if seconds != 0.0:
            adapted = np.clip(1.0 + (adapted - 1.0) * np.exp(-seconds / self._tau_s), 0.0, 1.0)
        return np.asarray(self._threshold + np.log1p(self._rows[:, _HABITUATION] * adapted), dtype=np.float64)


@lru_cache(maxsize=2)
def _drawn(population: Population, site: Site, size: int) -> Floats:
    # The same for everybody in a trial: only how they are today is drawn anew.
    rng = np.random.default_rng(_PEOPLE_STREAM)
    rows = []
    for _ in range(size):
        traits = draw_traits(rng, site=site, population=population)
        body = traits.body
        ln_slope = log(log(MOST_ACCEPTED / PAIN_BEGINS) / log(body.tolerance_n / body.ppt_n))
        rows.append((log(body.ppt_n), ln_slope, body.habituation, log(body.tau_s), traits.rater.noise_sd))
    drawn = np.array(rows)
    drawn.setflags(write=False)
    return drawn


_PEOPLE_STREAM = 5
"""Not a seed that a trial would draw its own people from."""
