"""What the person probably feels now: force history and answers in, a distribution of the present discomfort out.

A cloud of possible people (cloud.py) is carried along: each member feels the same force in its own way, and each
answer makes the members likelier that would have given it. Felt force is force through a first-order lag. While a tap
is awaited silence counts too: who would have tapped by now is less likely.

The engine uses `begin`, `sampled`, `answered`, `awaiting`, `tapped`, `said_below`, `said_above`, `settled`, and the
questions after them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import exp, inf, log
from statistics import NormalDist
from typing import Final, Self

import numpy as np

from protocols.chances import cdf
from protocols.cloud import FEWEST, LN_3, Cloud
from protocols.contact import CONTACT_N, JOIN_NS
from protocols.getting_used import Spans, after_all, go_on, longer
from protocols.likelihood import HIGHEST, of_number, of_silence, of_tap
from protocols.outlook import NOTHING_FELT, SMALLEST_FELT_N, Belief, Outlook, between
from protocols.plan import EDGE
from protocols.prior import Prior, slope_for
from protocols.quasi import Floats
from protocols.recent import Recent, felt_at, kept, most_n

FELT_LAG_S: Final = 1.0
"""Time constant from force to felt force. A design choice."""

SILENCE_LAG_NS: Final = 650_000_000
"""Who has not tapped by now was not yet at 5 this long ago (a tap takes 0.5-0.8 s)."""

REFRESH_NS: Final = 500_000_000
HEEDING_NS: Final = 200_000_000
"""Habituation takes half a minute: twice a second is often enough. While silence counts, five times."""

STRAY: Final = 0.01
STRAY_FIRST: Final = 0.001
"""Share of answers that mean nothing: a slip of the finger must not rule anybody out. The first one is believed more:
a tender person is not to be taken for a slip."""

QUICKEST_TAP_NS: Final = 500_000_000
SLOWEST_TAP_NS: Final = 800_000_000
"""A press comes so long after it was decided."""

UNSEEN_NS: Final = JOIN_NS
"""After a longer gap nobody knows whether the person pressed. What makes the same force be felt more is believed."""

CORRECTED_NS: Final = 3_500_000_000
"""An answer above the band may correct one that is no older: a slow "10" may bring its 0 3 s after its 1."""

FEWEST_PAST: Final = 2
LN_LATE_MOST: Final = log(2.0)
"""Somebody who is late means no less than half the force: from a light touch on a ratio says nothing."""

LEAST_RISE: Final = 1.01
"""A tap that came although the felt force hardly rose was decided within so much of it."""

VAGUEST_FIRST: Final = 1.2
"""Spread of a first answer that is reckoned with at most, points: who is tender is not to be taken for vague."""

Likelihood = Callable[[Floats, Floats], Floats]

_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True, eq=False)
class Discomfort:
    """An immutable belief; every method that learns returns a new one.

    `contact`: how far each member has got used to the force, 0 to 1. `outlook`: what they would feel now. `awaits`: the
    points at which the person was asked to tap; silence says that they are not felt yet. `drift_per_s`: by what share
    the force that is felt the same grows a second. `strange`: nobody in the cloud would have given the last answer.
    `unlearned`: cloud and `strange` before the last answer, and its time; None: what was learned with it stays.
    """

    prior: Prior
    cloud: Cloud
    low_edge: float
    high_edge: float
    contact: Floats
    outlook: Outlook
    felt_n: float = 0.0
    sampled_ns: int | None = None
    refreshed_ns: int | None = None
    touching: bool = False
    belief: Belief = NOTHING_FELT
    found: bool = False
    awaits: float | None = None
    awaited_ns: int | None = None
    ln_silent: float = -inf
    drift_per_s: float = 0.0
    past: Recent = ()
    spans: Spans = ()
    strange: bool = False
    unlearned: tuple[Cloud, bool, int] | None = None

    @classmethod
    def begin(cls, prior: Prior, cloud: Cloud, low_edge: float, high_edge: float) -> Self:
        """Return the belief before the first touch; the edges are those of the band, on the continuous scale."""
        contact = np.zeros(cloud.size)
        return cls(prior, cloud, low_edge, high_edge, contact, _outlook(cloud, contact), awaits=low_edge + EDGE)

    def sampled(self, first_ns: int, period_ns: int, forces_n: tuple[float, ...]) -> tuple[Self, tuple[Belief, ...]]:
        """Return the belief after a packet of valid forces, and what was felt at each of its samples."""
        before = first_ns - period_ns if self.sampled_ns is None else self.sampled_ns
        if self.touching and first_ns - before > UNSEEN_NS:
            return self._unseen(first_ns).sampled(first_ns, period_ns, forces_n)
        felt = self.felt_n
        keep = exp(-period_ns * 1e-9 / FELT_LAG_S)
        felt += (forces_n[0] - felt) * (1.0 - exp(-max(first_ns - before, 0) * 1e-9 / FELT_LAG_S))
        for force in forces_n[1:]:
            felt = force + (felt - force) * keep
        last_ns = first_ns + (len(forces_n) - 1) * period_ns
        after = self._after(felt, last_ns, touching=forces_n[-1] > CONTACT_N)
        return after, between(self.belief, after.belief, len(forces_n))

    def answered(self, rating: int, felt_then_n: float, then_ns: int | None = None) -> Self:
        """Return the belief after the person put the force they felt then at `rating`.

        `then_ns`, here and below: when that force was felt, by somebody who takes the usual time to answer. None: it
        stood still.
        """

        def likelihood(points: Floats, noise: Floats) -> Floats:
            return of_number(rating, points, noise)

        return self._learned(likelihood, felt_then_n, then_ns, rating, 1.0 / (HIGHEST + 1))

    def awaiting(self, points: float | None) -> Self:
        """Return the belief with the person asked to tap as soon as discomfort is at `points`; None: not asked."""
        return replace(self, awaits=points, awaited_ns=self.sampled_ns, ln_silent=-inf)

    def passed(self, given_ns: int) -> tuple[float, float]:
        """Return between which felt forces, newtons, it was decided to tap, for a tap that came at that time.

        Whoever decided at a lower force would have tapped before: only what was not felt yet in this asking counts.
        """
        quickest_ns, slowest_ns = given_ns - QUICKEST_TAP_NS, given_ns - SLOWEST_TAP_NS
        # Decided before it was asked for: an answer to the question before, which may have stood for long.
        since_ns = self.awaited_ns
        if since_ns is not None and since_ns > quickest_ns:
            since_ns = None
        after_n = max(most_n(self.past, self.felt_n, since_ns, quickest_ns), SMALLEST_FELT_N)
        before_n = most_n(self.past, self.felt_n, since_ns, slowest_ns)
        return min(before_n, after_n / LEAST_RISE), after_n

    def tapped(self, points: float, between_n: tuple[float, float], then_ns: int | None = None) -> Self:
        """Return the belief after a press for "it is that many points now" on the way up.

        `between_n`: the felt forces between which it was decided, newtons.
        """
        before_n, after_n = between_n
        ln_rise = log(after_n / max(before_n, SMALLEST_FELT_N))
        lower = np.exp(-ln_rise * self.cloud.slope)

        def likelihood(felt: Floats, noise: Floats) -> Floats:
            return of_tap(points, felt * lower, felt, noise)

        learned = self._learned(likelihood, after_n, then_ns, points, min(ln_rise, 1.0))
        return learned.awaiting(None) if self.awaits == points else learned

    def said_below(self, edge: float, felt_then_n: float, then_ns: int | None = None) -> Self:
        """Return the belief after the person said that the force they felt then was below `edge` points."""
        return self._learned(lambda points, noise: cdf((edge - points) / noise), felt_then_n, then_ns, edge - EDGE, 1.0)

    def said_above(self, edge: float, felt_then_n: float, then_ns: int | None = None) -> Self:
        """Return the belief after the person said that the force they felt then was above `edge` points."""
        return self._learned(lambda points, noise: cdf((points - edge) / noise), felt_then_n, then_ns, edge + EDGE, 1.0)

    def said_between(self, low: float, high: float, felt_then_n: float, then_ns: int | None = None) -> Self:
        """Return the belief after the person said that the force they felt then was between two edges, points."""

        def likelihood(points: Floats, noise: Floats) -> Floats:
            return np.asarray(cdf((high - points) / noise) - cdf((low - points) / noise), dtype=np.float64)

        return self._learned(likelihood, felt_then_n, then_ns, (low + high) / 2, (high - low) / (HIGHEST + 1))

    def settled(self, *, heeding: bool = True) -> Self:
        """Return the belief with the force at 5 found: from now on silence means nothing, until now it did.

        Not `heeding`: nor did it until now. Who says "too much" has passed 5 in silence, however unlikely that was.
        """
        silent = self._silent(self.outlook) if heeding else None
        found = replace(self, found=True, awaits=None, ln_silent=-inf)
        cloud = self.cloud if silent is None else self.cloud.reweighted(silent)
        return found._with(cloud, self.contact)  # noqa: SLF001 - the same class

    def forgotten(self, at_ns: int) -> Self:
        """Return the belief as if the last answer had not been given.

        Only one of the last seconds is forgotten, not above the band, and not the one that found the force at 5.
        """
        if self.unlearned is None:
            return self
        cloud, strange, given_ns = self.unlearned
        if at_ns - given_ns > CORRECTED_NS:
            return self
        return self._with(cloud, after_all(self.spans, cloud), strange=strange)

    def lately_n(self, since_ns: int) -> float:
        """Return the highest felt force of the last so many nanoseconds before the newest sample, newtons."""
        if self.sampled_ns is None:
            return self.felt_n
        return most_n(self.past, self.felt_n, self.sampled_ns - since_ns, self.sampled_ns)

    def felt_at(self, at_ns: int) -> float:
        """Return the felt force at an instant of the last seconds, newtons; the oldest known if it is further back."""
        return felt_at(self.past, self.felt_n, at_ns)

    def force_n(self, rating: float) -> float:
        """Return the force that would now be felt as `rating`, newtons."""
        return self.outlook.force_n(rating)

    def force_ahead_n(self, rating: float, ahead_s: float) -> float:
        """Return the force that will be felt as `rating` in so many seconds of the present contact, newtons."""
        return self.outlook.force_n(rating) * exp(self.drift_per_s * ahead_s)

    def at_most_n(self, force_n: float, rating: float, chance: float) -> float:
        """Return the highest force up to `force_n`, newtons, at which the chance of `rating` or more is `chance`."""
        return self.outlook.at_most_n(force_n, rating, chance)

    def quantile_n(self, rating: float, share: float) -> float:
        """Return the force at `rating` that is not exceeded with chance `share`, silence left out, newtons."""
        return self.force_n(rating) * exp(_STANDARD.inv_cdf(share) * self.outlook.ln_spread(rating))

    @property
    def five_n(self) -> float:
        """The force that would now be felt as 5, newtons."""
        return self.outlook.force_n(5)

    @property
    def rested_five_n(self) -> float:
        """The force that would be felt as 5 without any contact before, newtons."""
        return _outlook(self.cloud, np.zeros(self.cloud.size)).force_n(5)

    def _learned(
        self, likelihood: Likelihood, felt_then_n: float, then_ns: int | None, rating: float, typical: float
    ) -> Self:
        """Return the belief after an answer of this likelihood, about as likely as `typical` if it means nothing."""
        if felt_then_n < SMALLEST_FELT_N:
            return self
        cloud, outlook, ln_late = self.cloud, self.outlook, self._ln_late(then_ns)
        if rating > self.high_edge:
            # Too much is never taken to be about more than was felt then.
            ln_late = np.minimum(ln_late, 0.0)
        likely = likelihood(outlook.points(felt_then_n, ln_late), self._noise(cloud))
        stray = (STRAY if self.found else STRAY_FIRST) * typical
        strange = float(cloud.weights @ likely) < stray
        if strange and (not self.found or self.strange):
            # Nobody in the cloud would give this answer, the first one or the second such in a row: not a slip of the
            # finger, but somebody more or less tender than any of them.
            five_n = felt_then_n * (5.0 / max(rating, 1.0)) ** (1.0 / self.prior.slope)
            steeper = slope_for(five_n, self.prior.scale) / slope_for(self.five_n, self.prior.scale)
            cloud = cloud.moved(log(five_n / self.five_n), steeper)
            outlook = _outlook(cloud, self.contact)
            likely = likelihood(outlook.points(felt_then_n, ln_late), self._noise(cloud))
            strange = False
        learned = self._with(cloud.reweighted(likely + stray), self.contact, strange=strange)
        if rating > self.high_edge or self.sampled_ns is None:
            return learned
        return replace(learned, unlearned=(self.cloud, self.strange, self.sampled_ns))

    def _with(self, cloud: Cloud, contact: Floats, *, strange: bool = False) -> Self:
        if self.found and cloud.effective < FEWEST:
            cloud = cloud.redrawn()
            contact = after_all(self.spans, cloud)
        outlook = _outlook(cloud, contact, self._silent)
        belief = outlook.belief(self.felt_n, self.low_edge, self.high_edge)
        return replace(
            self,
            cloud=cloud,
            contact=contact,
            outlook=outlook,
            belief=belief,
            strange=strange,
            unlearned=None,
        )

    def _unseen(self, until_ns: int) -> Self:
        """Return the belief after a time in which nobody saw whether the tool touched."""
        assert self.sampled_ns is not None
        assert self.refreshed_ns is not None
        spans, contact = self.spans, self.contact
        seen_s, unseen_s = (self.sampled_ns - self.refreshed_ns) * 1e-9, (until_ns - self.sampled_ns) * 1e-9
        for seconds, touching in ((seen_s, True), (unseen_s, None)):
            contact = go_on(contact, self.cloud, seconds, touching=touching)
            spans = longer(spans, seconds, touching=touching)
        outlook = _outlook(self.cloud, contact, self._silent)
        return replace(self, contact=contact, outlook=outlook, spans=spans, refreshed_ns=until_ns, touching=False)

    def _after(self, felt_n: float, last_ns: int, *, touching: bool) -> Self:
        past = kept(self.past, last_ns)
        ln_silent = self.ln_silent
        if self.awaits is not None and past:
            ln_silent = max(ln_silent, log(max(self.felt_at(last_ns - SILENCE_LAG_NS), SMALLEST_FELT_N)))
        contact, outlook, refreshed_ns, spans = self.contact, self.outlook, self.refreshed_ns, self.spans
        drift_per_s = self.drift_per_s
        if refreshed_ns is None:
            refreshed_ns = last_ns
        elif (
            last_ns - refreshed_ns >= (REFRESH_NS if self.awaits is None else HEEDING_NS)
            or touching is not self.touching
        ):
            seconds = (last_ns - refreshed_ns) * 1e-9
            spans = longer(spans, seconds, touching=self.touching)
            contact = go_on(contact, self.cloud, seconds, touching=self.touching)
            outlook = _outlook(self.cloud, contact, self._silent)
            drift_per_s = (self.outlook.offset - outlook.offset) / seconds if touching and seconds > 0.0 else 0.0
            refreshed_ns = last_ns
        # A plain constructor call costs a third of dataclasses.replace, and this runs for every packet.
        return type(self)(
            self.prior,
            self.cloud,
            self.low_edge,
            self.high_edge,
            contact,
            outlook,
            felt_n,
            last_ns,
            refreshed_ns,
            touching,
            outlook.belief(felt_n, self.low_edge, self.high_edge),
            self.found,
            self.awaits,
            self.awaited_ns,
            ln_silent,
            drift_per_s,
            (*past, (last_ns, felt_n)),
            spans,
            self.strange,
            self.unlearned,
        )

    def _silent(self, outlook: Outlook) -> Floats | None:
        """Return each member's chance of not having tapped until the felt force was what it has been."""
        if self.awaits is None or self.ln_silent == -inf:
            return None
        ln_late = 0.0 if self.sampled_ns is None else self._ln_late(self.sampled_ns - SILENCE_LAG_NS)
        return of_silence(self.awaits, outlook.points(exp(self.ln_silent), ln_late), self._noise(self.cloud))

    def _noise(self, cloud: Cloud) -> Floats:
        noise = np.exp(cloud.ln_noise)
        return noise if self.found else np.minimum(noise, VAGUEST_FIRST)

    def _ln_late(self, then_ns: int | None) -> Floats | float:
        """Return ln of what each member answers about over what was felt then: who is late means what was before."""
        if then_ns is None or len(self.past) < FEWEST_PAST:
            return 0.0
        times_ns, felt_n = zip(*self.past, strict=True)
        ln_felt = np.log(np.maximum(felt_n, SMALLEST_FELT_N))
        then_ns = min(max(then_ns, times_ns[0]), times_ns[-1])
        since_s = (np.array(times_ns) - then_ns) * 1e-9
        ln_late = np.interp(-self.cloud.late_s, since_s, ln_felt) - np.interp(0.0, since_s, ln_felt)
        return np.clip(ln_late, -LN_LATE_MOST, LN_LATE_MOST)


def _outlook(cloud: Cloud, contact: Floats, silent: Callable[[Outlook], Floats | None] | None = None) -> Outlook:
    slope = cloud.slope
    at_one_n = LN_3 - slope * (cloud.ln_ppt + cloud.day + np.log1p(cloud.habituation * contact))
    outlook = Outlook.of(at_one_n, slope, cloud.weights)
    heard = None if silent is None else silent(outlook)
    return outlook if heard is None else Outlook.of(at_one_n, slope, cloud.weights, heard)
