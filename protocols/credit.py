"""Seconds earned: one pure function, and the sum of what it gave.

An interval between two samples earns its length times the smaller of its two ends' probability of being in band. The
estimate's mean sits at the aim, so crediting by the mean would overstate by a quarter.
"""

from dataclasses import dataclass, replace
from math import inf
from typing import Self

from protocols.contact import CONTACT_N
from protocols.outlook import Belief

LONGEST_GAP_NS = 250_000_000
LONGEST_GAP_SLOW_NS = 400_000_000
SLOW_PERIODS = 3
"""An interval longer than 250 ms earns nothing; for slow sensors 3 sample periods, but never above 400 ms."""


def earned_s(length_ns: int, p_before: float, p_after: float, period_ns: int) -> float:
    """Return what one interval earns, seconds; `p_…` are the chances of being in band at its ends."""
    if not 0 < length_ns <= LONGEST_GAP_NS and not 0 < length_ns <= min(SLOW_PERIODS * period_ns, LONGEST_GAP_SLOW_NS):
        return 0.0
    return length_ns * 1e-9 * min(p_before, p_after)


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit of one hold. `last_ns` and `last_p` are the newest sample that may begin an interval."""

    seconds: float = 0.0
    last_ns: int | None = None
    last_p: float = 0.0

    def sampled(
        self,
        first_ns: int,
        period_ns: int,
        forces_n: tuple[float, ...],
        beliefs: tuple[Belief, ...],
        dose_s: float,
        most_n: float = inf,
    ) -> Self:
        """Return the credit after a packet of the hold, at most `dose_s`.

        Both ends of an interval must touch, and lie no higher than `most_n`, newtons.
        """
        seconds, last_ns, last_p = self.seconds, self.last_ns, self.last_p
        at_ns = first_ns
        for force, belief in zip(forces_n, beliefs, strict=True):
            p_band = belief.p_band if CONTACT_N < force <= most_n else 0.0
            if last_ns is not None:
                seconds += earned_s(at_ns - last_ns, last_p, p_band, period_ns)
            last_ns, last_p = at_ns, p_band
            at_ns += period_ns
        return type(self)(min(seconds, dose_s), last_ns, last_p)

    def broken(self) -> Self:
        """Return the credit with the running interval given up: what lies between was not seen, so it earns nothing."""
        return replace(self, last_ns=None, last_p=0.0)
