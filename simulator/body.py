"""What the simulated person feels: discomfort, 0 to 10, from the force and its history.

    discomfort = 3 * (felt force / PPT')^beta,  beta = ln(10/3) / ln(tolerance / PPT),  PPT' = PPT * (1 + h)

so it is 3 at the pressure-pain threshold and 10 at tolerance. During contact h goes to its end value with a time
constant, after release back to 0 with the same one. Felt force is force through a first-order lag.
"""

import math

from simulator.traits import BodyTraits

PAIN_BEGINS = 3.0
MOST_ACCEPTED = 10.0

CONTACT_N = 2.0
"""Force above which the body is in contact."""


class Body:
    """One body on one day: `day` multiplies its threshold and tolerance."""

    def __init__(self, traits: BodyTraits, day: float = 1.0) -> None:
        self._traits = traits
        self.ppt_n = traits.ppt_n * day
        self.tolerance_n = traits.tolerance_n * day
        self.beta = math.log(MOST_ACCEPTED / PAIN_BEGINS) / math.log(traits.tolerance_n / traits.ppt_n)
        self.felt_n = 0.0
        self.habituated = 0.0
        self._dt_s = self._felt_share = self._habituation_share = 0.0

    @property
    def discomfort(self) -> float:
        """What is felt now; above 10 is more than the person would accept."""
        if self.felt_n <= 0.0:
            return 0.0
        return float(PAIN_BEGINS * (self.felt_n / (self.ppt_n * (1.0 + self.habituated))) ** self.beta)

    def force_at_n(self, discomfort: float) -> float:
        """Return the steady force in newtons that feels like this now."""
        share = (discomfort / PAIN_BEGINS) ** (1.0 / self.beta)
        return float(self.ppt_n * (1.0 + self.habituated) * share)

    def advance(self, force_n: float, dt_s: float) -> None:
        """Feel this force for this long."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._felt_share = -math.expm1(-dt_s / self._traits.felt_lag_s)
            self._habituation_share = -math.expm1(-dt_s / self._traits.tau_s)
        self.felt_n += (force_n - self.felt_n) * self._felt_share
        end = self._traits.habituation if force_n > CONTACT_N else 0.0
        self.habituated += (end - self.habituated) * self._habituation_share
