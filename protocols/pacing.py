"""The target that the person is shown, in newtons, and the cue that leads back to it."""

from dataclasses import dataclass, replace
from math import inf
from typing import Self

from protocols.commands import Cue
from protocols.cueing import cue_for, lowest_inside_n
from protocols.discomfort import Discomfort
from protocols.guard import HIGH_CHANCE_OF_EIGHT
from protocols.plan import EDGE, Band
from protocols.prior import UPPER_QUARTER
from protocols.ramp import Ramp

BACK_N_PER_S = 3.0
SLOW_N_PER_S = 1.0
HOLD_UP_SHARE_PER_S = 0.04
LEAD_S = 1.6
LEAD_N = 1.0
"""The target waits for the hand: it is never further ahead than what a hand's delay and gain explain, and a newton."""

LIGHT_N = 2.0
LEAST_AIM_N = 1.3 * LIGHT_N
"""A target in a hold is not below this unless an answer says so: a hand slips off there. Who is in the band with less
than a touch is told to let go."""

LONGEST_STEP_S = 0.25
ANSWER_ALLOWS = 1.05
"""The target rises more than 5 % above the force of the last answer only after another answer that allows it."""

ROOM_OVER_AIM = 1.02
"""So much above the aim is shown as inside, however narrow the band is: a hand wanders by more."""

CALMER_ROOM = 1.02
"""After an answer above the band nothing further above the ceiling is shown as inside, or earns: it was too much."""

EASE_NS = 500_000_000
"""The cue to ease off after such an answer stands at least this long."""

LIMIT_MARGIN = 0.88
"""The aim stays this far under the force limit: three spreads of a guided hand (4 %)."""

APPROACH_MARGIN = 0.90
"""The same before the force at 5 is found: the approach passes slowly and only once."""

FREEZE_SHARE = UPPER_QUARTER
"""The prior's percentile of the force at 5 at which an unanswered approach stops rising."""

SAFE_CHANCE_OF_EIGHT = 0.04
AHEAD_S = 2.2
"""The target is where the band will be when a change of it is felt: hand's delay 0.3 s, its gain 0.9 s, lag 1 s."""

REACHED = 0.93
REACHED_FELT = 0.96
"""A target is reached within a hand's wander, and felt within what keeps clear of the band's lower edge."""

