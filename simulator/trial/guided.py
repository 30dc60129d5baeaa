"""A session of the real engine with a world in place of tool and radio."""

from collections import deque
from math import inf
from typing import Protocol

from protocols.commands import (
    Arm,
    Ask,
    CloseQuestion,
    Command,
    Cue,
    Disarm,
    EnterPhase,
    GiveCue,
    Phase,
    Question,
    ShowTarget,
    SoundAlarm,
    Tare,
)
from protocols.engine import step
from protocols.events import (
    AlarmCause,
    Answered,
    Armed,
    Event,
    HistoryLoaded,
    Press,
    Pressed,
    Sampled,
    Tared,
    Ticked,
    ToolAlarmed,
    ToolConnected,
    ToolFacts,
)
from protocols.plan import FIVE
from protocols.plan import Protocol as Routine
from protocols.said import NUMBER_LAG_NS, PRESS_LAG_NS, TOO_MUCH_FROM
from protocols.session import Session
from protocols.site import REFERENCE_TIP_MM, Site
from simulator.firmware_alarm import OVER_LIMIT_US
from simulator.load_cell import CellTraits
from simulator.trial.world import PACKET, PERIOD_NS, STEPS_PER_N, World

TOOL = ToolFacts("trial", CellTraits().capacity_n, REFERENCE_TIP_MM, 1 / STEPS_PER_N, PERIOD_NS)

LONGEST_S = 1800.0
"""A session with a calibration takes some five minutes; one that is not over by then never ends."""


class Witness(Protocol):
    """Somebody who gets the same forces, questions and answers as the engine."""

    def felt(self, now_ns: int, forces_n: tuple[float, ...]) -> None:
        """Take a packet whose last sample is of now."""

    def asked(self, question: Question, now_ns: int) -> None:
        """Take note of a question."""

    def question_closed(self, now_ns: int) -> None:
        """Take note that no question stands."""

    def heard(self, event: Event) -> None:
        """Take what the person said, before the engine does."""


class Guided:
    """One session, a packet at a time. Numbers of samples are those of the world.

    `touched`: sample at which the approach to the hold began; `began`: at which the hold did; `left`: at which they
    were left for the last time. None: not yet. `holding` has the numbers of the packets in the hold, `believed` a row
    for each of them: mean, SD, chance of being in band, true discomfort. `questions` counts those in the hold. `found`:
    the answer with which the force at 5 was found, as felt force, newtons, and rating.
    """

    def __init__(
        self,
        world: World,
        routine: Routine,
        site: Site,
        history: HistoryLoaded,
        questions_per_min: int,
        witness: Witness | None = None,
    ) -> None:
        self.world, self.witness = world, witness
        self.session = Session.begin(routine, site, questions_per_min)
        self.touched: int | None = None
        self.began: int | None = None
        self.left: int | None = None
        self.holding: list[int] = []
        self.believed: list[tuple[float, float, float, float]] = []
        self.questions = 0
        self.found: tuple[float, int] | None = None
        self._tare_ns: int | None = None
        self._armed_n = inf
        self._over_us = 0
        self._give(history, ToolConnected(world.now_ns, TOOL))

    @property
    def over(self) -> bool:
        """Whether nothing more comes."""
        return self.session.ended or self.world.now_ns >= LONGEST_S * 1e9

    def advance(self) -> None:
        """Go on by one packet of force, and what the person says meanwhile."""
        world, witness = self.world, self.witness
        forces_n = world.packet()
        now_ns = world.now_ns
        if witness is not None:
            witness.felt(now_ns, forces_n)
        self._give(Sampled(now_ns, now_ns - (PACKET - 1) * PERIOD_NS, PERIOD_NS, forces_n))
        self._guard_as_the_tool(forces_n)
        if self._in_hold:
            self.holding.append(len(world.force_n) // PACKET - 1)
            belief = self.session.beliefs[-1]
            self.believed.append((belief.mean, belief.sd, belief.p_band, world.discomfort[-1]))
        for event in world.said():
            if witness is not None:
                witness.heard(event)
            answer = self._answer(event)
            self._give(event)
            estimate = self.session.estimate
            if self.found is None and estimate is not None and estimate.found:
                self.found = answer
        if self._tare_ns is not None and now_ns >= self._tare_ns:
            self._tare_ns = None
            self._give(Tared(now_ns, world.tare()))
        self._give(Ticked(now_ns))

    def _guard_as_the_tool(self, forces_n: tuple[float, ...]) -> None:
        for force in forces_n:
            self._over_us = self._over_us + PERIOD_NS // 1000 if force > self._armed_n else 0
            if self._over_us >= OVER_LIMIT_US:
                self._armed_n = inf
                self.world.person.cued(Cue.RELEASE, self.world.now_ns)
                self._give(ToolAlarmed(self.world.now_ns, AlarmCause.FORCE_LIMIT))
                return

    @property
    def _in_hold(self) -> bool:
        return self.session.phase is Phase.HOLD

    def _answer(self, event: Event) -> tuple[float, int] | None:
        estimate = self.session.estimate
        match event:
            case Answered() if estimate is not None:
                return estimate.felt_at(event.given_ns - NUMBER_LAG_NS), event.rating
            case Pressed() if estimate is not None:
                rating = FIVE if event.press is Press.SHORT else TOO_MUCH_FROM
                return estimate.felt_at(event.given_ns - PRESS_LAG_NS), rating
            case _:
                return None

    def _give(self, *events: Event) -> None:
        waiting = deque(events)
        while waiting:
            self.session, commands = step(self.session, waiting.popleft())
            for command in commands:
                self._carry_out(command, waiting)

    def _carry_out(self, command: Command, waiting: deque[Event]) -> None:
        person, now_ns = self.world.person, self.world.now_ns
        match command:
            case ShowTarget():
                person.see_target(command.aim_n, now_ns)
            case GiveCue():
                person.cued(command.cue, now_ns)
            case SoundAlarm():
                person.cued(Cue.RELEASE, now_ns)
            case Ask():
                person.asked(command.question, now_ns)
                if self.witness is not None and not command.louder:
                    self.witness.asked(command.question, now_ns)
                self.questions += self._in_hold and command.question is Question.RATE_NOW and not command.louder
            case CloseQuestion():
                person.question_closed(now_ns)
                if self.witness is not None:
                    self.witness.question_closed(now_ns)
            case Disarm():
                self._armed_n = inf
            case Tare():
                self._tare_ns = now_ns + command.averaging_ms * 1_000_000
            case Arm():
                self._armed_n = command.force_limit_n
                waiting.append(Armed(now_ns, command.force_limit_n, command.hold_limit_s))
            case EnterPhase():
                self._entered(command.phase)
            case _:
                pass

    def _entered(self, phase: Phase) -> None:
        sample = len(self.world.force_n)
        match phase:
            case Phase.APPROACH:
                self.touched = sample if self.touched is None else self.touched
                self.left = None
            case Phase.HOLD:
                self.began = sample if self.began is None else self.began
                self.left = None
            case _ if self.touched is not None and self.left is None:
                self.left = sample
            case _:
                pass
