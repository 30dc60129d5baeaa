"""One call of `step` at work: the session's fields while they change, and the commands given so far.

Nothing outside this package sees a Turn: `step` makes it from one immutable session and closes it with the next.
Copying field by field costs a third of what `dataclasses.replace` would, once for every change.
"""

from protocols.commands import (
    Arm,
    Ask,
    CloseQuestion,
    Command,
    Disarm,
    EnterPhase,
    Outcome,
    Phase,
    Question,
)
from protocols.guard import LOST_NS
from protocols.history import found_limit_n
from protocols.plan import Calibrate, Dose, Step
from protocols.session import Ending, Left, PauseReason, Session

HOLD_LIMIT_SLACK_S = 5.0
"""The tool's own hold limit lies this much behind the app's, so that letting go in time raises no alarm."""

LATELY_NS = 2_000_000_000
"""Who lets go, or slips off, is seen to a second later; what was pressed is the most of this time."""

GUIDED = frozenset({Phase.CONTACT, Phase.RAMP, Phase.APPROACH, Phase.HOLD})
IN_TOUCH = frozenset({Phase.RAMP, Phase.APPROACH, Phase.HOLD})
_RANK = {Outcome.STOPPED: 1, Outcome.COMPLETE: 2, Outcome.SHORT: 3}