CUE_LAG_S = 0.2
SLOW_LAG_S = 1.0
"""The hand that a cue is about, and its distance from the target as slowly as force is felt."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """Aim and shown band, newtons; `ceiling_n`: what the last answer allows; `resume_n`: where a resumed approach ends.

    `calmer`: an answer was above the band, so aim at its lower part until another one is inside.
    `ease_until_ns`: its cue stands so long, and until the hand is at the aim. `off_n`: how far the hand is from the
    aim, over a second; a target that moves takes it along.
    """

    aim_n: float = 0.0
    low_n: float = 0.0
    high_n: float = inf
    ceiling_n: float = inf
    resume_n: float | None = None
    calmer: bool = False
    ease_until_ns: int | None = None
    hand_n: float = 0.0
    stepped_ns: int | None = None
    cue: Cue = Cue.PRESS_MORE
    off_n: float = 0.0

    @classmethod
    def waiting(cls, resume_n: float | None = None, ceiling_n: float = inf, *, calmer: bool = False) -> Self:
        """Return the pacing before a contact: a light touch is asked for; a resumed one goes up to `resume_n`."""
        most_n = max(ceiling_n, LIGHT_N)
        return cls(
            aim_n=min(2 * LIGHT_N, most_n),
            low_n=LIGHT_N,
            high_n=min(3 * LIGHT_N, most_n),
            ceiling_n=ceiling_n,
            resume_n=resume_n,
            calmer=calmer,
        )

    def touched(self, force_n: float, at_ns: int) -> Self:
        """Return the pacing at the beginning of a contact; a hard one is not taken for a target."""
        aim = min(max(force_n, LIGHT_N), self.aim_n)
        cue = Cue.EASE_OFF if force_n > self.high_n else Cue.PRESS_MORE
        return replace(self, aim_n=aim, hand_n=force_n, off_n=force_n - aim, stepped_ns=at_ns, cue=cue)

    def within(self, limit_n: float) -> Self:
        """Return the pacing with its aim safely under a force limit, newtons."""
        most_n = APPROACH_MARGIN * limit_n
        if self.aim_n <= most_n and self.high_n <= limit_n:
            return self
        aim_n = min(self.aim_n, most_n)
        return replace(self, aim_n=aim_n, low_n=min(self.low_n, aim_n), high_n=min(self.high_n, limit_n))

    def approach(self, force_n: float, at_ns: int, stop_n: float, ramp: Ramp, *, easing: bool) -> Self:
        """Return the pacing one packet later while the force at 5, or a resumed target, is approached."""
        step_s, hand_n, off_n = self._step(force_n, at_ns)
        if easing:
            aim = max(self.aim_n - SLOW_N_PER_S * step_s, 0.0)
        else:
            rate = ramp.rate_n_per_s(self.aim_n)
            waits_n = max(force_n, LIGHT_N) + LEAD_S * rate + LEAD_N
            aim = min(self.aim_n + rate * step_s, max(waits_n, self.aim_n), stop_n)
        tolerance = max(1.0, 0.06 * aim)
        high_n = min(aim + tolerance, max(self.most_n, aim))
        ease_ns = self._easing(hand_n, aim, at_ns)
        cue = (
            Cue.EASE_OFF
            if ease_ns is not None
            else cue_for(hand_n, aim + off_n, (aim - tolerance, aim, high_n), self.cue)
        )
        return replace(
            self,
            ease_until_ns=ease_ns,
            aim_n=aim,
            low_n=aim - tolerance,
            high_n=high_n,
            hand_n=hand_n,
            off_n=off_n,
            stepped_ns=at_ns,
            cue=cue,
        )

    def hold(self, force_n: float, at_ns: int, estimate: Discomfort, band: Band, limit_n: float) -> Self:
        """Return the pacing one packet later in a hold."""
        step_s, hand_n, off_n = self._step(force_n, at_ns)
        wanted = min(
            estimate.force_ahead_n(band.low_edge + EDGE if self.calmer else band.aim, AHEAD_S),
            self.ceiling_n,
            LIMIT_MARGIN * limit_n,
        )
        wanted = max(estimate.at_most_n(wanted, 8, SAFE_CHANCE_OF_EIGHT), min(LEAST_AIM_N, self.ceiling_n))
        up = self.aim_n + min(SLOW_N_PER_S, HOLD_UP_SHARE_PER_S * self.aim_n) * step_s
        aim = min(max(wanted, self.aim_n - BACK_N_PER_S * step_s), up)
        low_n = min(estimate.force_n(band.low_edge), lowest_inside_n(aim))
        high_n = min(estimate.force_n(band.high_edge), limit_n, self.most_n)
        high_n = max(estimate.at_most_n(high_n, 8, HIGH_CHANCE_OF_EIGHT), aim * ROOM_OVER_AIM)
        ease_ns = self._easing(hand_n, aim, at_ns)
        # A plain constructor call costs a third of dataclasses.replace, and this runs for every packet.
        return type(self)(
            aim,
            low_n,
            high_n,
            self.ceiling_n,
            self.resume_n,
            self.calmer,
            ease_ns,
            hand_n,
            at_ns,
            Cue.EASE_OFF if ease_ns is not None else cue_for(hand_n, aim + off_n, (low_n, aim, high_n), self.cue),
            off_n,
        )

    def allowed(self, force_then_n: float, *, holds: bool = True) -> Self:
        """Return the pacing after an answer that allows a rise, given at this force.

        `holds`: the force stood at the target. On the way back to it less is felt, which takes nothing away.
        """
        # Where the target stands already was allowed: the hand may just have been below it.
        before_n = min(self.aim_n, self.ceiling_n) if holds else self.ceiling_n
        ceiling_n = max(ANSWER_ALLOWS * force_then_n, before_n)
        return replace(self, ceiling_n=ceiling_n, calmer=self.calmer and not holds, ease_until_ns=None)

    def back_to(self, force_n: float) -> Self:
        """Return the pacing with its aim where the force was when "5" was felt."""
        return replace(self, aim_n=min(self.aim_n, force_n), resume_n=None)

    def lowered(self, target_n: float) -> Self:
        """Return the pacing after an answer above the band: at once down to `target_n`, and no rise from there."""
        aim, low_n = min(self.aim_n, target_n), min(self.low_n, lowest_inside_n(target_n))
        ceiling_n = min(aim, self.ceiling_n)
        return replace(
            self,
            aim_n=aim,
            low_n=low_n,
            high_n=max(min(self.high_n, CALMER_ROOM * ceiling_n), aim),
            ceiling_n=ceiling_n,
            calmer=True,
            ease_until_ns=(self.stepped_ns or 0) + EASE_NS,
            cue=Cue.EASE_OFF,
        )

    @property
    def most_n(self) -> float:
        """The highest force that may earn credit, newtons: infinite unless the last answer was above the band."""
        return CALMER_ROOM * self.ceiling_n if self.calmer else inf

    def resumed(self, felt_n: float) -> bool:
        """Whether a resumed approach has reached its target, by the hand and nearly so by what is felt, newtons."""
        resume_n = self.resume_n
        return resume_n is not None and self.hand_n >= REACHED * resume_n and felt_n >= REACHED_FELT * resume_n

    def _easing(self, hand_n: float, aim_n: float, at_ns: int) -> int | None:
        until_ns = self.ease_until_ns
        return None if until_ns is None or (hand_n <= aim_n and at_ns >= until_ns) else until_ns

    def _step(self, force_n: float, at_ns: int) -> tuple[float, float, float]:
        before = at_ns if self.stepped_ns is None else self.stepped_ns
        step_s = min(max(at_ns - before, 0) * 1e-9, LONGEST_STEP_S)
        hand_n = self.hand_n + (force_n - self.hand_n) * min(step_s / CUE_LAG_S, 1.0)
        if self.cue is not Cue.HOLD:
            # Back inside it begins anew: what was before is over.
            return step_s, hand_n, hand_n - self.aim_n
        return step_s, hand_n, self.off_n + (force_n - self.aim_n - self.off_n) * min(step_s / SLOW_LAG_S, 1.0)


def approach_stop_n(estimate: Discomfort, rating: int, limit_n: float) -> tuple[float, bool]:
    """Return where an approach to `rating` stops rising unanswered, newtons, and whether the limit is what stops it."""
    believed, allowed = estimate.quantile_n(rating, FREEZE_SHARE), APPROACH_MARGIN * limit_n
    return (believed, False) if believed <= allowed else (allowed, True)
