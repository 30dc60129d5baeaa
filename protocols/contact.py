"""Whether the tool touches: force above 2 N, with gaps under 1 s joined."""

from dataclasses import dataclass
from typing import Self

CONTACT_N = 2.0
"""Above this the tool touches."""

JOIN_NS = 1_000_000_000
"""A gap shorter than this belongs to the contact; a longer one ends it."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Contact so far, nanoseconds. `last_ns`: the newest sample; `above_ns`: the newest one above 2 N.

    `total_ns` never decreases. Time between two samples above 2 N counts even if it was not observed: a limit of time
    must not be stretched by a lost link. `before_ns`: contact before the one that runs. `peak_n`: the highest force of
    all, 0 before the first contact.
    """

    touching: bool = False
    last_ns: int | None = None
    above_ns: int | None = None
    total_ns: int = 0
    force_n: float = 0.0
    before_ns: int = 0
    peak_n: float = 0.0

    def sampled(self, first_ns: int, period_ns: int, forces_n: tuple[float, ...]) -> Self:
        """Return the contact after a packet of forces; its samples are newer than all before."""
        touching, above_ns, total_ns = self.touching, self.above_ns, self.total_ns
        before_ns, at_ns = self.before_ns, first_ns
        for force in forces_n:
            if force > CONTACT_N:
                if touching and above_ns is not None:
                    total_ns += at_ns - above_ns
                else:
                    before_ns = total_ns
                touching, above_ns = True, at_ns
            elif touching and above_ns is not None and at_ns - above_ns >= JOIN_NS:
                touching = False
            at_ns += period_ns
        peak_n = max(self.peak_n, *forces_n) if touching else self.peak_n
        return type(self)(touching, at_ns - period_ns, above_ns, total_ns, forces_n[-1], before_ns, peak_n)

    @property
    def pressed(self) -> bool:
        """Whether the newest sample is above 2 N."""
        return self.force_n > CONTACT_N

    @property
    def running_s(self) -> float:
        """How long the contact has lasted that runs now, seconds; 0 without one."""
        return (self.total_ns - self.before_ns) * 1e-9 if self.touching else 0.0
