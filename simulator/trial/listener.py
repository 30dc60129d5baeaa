"""What is to be learned of a person from forces, questions, answers and silences, by who knows how people answer.

The likelihoods are those of the simulated rater itself (simulator/rater.py): when it taps, what it misses, how long it
takes, when it protests.
"""

from collections import deque

import numpy as np

from protocols.chances import cdf
from protocols.commands import Question
from protocols.events import Answered, Event, Press, Pressed
from protocols.plan import FIVE, PAIN
from protocols.quasi import Floats
from protocols.site import Site
from simulator.body import CONTACT_N
from simulator.population import Population
from simulator.rater import PROTEST_AGAIN_NS, TOO_MUCH
from simulator.trial.likely_people import LikelyPeople
from simulator.trial.world import PACKET_S, PERIOD_S

UNFAMILIAR, FAMILIAR = 20_000, 5_000
"""How many people stand for one of whom little is known, and for one whose force at 5 is found."""

FEWEST = 1_500
"""They are drawn again when no more than so many equally likely ones would say as much."""

NUMBER_LAG_S = 1.0
TRIES = 3
"""A tap that is missed is tried again a point stronger; so many misses in a row are considered."""

UNDERSTOOD_S = 1.2
"""So long after the slowest tap a long press has surely arrived."""

PROTEST_SPREAD = 0.15
PROTEST_ROOM = 0.4
"""Points: the onset of a protest is exact, but not the time of the tap; whoever is silent was below it, and this."""

EACH = 3
"""Silence about too much is looked at every so many packets."""

_AWAITS = {Question.TAP_AT_PAIN: float(PAIN), Question.TAP_AT_FIVE: float(FIVE)}


class Listener:
    """Learns of one person over all sessions. Times are ns of one session's clock."""

    def __init__(self, population: Population, site: Site, rng: np.random.Generator) -> None:
        self._population, self._rng = population, rng
        self.people = LikelyPeople.of(population, site, UNFAMILIAR, rng)
        self._begin()

    def wake_up(self) -> None:
        """Begin another session on another day."""
        self.people.wake_up(UNFAMILIAR, self._rng)
        self._begin()

    def _begin(self) -> None:
        self.now_ns = 0
        self.felt_n = 0.0
        self._past: deque[tuple[int, float]] = deque(maxlen=round(60.0 / PACKET_S))
        self._awaits: float | None = None
        self._opened_ns = 0
        self._protest_ns = -PROTEST_AGAIN_NS
        self._loud: deque[tuple[int, Floats]] = deque()
        self._packets = 0

    def felt(self, now_ns: int, forces_n: tuple[float, ...]) -> None:
        """Take a packet whose last sample is of now."""
        share = -np.expm1(-PERIOD_S / self._population.felt_lag_s)
        for force_n in forces_n:
            self.felt_n += (force_n - self.felt_n) * float(share)
        self.now_ns = now_ns
        self._past.append((now_ns, self.felt_n))
        self.people.pass_time(PACKET_S, touching=forces_n[-1] > CONTACT_N)
        self._packets += 1
        if self._packets % EACH == 0:
            self._no_protest()

    def asked(self, question: Question, now_ns: int) -> None:
        """Take note of a question."""
        awaits = _AWAITS.get(question)
        if awaits is not None:
            self._awaits, self._opened_ns = awaits, now_ns

    def question_closed(self, now_ns: int) -> None:
        """Learn from the silence until now, if a tap was awaited."""
        if self._awaits is not None:
            tapped = self._taps_by(now_ns - round(np.mean(self._population.tap_s) * 1e9))
            self._awaits = None
            self._learned(1.0 - tapped)

    def heard(self, event: Event) -> None:
        """Learn from what the person said."""
        match event:
            case Answered():
                self.people.heard_number(event.rating, self.discomfort_at(event.given_ns - round(NUMBER_LAG_S * 1e9)))
                self._thin()
            case Pressed(press=Press.SHORT) if self._awaits is not None:
                quick_ns, slow_ns = (round(seconds * 1e9) for seconds in self._population.tap_s)
                # It was decided in between, each moment equally likely: the level was passed there and not before.
                likelihood = self._taps_by(event.given_ns - quick_ns) - self._taps_by(event.given_ns - slow_ns)
                self._awaits = None
                self._learned(likelihood)
            case Pressed(press=Press.LONG):
                decided_ns = event.given_ns - round(np.mean(self._population.tap_s) * 1e9)
                self._protest_ns = self.now_ns
                self._loud.clear()
                self._learned(cdf((self.discomfort_at(decided_ns) - TOO_MUCH) / PROTEST_SPREAD))
            case _:
                pass

    def discomfort_at(self, at_ns: int) -> Floats:
        """Return what each of the people would have felt then, points."""
        ago_s = max(self.now_ns - at_ns, 0) * 1e-9
        return self.people.discomfort(self.felt_at(at_ns), ago_s)

    def felt_at(self, at_ns: int) -> float:
        """Return the felt force at a time of the last minute, newtons."""
        after_ns, after_n = self.now_ns, self.felt_n
        for before_ns, before_n in reversed(self._past):
            if before_ns <= at_ns:
                share = (at_ns - before_ns) / max(after_ns - before_ns, 1)
                return before_n + (after_n - before_n) * min(share, 1.0)
            after_ns, after_n = before_ns, before_n
        return after_n

    def _taps_by(self, until_ns: int) -> Floats:
        """Return each one's chance of having decided to tap by then, since the question stands."""
        if until_ns < self._opened_ns:
            return np.zeros(self.people.size)
        peak_ns, peak_n = until_ns, self.felt_at(until_ns)
        for at_ns, felt_n in self._past:
            if self._opened_ns <= at_ns <= until_ns and felt_n > peak_n:
                peak_ns, peak_n = at_ns, felt_n
        assert self._awaits is not None
        above = self.people.discomfort(peak_n, max(self.now_ns - peak_ns, 0) * 1e-9) - self._awaits
        missed = self._population.unanswered
        chance = np.zeros(self.people.size)
        for tries in range(TRIES):
            chance += (1.0 - missed) * missed**tries * cdf((above - tries) / self.people.noise_sd)
        return chance

    def _no_protest(self) -> None:
        """Learn that whoever felt too much a while ago would have protested by now."""
        late_ns = round((self._population.tap_s[1] + UNDERSTOOD_S) * 1e9)
        while self._loud and self._loud[0][0] <= self.now_ns - late_ns:
            _, points = self._loud.popleft()
            self._learned(cdf((TOO_MUCH + PROTEST_ROOM - points) / PROTEST_SPREAD))
        if self.now_ns - self._protest_ns >= PROTEST_AGAIN_NS:
            points = self.people.discomfort(self.felt_n)
            if bool((points >= TOO_MUCH - 1.0).any()):
                self._loud.append((self.now_ns, points))

    def _learned(self, likelihood: Floats) -> None:
        self.people.learn(likelihood)
        self._thin()

    def settle(self) -> None:
        """Draw fewer people, now that the force at 5 is found."""
        if self.people.size > FAMILIAR:
            self._draw_again()

    def _thin(self) -> None:
        if self.people.effective < FEWEST:
            self._draw_again()

    def _draw_again(self) -> None:
        self.people.draw_again(FAMILIAR, self._rng)
        self._loud.clear()
