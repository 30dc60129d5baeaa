"""What the person probably feels now: force history and answers in, a distribution of the present discomfort out.

This file is the seam behind which the model can be replaced: the engine uses `Discomfort.begin`, `sampled`, `answered`,
`said_below`, `said_above`, and the questions at the end of the class, nothing else.

The model: discomfort = 5 (felt / five)^slope, where `five`, the force at 5, differs by person and grows with contact
(habituation). Its logarithm is believed to be normal. Felt force is force through a first-order lag. Until the first
answer, silence counts: a person who would have tapped by now has a higher five.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, inf, log, sqrt
from statistics import NormalDist
from typing import Self

from protocols.contact import CONTACT_N
from protocols.gaussian import cdf, learn_above, learn_below, learn_value
from protocols.prior import Prior, slope_for

FELT_LAG_S = 1.0
"""Time constant from force to felt force. A design choice."""

ANSWER_SD = 0.95
"""Spread of a single answer around the discomfort, points (derived: 0.5-1.2 between people, and rounding)."""

TAP_SD = 1.0
"""Spread of the discomfort at which a person taps for "it is 5", points."""

SILENCE_LAG_NS = 800_000_000
"""Who has not tapped by now was not yet at 5 this long ago (a tap takes 0.5-0.8 s)."""

HABITUATION = 0.10
HABITUATION_SD = 0.05
HABITUATION_TAU_S = 28.0
"""By what share the force at 5 grows during contact, its spread between people, and how fast (derived, Staud 2009)."""

SMALLEST_VAR = 0.02**2
"""Nobody's force at 5 is known better than to 2 %, however often they answer."""

MEMORY_NS = 5_000_000_000
"""How far back an answer may refer."""

SMALLEST_FELT_N = 0.5
LOWEST_POINT = 2.5
"""Answers of 0-2 only say "below 2.5": on a power law their own distance means little."""

_Z = tuple(-3.2 + 0.16 * i for i in range(41))
_Z_WEIGHT = tuple(exp(-0.5 * z * z) for z in _Z)
_LN_5, _LN_7, _LN_8 = log(5), log(7), log(8)
_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True)
class Belief:
    """Discomfort at one instant: points, and the chances of being in band, at 7 and at 8 or more."""

    mean: float
    sd: float
    p_band: float
    p_seven: float
    p_eight: float


