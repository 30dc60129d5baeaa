"""How fast the target of an approach rises: fast where that is safe for nearly everybody, then slowly."""

from dataclasses import dataclass

from protocols.contact import CONTACT_N
from protocols.prior import Prior, slope_for

FAST_N_PER_S = 4.0
FAST_UNTIL_N = 10.0
FAST_SHARE_OF_KNOWN = 0.7
"""The approach begins fast, up to 70 % of a known force at 5. Without one it is over at 10 N. Design choices."""

FAST_SPREADS = -3.0
"""Without a known force: fast to the prior's 0.13th percentile of the force at 5, or to 10 N."""

RISE_SHARE_PER_S = 0.16
"""Then as fast as raises the discomfort of somebody who is at 5 there by this share a second.

Lag, answer and hand add up to some 2.8 s: enough to pass 5 by the same ratio wherever somebody's 5 is. In newtons:
8 % a second at 9 N, 4.3 % at 30 N, 3.5 % at 50 N. A design choice.
"""


@dataclass(frozen=True, slots=True)
class Ramp:
    """Up to which target an approach is fast, newtons; `scale`: forces of this site and tip over the reference ones."""

    fast_until_n: float
    scale: float

    def rate_n_per_s(self, aim_n: float) -> float:
        """Return how fast a target that stands at `aim_n` may rise."""
        if aim_n < self.fast_until_n:
            return FAST_N_PER_S
        # One that the guard has eased off to nothing begins again as from a touch.
        from_n = max(aim_n, CONTACT_N)
        return min(FAST_N_PER_S, RISE_SHARE_PER_S / slope_for(from_n, self.scale) * from_n)

    def up_to(self, goal_n: float) -> "Ramp":
        """Return the ramp of an approach that ends at `goal_n`, newtons."""
        return Ramp(min(self.fast_until_n, goal_n), self.scale)


def ramp_for(prior: Prior, known_five_n: float | None) -> Ramp:
    """Return the ramp for what is believed before the first touch, and for a force at 5 that is known, newtons."""
    if known_five_n is not None:
        return Ramp(FAST_SHARE_OF_KNOWN * known_five_n, prior.scale)
    return Ramp(min(FAST_UNTIL_N, prior.force_n(5, FAST_SPREADS)), prior.scale)
