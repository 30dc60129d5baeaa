"""Sessions of the engine alone, scripted by the second: forces, answers and silences, without a radio."""

from collections.abc import Callable
from math import isnan

from protocols.commands import (
    Arm,
    Ask,
    CloseQuestion,
    Command,
    Cue,
    EndSession,
    EnterPhase,
    GiveCue,
    Phase,
    Question,
    ShowTarget,
    SoundAlarm,
    Tare,
    Tell,
)
from protocols.engine import step
from protocols.events import (
    Answered,
    Armed,
    Event,
    HistoryLoaded,
    Press,
    Pressed,
    Sampled,
    StopRequested,
    Tared,
    Ticked,
    ToolConnected,
    ToolFacts,
    WentOn,
)
from protocols.figures import Figures, figures
from protocols.plan import Compress, Dose, Protocol, Step
from protocols.session import Session
from protocols.site import Site

SITE = Site.named("upper-trapezius-left")
TOOL = ToolFacts("scripted", 200.0, 11.3, 0.01, 10_000_000)
DOSE = Dose(credited_s=30)
SAMPLES = 5
FIVE_N = 20.0
FOLLOW_GAIN = 0.05


class Script:
    """One session that is told what happens, second by second.

    `said`: every command with its time in seconds; `steps`: event, state before and after, commands.
    """

    tick_ns = 50_000_000

    def __init__(
        self,
        dose: Dose = DOSE,
        *,
        site: Site = SITE,
        tool: ToolFacts = TOOL,
        history: HistoryLoaded | None = None,
        origin_ns: int = 0,
        ready: bool = True,
        steps: tuple[Step, ...] = (),
    ) -> None:
        self.session = Session.begin(Protocol("scripted", "Scripted", steps or (Compress(dose),)), site)
        self.origin_ns = self.now_ns = origin_ns
        self.tool = tool
        self.force_n = 0.0
        self.said: list[tuple[float, Command]] = []
        self.steps: list[tuple[Event, Session, Session, tuple[Command, ...]]] = []
        self.replies_to_requests = True
        self._dither = 0
        self.give(history or HistoryLoaded(origin_ns))
        if ready:
            self.give(ToolConnected(self.now_ns, tool))

    @property
    def now_s(self) -> float:
        return (self.now_ns - self.origin_ns) * 1e-9

    @property
    def phase(self) -> Phase:
        return self.session.phase

    @property
    def cue(self) -> Cue:
        return self.session.standing.cue

    @property
    def aim_n(self) -> float:
        return self.session.pacing.aim_n

    @property
    def credit_s(self) -> float:
        return self.session.credit.seconds

    @property
    def figures(self) -> Figures:
        return figures(self.session)

    @property
    def ending(self) -> tuple[str | None, str]:
        """Outcome and reason."""
        return self.figures.outcome, self.figures.reason

    @property
    def phases(self) -> list[Phase]:
        return [command.phase for _, command in self.said if isinstance(command, EnterPhase)]

    def give(self, event: Event) -> tuple[Command, ...]:
        """Give one event; requests to the tool are granted at once, unless `replies_to_requests` is off."""
        before = self.session
        self.session, commands = step(before, event)
        self.steps.append((event, before, self.session, commands))
        self.said += [(self.now_s, command) for command in commands]
        for command in commands:
            if self.replies_to_requests and isinstance(command, Tare):
                self.give(Tared(self.now_ns, 0.0))
            elif self.replies_to_requests and isinstance(command, Arm):
                self.give(Armed(self.now_ns, command.force_limit_n, command.hold_limit_s))
        return commands

    def packet(
        self, *forces_n: float, lost: int = 0, saturated: bool = False, fault: bool = False
    ) -> tuple[Command, ...]:
        """Let one packet's time pass and give its forces."""
        period_ns = self.tool.sample_period_ns
        first_ns = self.now_ns + period_ns
        self.now_ns += len(forces_n) * period_ns
        if not isnan(forces_n[-1]):
            self.force_n = forces_n[-1]
        return self.give(Sampled(self.now_ns, first_ns, period_ns, forces_n, saturated, fault, lost))

    def press_at(self, force_n: float | Callable[[float], float], seconds: float) -> "Script":
        """Press with a force, or with one that depends on the seconds since now."""
        begin_ns = self.now_ns
        while self.now_ns - begin_ns < round(seconds * 1e9):
            forces = []
            for i in range(SAMPLES):
                self._dither = (self._dither + 1) % 3
                since_s = (self.now_ns - begin_ns + (i + 1) * self.tool.sample_period_ns) * 1e-9
                force = force_n(since_s) if callable(force_n) else force_n
                forces.append(force + 0.001 * self._dither if force else 0.0)
            self.packet(*forces)
            self.give(Ticked(self.now_ns))
        return self

    def ramp(self, to_n: float, seconds: float) -> "Script":
        """Press from the present force to another."""
        from_n = self.force_n
        return self.press_at(lambda since_s: from_n + (to_n - from_n) * min(since_s / seconds, 1.0), seconds)

    def let_go(self, seconds: float = 2.0) -> "Script":
        return self.press_at(0.0, seconds)

    def follow(self, seconds: float = 200.0, until: Callable[[], bool] = lambda: False) -> "Script":
        """Do what is shown, as a hand would: towards the aim, off at a release cue."""
        begin_ns = self.now_ns
        while self.now_ns - begin_ns < seconds * 1e9 and not until():
            letting_go = self.cue in {Cue.RELEASE, Cue.DONE, Cue.NONE}
            forces = []
            for _ in range(SAMPLES):
                self._dither = (self._dither + 1) % 3
                goal_n = 0.0 if letting_go else self.aim_n
                self.force_n += (goal_n - self.force_n) * (0.2 if letting_go else FOLLOW_GAIN)
                forces.append(round(self.force_n, 2) + 0.001 * self._dither)
            self.packet(*forces)
            self.give(Ticked(self.now_ns))
        return self

    def silence(self, seconds: float) -> "Script":
        """Let time pass without a sample."""
        end_ns = self.now_ns + round(seconds * 1e9)
        while self.now_ns < end_ns:
            self.now_ns = min(self.now_ns + self.tick_ns, end_ns)
            self.give(Ticked(self.now_ns))
        return self

    def answer(self, rating: int) -> tuple[Command, ...]:
        return self.give(Answered(self.now_ns, self.now_ns, rating, "keys"))

    def tap(self, press: Press = Press.SHORT) -> tuple[Command, ...]:
        return self.give(Pressed(self.now_ns, self.now_ns, press, "tool"))

    def say(self, what: int | Press) -> tuple[Command, ...]:
        return self.tap(what) if isinstance(what, Press) else self.answer(what)

    def go_on(self) -> tuple[Command, ...]:
        return self.give(WentOn(self.now_ns, "keys"))

    def stop(self, by: str = "person") -> tuple[Command, ...]:
        return self.give(StopRequested(self.now_ns, by))

    def to_five(self, five_n: float = FIVE_N) -> "Script":
        """Follow the approach to this force and tap there; then there is a hold."""
        self.follow(60, until=lambda: self.session.estimate.felt_n >= five_n)
        self.answer(5)
        assert self.phase is Phase.HOLD, self.phase
        return self

    def hold_for(self, seconds: float, answer: int | None = 5, *, until_release: bool = False) -> "Script":
        """Follow in a hold and give this answer to each question, a second and a half after it."""
        end_ns = self.now_ns + round(seconds * 1e9)
        while self.now_ns < end_ns and not self.session.ended:
            if until_release and self.phase is Phase.RELEASE:
                break
            self.follow(0.05)
            asking = self.session.asking
            if answer is not None and asking.question is Question.RATE_NOW and self.now_ns - asking.asked_ns > 1.5e9:
                self.answer(answer)
        return self

    def given(self, kind: type, after_s: float = -1.0) -> list[tuple[float, Command]]:
        """Return the commands of a kind with their times."""
        return [(at_s, command) for at_s, command in self.said if isinstance(command, kind) and at_s > after_s]

    def given_asks(self) -> list[tuple[float, Ask]]:
        return [(at_s, command) for at_s, command in self.said if isinstance(command, Ask)]

    def closed(self) -> list[float]:
        return [at_s for at_s, _ in self.given(CloseQuestion)]

    def given_cues(self, after_s: float = -1.0) -> list[tuple[float, GiveCue]]:
        return [(at_s, c) for at_s, c in self.said if isinstance(c, GiveCue) and at_s > after_s]

    def cues(self, after_s: float = -1.0) -> list[Cue]:
        """Return the cues in order, repetitions left out."""
        return [command.cue for _, command in self.given(GiveCue, after_s) if not command.again]

    def aims(self, after_s: float = -1.0) -> list[float]:
        return [command.aim_n for _, command in self.given(ShowTarget, after_s)]

    def asked(self, question: Question, after_s: float = -1.0) -> list[float]:
        return [at_s for at_s, c in self.given(Ask, after_s) if c.question is question and not c.louder]

    def alarms(self) -> list[float]:
        return [at_s for at_s, _ in self.given(SoundAlarm)]

    def told(self, message: str) -> bool:
        return any(command.message == message for _, command in self.given(Tell))

    def ends(self) -> int:
        return len(self.given(EndSession))
