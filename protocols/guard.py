"""The guard: what the raw force and the estimate say against going on. It only makes things safer.

It watches in every phase, the ended one too, and reports a verdict; the engine acts on it.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from math import isfinite, isnan
from typing import Self

from protocols.contact import CONTACT_N
from protocols.events import Sampled, ToolFacts
from protocols.outlook import Belief

OVER_RELEASE_NS = 500_000_000
"""Above the limit for this long: release."""

REACTION_NS = 1_000_000_000
"""After this long a hand does what an answer changed; until then it goes on where it was led. A design choice."""

FOLLOWS_UNDER = 1.12
"""Who then presses more than this times the force at the answer (three spreads of a guided hand) does not follow it."""

FOLLOW_NS = 3_000_000_000
"""How long a hand may take to follow an answer that makes the present force too much, before it is told to let go.

A hand's delay and gain and the lag of feeling: 1.5 to 3 s. A design choice.
"""

RISE_N_PER_S = 10.0
RISE_NS = 300_000_000
"""A force that rises faster than this for this long is not a paced one."""

RISE_OVER = 1.12
"""Three spreads of a guided hand (4 %): less than that is its own wander, which is fast where the force is high."""

RISE_CALM_NS = 500_000_000
"""How long the ease-off for a fast rise stands at least."""

STUCK_NS = 1_000_000_000
STUCK_RESOLUTION_N = 0.5
"""No change at all for this long in contact is a dead sensor, unless its steps are coarser than this."""

UNSEEN_NS = 250_000_000
"""Over a longer gap nobody knows whether the force changed."""

TARED_UNDER_LOAD_N = -1.0
HIGH_CHANCE_OF_EIGHT = 0.05
"""An estimated chance of 8 or more above this eases off. A design choice."""

STALE_NS = 500_000_000
LOST_NS = 1_500_000_000
"""Newest sample older than these: target frozen; release."""


class Verdict(IntEnum):
    """What the guard asks for, from nothing to the worst."""

    FINE = 0
    EASE_OFF = 1
    RELEASE_OVER_LIMIT = 2
    RELEASE_TARED_UNDER_LOAD = 3
    RELEASE_SATURATED = 4
    RELEASE_SENSOR = 5


@dataclass(frozen=True, slots=True)
class Guard:
    """What the guard remembers between packets."""

    limit_n: float = 0.0
    over_ns: int | None = None
    last_ns: int | None = None
    same_since_ns: int | None = None
    last_n: float = 0.0
    rise_ns: int | None = None
    rise_n: float = 0.0
    calm_ns: int | None = None
    felt_over_ns: int | None = None
    eased_ns: int | None = None
    eased_n: float = 0.0

    def glance(self, event: Sampled, tool: ToolFacts) -> Verdict:
        """Judge a packet for itself, whenever its samples were taken: an old one may show danger, but never end it."""
        highest_n = max(event.forces_n)
        if event.fault:
            return Verdict.RELEASE_SENSOR
        if event.saturated or highest_n >= tool.capacity_n:
            return Verdict.RELEASE_SATURATED
        # The sum is no number if any force is none; and what is no number is above the limit.
        return Verdict.FINE if highest_n <= self.limit_n and isfinite(sum(event.forces_n)) else Verdict.EASE_OFF

    def raw(
        self,
        first_ns: int,
        forces_n: tuple[float, ...],
        period_ns: int,
        tool: ToolFacts,
        felt_eight_n: float,
        felt_n: float,
    ) -> tuple[Self, Verdict]:
        """Judge samples that are newer than all before by their raw forces.

        `felt_eight_n` and `felt_n` are the last estimate's force at 8 and felt force, newtons.
        """
        worst = Verdict.FINE
        over_ns, rise_ns, rise_n = self.over_ns, self.rise_ns, self.rise_n
        same_ns, last_n, calm_ns = self.same_since_ns, self.last_n, self.calm_ns
        watch_stuck = tool.resolution_n <= STUCK_RESOLUTION_N
        limit_n = self.limit_n
        at_ns = first_ns - period_ns
        if self.last_ns is None or first_ns - self.last_ns > max(UNSEEN_NS, 2 * period_ns):
            same_ns = None
        for force in forces_n:
            at_ns += period_ns
            if not force <= limit_n:  # a NaN is over the limit too
                over_ns = at_ns if over_ns is None else over_ns
                worst = max(worst, _over(force, at_ns - over_ns, tool.capacity_n))
            else:
                over_ns = None
            if force != last_n or same_ns is None:
                same_ns, last_n = at_ns, force
            elif watch_stuck and force > CONTACT_N and at_ns - same_ns >= STUCK_NS:
                worst = Verdict.RELEASE_SENSOR
            if isnan(force):
                continue
            if rise_ns is None or force <= rise_n + RISE_N_PER_S * 1e-9 * (at_ns - rise_ns) or force <= CONTACT_N:
                rise_ns, rise_n = at_ns, force
            elif at_ns - rise_ns >= RISE_NS and force > RISE_OVER * rise_n:
                calm_ns = at_ns + RISE_CALM_NS
        if calm_ns is not None:
            worst, calm_ns = (max(worst, Verdict.EASE_OFF), calm_ns) if at_ns <= calm_ns else (worst, None)
        felt_over_ns = None
        if felt_n > felt_eight_n:
            felt_over_ns = at_ns if self.felt_over_ns is None else self.felt_over_ns
            late = at_ns - felt_over_ns >= OVER_RELEASE_NS and not self._follows(at_ns, forces_n[-1])
            worst = max(worst, Verdict.RELEASE_OVER_LIMIT if late else Verdict.EASE_OFF)
        if felt_n < TARED_UNDER_LOAD_N:
            worst = max(worst, Verdict.RELEASE_TARED_UNDER_LOAD)
        after = type(self)(
            limit_n,
            over_ns,
            at_ns,
            same_ns,
            last_n,
            rise_ns,
            rise_n,
            calm_ns,
            felt_over_ns,
            self.eased_ns,
            self.eased_n,
        )
        return after, worst

    def limited(self, limit_n: float) -> Self:
        """Return the guard with another force limit, newtons."""
        return replace(self, limit_n=limit_n)

    def eased(self, at_ns: int, force_n: float) -> Self:
        """Return the guard that lets the hand follow an answer which made the present force too much.

        Another such answer gives no more time while the felt force is still above the estimated force at 8.
        """
        waiting = self.eased_ns is not None and self.felt_over_ns is not None
        return self if waiting else replace(self, eased_ns=at_ns, eased_n=force_n)

    def _follows(self, at_ns: int, force_n: float) -> bool:
        """Return whether the hand may still be on its way down after an answer."""
        if self.eased_ns is None:
            return False
        since_ns = at_ns - self.eased_ns
        # What is no number does not follow.
        return since_ns < REACTION_NS or (since_ns < FOLLOW_NS and force_n <= FOLLOWS_UNDER * self.eased_n)


def _over(force_n: float, since_ns: int, capacity_n: float) -> Verdict:
    if force_n >= capacity_n:
        return Verdict.RELEASE_SATURATED
    if since_ns < OVER_RELEASE_NS:
        return Verdict.EASE_OFF
    return Verdict.RELEASE_SENSOR if isnan(force_n) else Verdict.RELEASE_OVER_LIMIT


def judge(belief: Belief) -> Verdict:
    """Return whether an estimate is too likely to be 8 or more."""
    return Verdict.EASE_OFF if belief.p_eight > HIGH_CHANCE_OF_EIGHT else Verdict.FINE