NOTHING_FELT = Belief(0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Discomfort:
    """An immutable belief; every method that learns returns a new one."""

    prior: Prior
    low_edge: float
    high_edge: float
    ln_five: float
    var: float
    slope: float
    habituated: float = 0.0
    felt_n: float = 0.0
    sampled_ns: int | None = None
    found: bool = False
    ln_silent: float = -inf
    past: tuple[tuple[int, float], ...] = ()

    @classmethod
    def begin(cls, prior: Prior, low_edge: float, high_edge: float) -> Self:
        """Return the belief before the first touch; the edges are those of the band, on the continuous scale."""
        return cls(prior, low_edge, high_edge, prior.ln_five, prior.ln_sd**2, prior.slope)

    def sampled(self, first_ns: int, period_ns: int, forces_n: tuple[float, ...]) -> tuple[Self, tuple[Belief, ...]]:
        """Return the belief after a packet of valid forces, and what was felt at each of its samples."""
        before = first_ns - period_ns if self.sampled_ns is None else self.sampled_ns
        felt = self.felt_n
        keep = exp(-period_ns * 1e-9 / FELT_LAG_S)
        felt += (forces_n[0] - felt) * (1.0 - exp(-max(first_ns - before, 0) * 1e-9 / FELT_LAG_S))
        trace = [felt]
        for force in forces_n[1:]:
            felt = force + (felt - force) * keep
            trace.append(felt)
        last_ns = first_ns + (len(forces_n) - 1) * period_ns
        return self._after(trace, last_ns, max(last_ns - before, 0) * 1e-9, touching=forces_n[-1] > CONTACT_N)

    def answered(self, rating: int, felt_then_n: float) -> Self:
        """Return the belief after the person put the force they felt then at `rating`."""
        if rating < LOWEST_POINT:
            return self.said_below(LOWEST_POINT, felt_then_n)
        if felt_then_n < SMALLEST_FELT_N:
            return self
        value = log(felt_then_n) - log(rating / 5) / self.slope - self._grown
        return self._learned(*learn_value(self.ln_five, self.var, value, ANSWER_SD / (rating * self.slope)))

    def said_below(self, edge: float, felt_then_n: float) -> Self:
        """Return the belief after the person said that the force they felt then was below `edge` points."""
        if felt_then_n < SMALLEST_FELT_N:
            return self
        value = log(felt_then_n) - log(edge / 5) / self.slope - self._grown
        return self._learned(*learn_above(self.ln_five, self.var, value, ANSWER_SD / (edge * self.slope)))

    def said_above(self, edge: float, felt_then_n: float) -> Self:
        """Return the belief after the person said that the force they felt then was above `edge` points."""
        if felt_then_n < SMALLEST_FELT_N:
            return self
        value = log(felt_then_n) - log(edge / 5) / self.slope - self._grown
        return self._learned(*learn_below(self.ln_five, self.var, value, ANSWER_SD / (edge * self.slope)))

    def settled(self) -> Self:
        """Return the belief with the force at 5 found: silence means nothing now, and the slope follows from it."""
        slope = slope_for(exp(self.ln_five), self.prior.scale)
        return replace(self, found=True, ln_silent=-inf, slope=slope)

    def felt_at(self, at_ns: int) -> float:
        """Return the felt force at an instant of the last seconds, newtons; the oldest known if it is further back."""
        best = self.felt_n if not self.past else self.past[0][1]
        for when, felt in self.past:
            if when > at_ns:
                break
            best = felt
        return best

    def force_n(self, rating: float) -> float:
        """Return the force that would now be felt as `rating`, newtons."""
        return exp(self.ln_five + self._grown + log(rating / 5) / self.slope)

    def force_with_chance(self, rating: float, chance: float) -> float:
        """Return the felt force at which the chance of `rating` or more is `chance`, newtons."""
        return self.force_n(rating) * exp(_STANDARD.inv_cdf(chance) * sqrt(self.var))

    @property
    def five_n(self) -> float:
        """The force at 5 of this person at rest, newtons."""
        return exp(self.ln_five)

    def five_quantile_n(self, share: float) -> float:
        """Return the force at 5 that is not exceeded with chance `share`, silence left out, newtons.

        Before any answer it is that of the prior, at rest; after one, which was given in contact, that of now.
        """
        grown = 0.0 if self.ln_five == self.prior.ln_five else self._grown
        return exp(self.ln_five + grown + _STANDARD.inv_cdf(share) * sqrt(self.var))

    @property
    def _grown(self) -> float:
        return log(1.0 + self.habituated)

    def _learned(self, ln_five: float, var: float) -> Self:
        return replace(self, ln_five=ln_five, var=max(var, SMALLEST_VAR))

    def _after(
        self, trace: list[float], last_ns: int, seconds: float, *, touching: bool
    ) -> tuple[Self, tuple[Belief, ...]]:
        share = 1.0 - exp(-seconds / HABITUATION_TAU_S)
        habituated = self.habituated + ((HABITUATION if touching else 0.0) - self.habituated) * share
        var = self.var + (HABITUATION_SD**2 / HABITUATION_TAU_S * seconds if touching and self.found else 0.0)
        past, oldest_ns = self.past, last_ns - MEMORY_NS
        if past and past[0][0] < oldest_ns:
            past = tuple([old for old in past if old[0] >= oldest_ns])
        past = (*past, (last_ns, trace[-1]))
        ln_silent = self.ln_silent
        if not self.found:
            silent = self.felt_at(last_ns - SILENCE_LAG_NS) if self.past else 0.0
            if silent > SMALLEST_FELT_N:
                ln_silent = max(ln_silent, log(silent))
        # A plain constructor call costs a third of dataclasses.replace, and this runs for every packet.
        after = type(self)(
            self.prior,
            self.low_edge,
            self.high_edge,
            self.ln_five,
            var,
            self.slope,
            habituated,
            trace[-1],
            last_ns,
            self.found,
            ln_silent,
            past,
        )
        if self.found:
            return after, after.beliefs(trace)
        return after, (after.silent_belief(trace[-1]),) * len(trace)

    def beliefs(self, felt_trace_n: Sequence[float]) -> tuple[Belief, ...]:
        """Return what is believed of the discomfort at these felt forces, now that the force at 5 was found."""
        slope, spread = self.slope, self.slope * sqrt(self.var)
        at_one_n = _LN_5 - slope * (self.ln_five + self._grown)
        # On the scale of cdf's argument, which is linear in ln(felt).
        low, high = log(self.low_edge) / spread, log(self.high_edge) / spread
        seven, eight = _LN_7 / spread, _LN_8 / spread
        believed = []
        for felt_n in felt_trace_n:
            if felt_n < SMALLEST_FELT_N:
                believed.append(NOTHING_FELT)
                continue
            middle = slope * log(felt_n) + at_one_n
            z = middle / spread
            mean = min(exp(middle), 10.0)
            believed.append(Belief(mean, mean * spread, cdf(high - z) - cdf(low - z), cdf(z - seven), cdf(z - eight)))
        return tuple(believed)

    def silent_belief(self, felt_n: float) -> Belief:
        """Return what is believed of the discomfort at this felt force, given that the person has not answered yet."""
        if felt_n < SMALLEST_FELT_N:
            return NOTHING_FELT
        ln_felt, spread = log(felt_n) - self._grown, sqrt(self.var)
        tap_sd = TAP_SD / (5 * self.slope)
        total = mean = square = band = seven = eight = 0.0
        for z, weight in zip(_Z, _Z_WEIGHT, strict=True):
            ln_five = self.ln_five + z * spread
            share = weight * cdf((ln_five - self.ln_silent + self._grown) / tap_sd)
            points = min(5.0 * exp(self.slope * (ln_felt - ln_five)), 10.0)
            total += share
            mean += share * points
            square += share * points * points
            band += share if self.low_edge <= points < self.high_edge else 0.0
            seven += share if points >= 7 else 0.0  # noqa: PLR2004 - the answers that name these two chances
            eight += share if points >= 8 else 0.0  # noqa: PLR2004
        if total <= 0.0:
            return Belief(10.0, 0.0, 0.0, 1.0, 1.0)
        mean /= total
        deviation = sqrt(max(square / total - mean * mean, 0.0))
        return Belief(mean, deviation, band / total, seven / total, eight / total)
