"""The arms of a trial that have no engine: who leads the hand after the approach, and when it is told to let go.

No guided arm aims above 94 % of the cap of the site. Each shows its target at once; the hand follows as it can.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from protocols.commands import Cue
from protocols.plan import Dose
from protocols.site import REFERENCE_TIP_MM, Site
from simulator.body import CONTACT_N
from simulator.trial.course import Course
from simulator.trial.world import PACKET, PACKET_S, PERIOD_S, World

CAP_SHARE = 0.94
AHEAD_S = 2.0
"""How far ahead a target must be right: the hand's delay 0.3 s, its gain some 0.9 s, the lag of what is felt 1 s."""

LOOKS_AWAY_AFTER_PACKETS = 30
"""3 s: the hand has come to where 5 was felt, then nobody guides."""

LETS_GO_PACKETS = 30
"""A hand that was told to let go has done so after 3 s."""

FOREVER_NS = 2**62


@dataclass(frozen=True, slots=True)
class Ended:
    """Why an arm ends, and whether with the whole dose."""

    reason: str
    complete: bool


class Arm(Protocol):
    """Whoever leads a hold. `questions` counts them, `believed` has a row for each packet, as in `Course`."""

    credited_s: float
    questions: int
    believed: list[tuple[float, float, float, float]]

    def lead(self, world: World) -> None:
        """Show, ask, or leave it, before the next packet."""

    def take(self, world: World, forces_n: tuple[float, ...]) -> Ended | None:
        """Take the packet that came, and what was said; return why it is over, if it is."""


def hold(world: World, arm: Arm, touched: int) -> Course:
    """Carry one person through a hold, from the end of the approach to having let go."""
    began = len(world.force_n)
    person = world.person
    person.question_closed(world.now_ns)
    person.cued(Cue.HOLD, world.now_ns)
    ended = None
    while ended is None:
        arm.lead(world)
        ended = arm.take(world, world.packet())
    left = len(world.force_n)
    person.question_closed(world.now_ns)
    person.cued(Cue.RELEASE, world.now_ns)
    for _ in range(LETS_GO_PACKETS):
        world.packet()
        world.said()
        if world.force_n[-1] < CONTACT_N:
            break
    inside = np.zeros(len(world.force_n), dtype=np.bool)
    inside[began:left] = True
    force_n, discomfort = world.truth()
    believed = np.array(arm.believed).reshape(-1, 4)
    return Course(
        force_n,
        discomfort,
        touched,
        began,
        left,
        inside,
        arm.credited_s,
        ended.complete,
        ended.reason,
        arm.questions,
        believed,
    )


def most_n(site: Site) -> float:
    """Return the highest force that a guided arm aims at, newtons."""
    return CAP_SHARE * site.cap_n(REFERENCE_TIP_MM)


class Stopwatch:
    """An arm that believes nothing: it lasts until the truth has reached the dose, or its time at pressure is over.

    A stopwatch credits every second of the hold.
    """

    def __init__(self, dose: Dose) -> None:
        self.credited_s = 0.0
        self.questions = 0
        self.believed: list[tuple[float, float, float, float]] = []
        self._dose = dose
        self._packets = 0
        self._in_band_s = 0.0

    def lead(self, world: World) -> None:
        """Leave the person alone."""

    def take(self, world: World, forces_n: tuple[float, ...]) -> Ended | None:
        """Count the seconds."""
        del forces_n
        world.said()
        self._packets += 1
        band = self._dose.band
        self._in_band_s += PERIOD_S * sum(band.low_edge <= felt < band.high_edge for felt in world.discomfort[-PACKET:])
        held_s = self._packets * PACKET_S
        self.credited_s = self._credited_s(held_s)
        if self._in_band_s >= self._dose.credited_s - 1e-6:
            return Ended("dose", complete=True)
        return Ended("time-at-pressure", complete=False) if held_s >= self._dose.pressure_limit_s - 1e-6 else None

    def _credited_s(self, held_s: float) -> float:
        return held_s


class OneForce(Stopwatch):
    """Guided to one force, newtons, all the time."""

    def __init__(self, dose: Dose, force_n: float) -> None:
        super().__init__(dose)
        self._force_n = force_n

    def lead(self, world: World) -> None:
        """Show that force."""
        world.person.see_target(self._force_n, world.now_ns)


class Unguided(OneForce):
    """Presses to what it takes for 5, newtons, then looks away: the hand sags."""

    def lead(self, world: World) -> None:
        """Show the force for a moment, then nothing."""
        if self._packets < LOOKS_AWAY_AFTER_PACKETS:
            super().lead(world)
        elif self._packets == LOOKS_AWAY_AFTER_PACKETS:
            world.person.hand.look_away(FOREVER_NS)


class Oracle(Stopwatch):
    """Guided to the force that truly is in the middle of the band when it will be felt; credits the truth."""

    def __init__(self, dose: Dose, highest_n: float) -> None:
        super().__init__(dose)
        self._highest_n = highest_n

    def lead(self, world: World) -> None:
        """Show what the person's own body says."""
        body, traits = world.person.body, world.person.traits.body
        later = traits.habituation + (body.habituated - traits.habituation) * math.exp(-AHEAD_S / traits.tau_s)
        now_n = body.force_at_n(self._dose.band.aim)
        aim_n = now_n * (1.0 + later) / (1.0 + body.habituated)
        world.person.see_target(min(aim_n, self._highest_n), world.now_ns)

    def _credited_s(self, held_s: float) -> float:
        del held_s
        return min(self._in_band_s, self._dose.credited_s)
