"""One call of `step` at work: the session's fields while they change, and the commands given so far.

Nothing outside this package sees a Turn: `step` makes it from one immutable session and closes it with the next.
Copying field by field costs a third of what `dataclasses.replace` would, once for every change.
"""

from protocols.commands import (
    Arm,
    Ask,
    CloseQuestion,
    Command,
    Cue,
    Disarm,
    EnterPhase,
    GiveCue,
    Outcome,
    Phase,
    Question,
    ShowTarget,
    SoundAlarm,
)
from protocols.guard import LOST_NS, Verdict
from protocols.plan import Dose
from protocols.session import Ending, PauseReason, Session, Standing

REPEAT_NS = 1_000_000_000
"""A standing cue, target or alarm goes out again this often."""

TARGET_STEP_N = 0.1
"""A target that moved less than this has not changed."""

ALARM_NS = 3_000_000_000
"""Still pressed this long after a release cue: alarm."""

HOLD_LIMIT_SLACK_S = 5.0
"""The tool's own hold limit lies this much behind the app's, so that letting go in time raises no alarm."""

LETTING_GO = frozenset({Cue.RELEASE, Cue.DONE})
GUIDED = frozenset({Phase.CONTACT, Phase.APPROACH, Phase.HOLD})
IN_TOUCH = frozenset({Phase.APPROACH, Phase.HOLD})
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
        )

    @property
    def dose(self) -> Dose:
        """The dose of the step that is being done."""
        return self.protocol.steps[self.step_index].dose

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
        self.phase, self.phase_ns = phase, self.now_ns
        self.commands.append(EnterPhase(phase, self.hold))

    def ask(self, question: Question) -> None:
        """Open a question on every channel."""
        self.asking = self.asking.asked(question, self.now_ns)
        self.commands.append(Ask(question, rating=self.dose.band.low))

    def close_question(self) -> None:
        """Take back the open question, if there is one."""
        if self.asking.question is not None:
            self.commands.append(CloseQuestion())
        self.asking = self.asking.closed()

    def limit(self, limit_n: float) -> None:
        """Set the force limit, and arm the tool with it."""
        self.guard = self.guard.limited(limit_n)
        self.arm()

    def arm(self) -> None:
        """Arm the tool, if it can guard by itself, with the present limits."""
        if self.tool is not None and self.tool.can_arm:
            left_s = max(self.contact_left_s - self.contact.total_ns * 1e-9, 0.0)
            # Arming again does not begin the tool's clock anew: it has run since the present contact began.
            hold_s = min(self.dose.contact_limit_s, left_s + self.contact.running_s) + HOLD_LIMIT_SLACK_S
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

    def give_standing(self) -> None:
        """Give what stands now: on change, and once a second."""
        if self.tool is not None:
            self.pacing = self.pacing.within(self.guard.limit_n)
        self._give_cue(self._cue())
        self._give_target()

    def _give_cue(self, cue: Cue) -> None:
        old, now_ns = self.standing, self.now_ns
        release_ns = old.release_ns
        if cue not in LETTING_GO:
            release_ns = None
        elif release_ns is None:
            release_ns = now_ns
        changed = cue is not old.cue
        cue_ns = old.cue_ns
        if changed or self.urgent or (cue is not Cue.NONE and now_ns - cue_ns >= REPEAT_NS):
            self.commands.append(GiveCue(cue, again=not changed))
            cue_ns = now_ns
        alarm_ns = old.alarm_ns
        if release_ns is None or not self.pressed:
            alarm_ns = None
        elif now_ns - release_ns >= ALARM_NS and (alarm_ns is None or now_ns - alarm_ns >= REPEAT_NS):
            self.commands.append(SoundAlarm())
            alarm_ns = now_ns
        if cue is not old.cue or cue_ns != old.cue_ns or alarm_ns != old.alarm_ns or release_ns != old.release_ns:
            self.standing = Standing(cue, cue_ns, release_ns, alarm_ns, old.target, old.target_ns)

    def _cue(self) -> Cue:
        easing = self.verdict is not Verdict.FINE
        match self.phase:
            case Phase.CONTACT:
                return Cue.EASE_OFF if easing else Cue.PRESS_MORE
            case Phase.APPROACH | Phase.HOLD:
                return Cue.EASE_OFF if easing else self.pacing.cue
            case Phase.PAUSED:
                return self._paused_cue()
            case Phase.RELEASE:
                if self.zero is not None and not easing:
                    return Cue.NONE
                done = self.ending is not None and self.ending.outcome is Outcome.COMPLETE
                return Cue.DONE if done and self.now_ns - self.phase_ns < ALARM_NS else Cue.RELEASE
            case Phase.TARE | Phase.REST | Phase.ENDED:
                unseen = self.contact.touching and not self.fresh and self.tool is not None
                return Cue.RELEASE if self.pressed or easing or unseen else Cue.NONE

    def _paused_cue(self) -> Cue:
        slipped = self.pause is not None and self.pause.why is PauseReason.SLIP
        return Cue.PRESS_MORE if slipped and self.verdict is Verdict.FINE else Cue.RELEASE

    def _give_target(self) -> None:
        slipped = self.pause is not None and self.pause.why is PauseReason.SLIP
        if self.phase not in GUIDED and not slipped:
            if self.standing.target is not None:
                old = self.standing
                self.standing = Standing(old.cue, old.cue_ns, old.release_ns, old.alarm_ns)
            return
        pacing, old = self.pacing, self.standing
        target = (round(pacing.low_n, 2), round(pacing.aim_n, 2), round(pacing.high_n, 2))
        if target[1] <= 0.0:
            return
        moved = old.target is None or any(abs(a - b) >= TARGET_STEP_N for a, b in zip(target, old.target, strict=True))
        if moved or self.now_ns - old.target_ns >= REPEAT_NS:
            self.commands.append(ShowTarget(*target))
            self.standing = Standing(old.cue, old.cue_ns, old.release_ns, old.alarm_ns, target, self.now_ns)


def graver(first: Ending, second: Ending) -> Ending:
    """Return the ending that counts when there are two; the first of equals."""
    return second if _rank(second) < _rank(first) else first


def _rank(ending: Ending) -> int:
    # The order in which outcomes are decided: the tool's or link's failure, stopped, complete, short. One that ends a
    # hold alone yields to all that end the session.
    if ending.hold_only:
        return len(_RANK) + 1
    return 0 if ending.tool_failed else _RANK[ending.outcome]
