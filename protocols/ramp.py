"""How fast the target of an approach rises: fast where that is safe for nearly everybody, then slowly."""

from dataclasses import dataclass

from protocols.prior import Prior

FAST_N_PER_S = 4.0
FAST_UNTIL_N = 10.0
FAST_SHARE_OF_KNOWN = 0.7
"""The approach begins fast, up to 70 % of a known force at 5. Without one it is over at 10 N. Design choices."""

FAST_SPREADS, BRISK_SPREADS = -3.0, -2.0
"""Without a known force: fast to the prior's 0.13th percentile of the force at 5, brisk to its 2.3rd, or to 10 N."""

BRISK_SHARE_PER_S = 0.12
"""A person takes some 2 s to feel it, tap and ease off: a quarter more force, which a tender person bears below 8."""

SLOW_N_PER_S = 1.0
SLOW_SHARE_PER_S = 0.05
"""Then the lower of these. Lag, answer and hand add up to some 2.8 s."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Up to which targets an approach is fast, then brisk, newtons."""

    fast_until_n: float
    brisk_until_n: float

    def rate_n_per_s(self, aim_n: float) -> float:
        """Return how fast a target that stands at `aim_n` may rise."""
        if aim_n < self.fast_until_n:
            return FAST_N_PER_S
        if aim_n < self.brisk_until_n:
            return BRISK_SHARE_PER_S * aim_n
        return min(SLOW_N_PER_S, SLOW_SHARE_PER_S * aim_n)

    def up_to(self, goal_n: float) -> "Ramp":
        """Return the ramp of an approach that ends at `goal_n`, newtons."""
        return Ramp(min(self.fast_until_n, goal_n), min(self.brisk_until_n, goal_n))


def ramp_for(prior: Prior, known_five_n: float | None) -> Ramp:
    """Return the ramp for what is believed before the first touch, and for a force at 5 that is known, newtons."""
    if known_five_n is not None:
        known_n = FAST_SHARE_OF_KNOWN * known_five_n
        return Ramp(known_n, known_n)
    fast_n, brisk_n = (min(FAST_UNTIL_N, prior.force_n(5, spreads)) for spreads in (FAST_SPREADS, BRISK_SPREADS))
    return Ramp(fast_n, brisk_n)
