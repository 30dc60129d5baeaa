"""The most that the answers can tell: leads a hold by all that a listener who knows the population has learned.

It has none of the product's rules but the cap; the careful variant obeys those of pressure, which shows what they cost.
"""

from math import exp, inf

import numpy as np

from protocols.asking import BETWEEN_NS, LOUDER_NS, MINUTE_NS, OPEN_NS
from protocols.commands import Question
from protocols.events import Answered, Press, Pressed
from protocols.plan import Dose
from protocols.quasi import Floats
from simulator.body import CONTACT_N
from simulator.trial.arms import AHEAD_S, Ended
from simulator.trial.listener import NUMBER_LAG_S, Listener
from simulator.trial.world import PACKET_S, PERIOD_S, World

FIRST_NS = 5_000_000_000
"""The first question comes so long after the hold began: the hand has followed the tap by then."""

AIM_EACH = 3
"""Packets from one new target to the next."""

GRID = 0.004
AROUND = 0.6
"""Forces are weighed in steps of their logarithm, and so far around the middle."""

FELT_WANDER = 0.5
"""What is left of a hand's wander behind the lag of what is felt, and a hold moves by so much around its target."""

ALLOWED = 1.05
TOO_MUCH_FROM = 7
EIGHT = 8.0
CHANCE_OF_EIGHT = 0.05
"""The product's rules of pressure: at most 5 % above the last answer that allows it, and 5 % chance of 8."""


class IdealObserver:
    """An arm of a trial. `touched_s`: seconds of contact before the hold, which count for the limit."""

    def __init__(
        self,
        listener: Listener,
        dose: Dose,
        *,
        highest_n: float,
        wander: float,
        questions_per_min: int,
        touched_s: float,
        ceiling_n: float | None = None,
    ) -> None:
        self.credited_s = 0.0
        self.questions = 0
        self.believed: list[tuple[float, float, float, float]] = []
        self._listener, self._dose = listener, dose
        self._highest_n, self._per_min = highest_n, questions_per_min
        self._careful = ceiling_n is not None
        self._ceiling_n = inf if ceiling_n is None else ceiling_n
        self._blur = _blur(FELT_WANDER * wander)
        self._aim_n = 0.0
        self._packets = 0
        self._pressure_s, self._contact_s = 0.0, touched_s
        self._asked_ns: int | None = None
        self._lately: list[int] = []
        self._louder = False
        self._begun_ns: int | None = None
        listener.settle()

    def lead(self, world: World) -> None:
        """Show the force that is likeliest to be in band, and ask when it may."""
        if self._packets % AIM_EACH == 0:
            self._aim_n = self._best_n()
            world.person.see_target(self._aim_n, world.now_ns)
        self._ask(world)

    def take(self, world: World, forces_n: tuple[float, ...]) -> Ended | None:
        """Learn, and count what is believed to be in band."""
        listener, dose = self._listener, self._dose
        listener.felt(world.now_ns, forces_n)
        self._packets += 1
        mean, sd, in_band = self._belief()
        self.believed.append((mean, sd, in_band, world.discomfort[-1]))
        self.credited_s = min(self.credited_s + PACKET_S * in_band, dose.credited_s)
        self._pressure_s += PACKET_S if mean >= dose.band.low_edge else 0.0
        self._contact_s += PERIOD_S * sum(force > CONTACT_N for force in forces_n)
        for event in world.said():
            if isinstance(event, (Answered, Pressed)):
                self._answered(world, event)
        if self.credited_s >= dose.credited_s:
            return Ended("dose", complete=True)
        if self._pressure_s >= dose.pressure_limit_s:
            return Ended("time-at-pressure", complete=False)
        return Ended("contact", complete=False) if self._contact_s >= dose.contact_limit_s else None

    def _belief(self) -> tuple[float, float, float]:
        people, band = self._listener.people, self._dose.band
        points = people.discomfort(self._listener.felt_n)
        mean = float(people.weights @ points)
        spread = float(people.weights @ (points - mean) ** 2) ** 0.5
        return mean, spread, float(people.weights @ ((points >= band.low_edge) & (points < band.high_edge)))

    def _best_n(self) -> float:
        people, band = self._listener.people, self._dose.band
        low, high = (people.ln_force(edge, AHEAD_S) for edge in (band.low_edge, band.high_edge))
        middle = float(people.weights @ (low + high)) / 2
        inside = _chance_below(low, people.weights, middle) - _chance_below(high, people.weights, middle)
        inside = np.convolve(inside, self._blur, mode="same")
        allowed = np.ones(len(inside), dtype=bool)
        if self._careful:
            eight = _chance_below(people.ln_force(EIGHT, AHEAD_S), people.weights, middle)
            allowed = eight <= CHANCE_OF_EIGHT
            allowed[0] = True
        best = int(np.argmax(np.where(allowed, inside, -1.0)))
        return min(exp(middle - AROUND + (best + 1) * GRID), self._highest_n, self._ceiling_n)

    def _ask(self, world: World) -> None:
        now_ns, person = world.now_ns, world.person
        self._begun_ns = now_ns if self._begun_ns is None else self._begun_ns
        if self._asked_ns is not None:
            if now_ns - self._asked_ns >= OPEN_NS:
                person.question_closed(now_ns)
                self._asked_ns = None
            elif now_ns - self._asked_ns >= LOUDER_NS and not self._louder:
                self._louder = True
                person.asked(Question.RATE_NOW, now_ns)
            return
        lately = [at_ns for at_ns in self._lately if now_ns - at_ns < MINUTE_NS]
        between_ns = min(BETWEEN_NS, MINUTE_NS // self._per_min)
        too_soon = lately and now_ns - lately[-1] < between_ns
        if now_ns - self._begun_ns < FIRST_NS or too_soon or len(lately) >= self._per_min:
            return
        self._lately, self._asked_ns, self._louder = [*lately, now_ns], now_ns, False
        self.questions += 1
        person.asked(Question.RATE_NOW, now_ns)

    def _answered(self, world: World, event: Answered | Pressed) -> None:
        listener = self._listener
        if isinstance(event, Answered):
            felt_n = listener.felt_at(event.given_ns - round(NUMBER_LAG_S * 1e9))
            self._limit(felt_n, too_much=event.rating >= TOO_MUCH_FROM)
            world.person.question_closed(world.now_ns)
            self._asked_ns = None
        elif event.press is Press.LONG:
            self._limit(listener.felt_n, too_much=True)
        listener.heard(event)

    def _limit(self, felt_n: float, *, too_much: bool) -> None:
        if not self._careful:
            return
        if too_much:
            self._ceiling_n = min(self._ceiling_n, self._aim_n)
        else:
            self._ceiling_n = max(ALLOWED * felt_n, min(self._aim_n, self._ceiling_n))


def first_ceiling_n(felt_n: float) -> float:
    """Return how far the careful observer may go after a tap at this felt force, newtons."""
    return ALLOWED * felt_n


def _chance_below(ln_force: Floats, weights: Floats, middle: float) -> Floats:
    steps = round(2 * AROUND / GRID)
    place = np.clip((ln_force - (middle - AROUND)) / GRID, 0, steps - 1).astype(int)
    return np.asarray(np.cumsum(np.bincount(place, weights, steps)), dtype=np.float64)


def _blur(spread: float) -> Floats:
    reach = max(round(3 * spread / GRID), 1)
    shape = np.exp(-0.5 * (np.arange(-reach, reach + 1) * GRID / max(spread, GRID / 10)) ** 2)
    return np.asarray(shape / shape.sum(), dtype=np.float64)