class Turn:
    """A session that may be changed, for the length of one `step`."""

    def __init__(self, session: Session, at_ns: int) -> None:
        self.now_ns = max(session.now_ns, at_ns) if session.begun else at_ns
        self.begun = True
        self.protocol = session.protocol
        self.site = session.site
        self.step_index = session.step_index
        self.phase = session.phase
        self.phase_ns = session.phase_ns
        self.hold = session.hold
        self.history = session.history
        self.tool = session.tool
        self.cap_n = session.cap_n
        self.contact_left_s = session.contact_left_s
        self.found_limit_n = session.found_limit_n
        self.estimate = session.estimate
        self.beliefs = session.beliefs
        self.contact = session.contact
        self.credit = session.credit
        self.guard = session.guard
        self.verdict = session.verdict
        self.pacing = session.pacing
        self.asking = session.asking
        self.pause = session.pause
        self.ending = session.ending
        self.tally = session.tally
        self.zero = session.zero
        self.zero_off = session.zero_off
        self.strikes = session.strikes
        self.refused = session.refused
        self.refused_ns = session.refused_ns
        self.armed_n = session.armed_n
        self.arm_ns = session.arm_ns
        self.holds = session.holds
        self.samples = session.samples
        self.packets_lost = session.packets_lost
        self.standing = session.standing
        self.calibration = session.calibration
        self.left = session.left
        self.commands: list[Command] = []
        self.urgent = False

    def session(self) -> Session:
        """Return the next immutable session."""
        return Session(
            self.protocol,
            self.site,
            self.step_index,
            self.phase,
            self.phase_ns,
            self.hold,
            self.now_ns,
            self.begun,
            self.history,
            self.tool,
            self.cap_n,
            self.contact_left_s,
            self.found_limit_n,
            self.estimate,
            self.beliefs,
            self.contact,
            self.credit,
            self.guard,
            self.verdict,
            self.pacing,
            self.asking,
            self.pause,
            self.ending,
            self.tally,
            self.zero,
            self.zero_off,
            self.strikes,
            self.refused,
            self.refused_ns,
            self.armed_n,
            self.arm_ns,
            self.holds,
            self.samples,
            self.packets_lost,
            self.standing,
            self.calibration,
            self.left,
        )

    @property
    def step(self) -> Step:
        """The step that is being done."""
        return self.protocol.steps[self.step_index]

    @property
    def dose(self) -> Dose:
        """The dose of the step that is being done."""
        return self.step.dose

    @property
    def calibrates(self) -> bool:
        """Whether the step that is being done is a calibration."""
        return isinstance(self.step, Calibrate)

    @property
    def force_n(self) -> float:
        """The newest force, newtons."""
        return self.contact.force_n

    @property
    def fresh(self) -> bool:
        """Whether the newest sample is new enough to say something about now."""
        return self.contact.last_ns is not None and self.now_ns - self.contact.last_ns < LOST_NS

    @property
    def pressed(self) -> bool:
        """Whether the tool is pressed, as far as is known."""
        return self.fresh and self.contact.pressed

    @property
    def free(self) -> bool:
        """Whether it is known that nothing presses the tool now."""
        return self.fresh and not self.contact.pressed

    @property
    def slipped(self) -> bool:
        """Whether the session waits for a tool that slipped off."""
        return self.phase is Phase.PAUSED and self.pause is not None and self.pause.why is PauseReason.SLIP

    def enter(self, phase: Phase) -> None:
        """Go to a phase, and say so."""
        if self.phase in IN_TOUCH and phase not in IN_TOUCH and self.estimate is not None:
            self.left = Left(self.estimate.lately_n(LATELY_NS))
        self.phase, self.phase_ns = phase, self.now_ns
        self.commands.append(EnterPhase(phase, self.hold))

    def ask(self, question: Question, rating: int | None = None) -> None:
        """Open a question on every channel; `rating`: what is waited for, by default the band's lower answer."""
        self.asking = self.asking.asked(question, self.now_ns)
        self.commands.append(Ask(question, rating=self.dose.band.low if rating is None else rating))

    def close_question(self) -> None:
        """Take back the open question, if there is one."""
        if self.asking.question is not None:
            self.commands.append(CloseQuestion())
        self.asking = self.asking.closed()

    def limit(self, limit_n: float) -> None:
        """Set the force limit, and arm the tool with it."""
        self.guard = self.guard.limited(limit_n)
        self.arm()

    def lower_limit(self, least_n: float = 0.0) -> None:
        """Lower the limit to what is believed now, or to `least_n`, newtons; it comes into force later."""
        if self.found_limit_n is not None and self.estimate is not None:
            limit_n = max(found_limit_n(self.estimate.five_n, self.cap_n), least_n)
            self.found_limit_n = min(self.found_limit_n, limit_n)

    def tighten(self) -> None:
        """Bring a lower limit into force at once: nothing presses, so nobody needs time to ease off."""
        if self.found_limit_n is not None and self.found_limit_n < self.guard.limit_n:
            self.guard = self.guard.limited(self.found_limit_n)

    def arm(self) -> None:
        """Arm the tool, if it can guard by itself, with the present limits."""
        if self.tool is not None and self.tool.can_arm:
            left_s = max(self.contact_left_s - self.contact.total_ns * 1e-9, 0.0)
            # Arming again does not begin the tool's clock anew: it has run since the present contact began.
            hold_s = min(self.step.contact_limit_s, left_s + self.contact.running_s) + HOLD_LIMIT_SLACK_S
            self.commands.append(Arm(self.guard.limit_n, hold_s))
            self.arm_ns = self.now_ns

    def disarm(self) -> None:
        """Take the tool's own guard away, unless it may be pressed: unseen, nobody knows."""
        if self.tool is not None and self.tool.can_arm and (self.free or self.contact.above_ns is None):
            self.commands.append(Disarm())
            self.armed_n = None

    def end_after_release(self, ending: Ending) -> None:
        """Let the person go, then end; the graver ending wins when there are two."""
        self.ending = ending if self.ending is None else graver(self.ending, ending)
        self.pause = None
        self.close_question()
        if self.phase not in (Phase.RELEASE, Phase.ENDED):
            self.credit = self.credit.broken()
            self.zero = None
            self.enter(Phase.RELEASE)


def graver(first: Ending, second: Ending) -> Ending:
    """Return the ending that counts when there are two; the first of equals."""
    return second if _rank(second) < _rank(first) else first


def _rank(ending: Ending) -> int:
    # The order in which outcomes are decided: the tool's or link's failure, stopped, complete, short. One that ends a
    # hold alone yields to all that end the session.
    if ending.hold_only:
        return len(_RANK) + 1
    return 0 if ending.tool_failed else _RANK[ending.outcome]
