"""Interruptions of a hold, and the ways back: a slip, a lost link, silence, too much, a stop."""

from dataclasses import replace
from math import ceil

from protocols import readiness
from protocols.commands import Message, Outcome, Phase, Question, Tell
from protocols.endings import of_last_hold
from protocols.events import LinkRestored
from protocols.pacing import Pacing
from protocols.session import Ending, Pause, PauseReason, Tally
from protocols.turn import GUIDED, IN_TOUCH, Turn

SLIP_NS = 15_000_000_000
"""A slip longer than this ends the hold."""

SLIPS_NS = 60_000_000_000
"""So do slips of this long in all within one hold."""

AWAY_NS = 60_000_000_000
"""A link that is not back, or a person who says nothing, for this long ends the session."""

CALM_NS = 15_000_000_000
"""After too much, or a stop, the person may go on no earlier than this."""

SHARE_AFTER_LINK = 0.9
SHARE_AFTER_TOO_MUCH = 0.85
"""Highest target of the new contact, as a share of the last target; of the force that was too much."""

ZERO_CHECK_N = 1.0
MOST_STRIKES = 2

_SHARE = {
    PauseReason.SLIP: 1.0,
    PauseReason.LINK: SHARE_AFTER_LINK,
    PauseReason.OVERFLOW: SHARE_AFTER_LINK,
    PauseReason.SILENCE: SHARE_AFTER_LINK,
}
_MESSAGE = {
    PauseReason.SLIP: Message.SLIPPED,
    PauseReason.LINK: Message.LINK_LOST,
    PauseReason.OVERFLOW: Message.BEHIND,
    PauseReason.TOO_MUCH: Message.TOO_MUCH,
    PauseReason.STOPPED: Message.STOPPED,
}
_END = {
    PauseReason.SLIP: Ending(Outcome.SHORT, "slip"),
    PauseReason.LINK: Ending(Outcome.SHORT, "link", tool_failed=True),
    PauseReason.OVERFLOW: Ending(Outcome.SHORT, "overflow"),
    PauseReason.SILENCE: Ending(Outcome.SHORT, "silence"),
    PauseReason.TOO_MUCH: Ending(Outcome.STOPPED, "too-much"),
    PauseReason.STOPPED: Ending(Outcome.STOPPED, "person"),
}
NEEDS_GO_ON = frozenset({PauseReason.TOO_MUCH, PauseReason.STOPPED})


def pause(turn: Turn, why: PauseReason) -> None:
    """Interrupt: no credit until there is a new contact."""
    last_n = _last_target_n(turn)
    _pause(turn, why, None if last_n is None else _SHARE[why] * last_n)
    if why is PauseReason.SILENCE:
        turn.ask(Question.ARE_YOU_THERE)


def strike(turn: Turn, why: PauseReason, force_then_n: float) -> None:
    """Release after an 8 or more, or a stop; the second one ends the session."""
    turn.strikes = (*turn.strikes, why)
    if len(turn.strikes) >= MOST_STRIKES:
        turn.end_after_release(_END[why])
        return
    if why is PauseReason.TOO_MUCH:
        # It comes into force with the next contact: this one is being let go.
        turn.lower_limit()
    most_n = SHARE_AFTER_TOO_MUCH * force_then_n
    last_n = _last_target_n(turn)
    if last_n is not None:
        most_n = min(most_n, last_n)
    turn.pacing = replace(turn.pacing, ceiling_n=min(turn.pacing.ceiling_n, most_n))
    _pause(turn, why, most_n)
    if turn.left is not None:
        turn.left = replace(turn.left, struck=True)


def calm_again(turn: Turn) -> None:
    """Take back a "go on" after which nothing was pressed yet: what was let go before was too much."""
    _pause(turn, turn.strikes[-1], turn.pacing.resume_n)


def link_restored(turn: Turn, event: LinkRestored) -> None:
    """Set the zero again if the tool lost it, or if the link was lost while it was being set."""
    turn.zero_off = turn.zero_off or event.rebooted
    if turn.tool is None:
        return
    if turn.phase is Phase.TARE:
        readiness.set_zero_again(turn)
    elif event.rebooted and (turn.phase in GUIDED or turn.slipped):
        pause(turn, PauseReason.LINK)
    elif turn.phase in IN_TOUCH:
        readiness.arm_again(turn, after_ns=0)


def touched_again(turn: Turn) -> None:
    """Take the slip for over; what it took counts against the time for slips in this hold."""
    if turn.slipped and turn.pause is not None:
        slip_ns = turn.tally.slip_ns + turn.now_ns - turn.pause.since_ns
        turn.tally = replace(turn.tally, slip_ns=slip_ns)
    turn.pause = None


def went_on(turn: Turn, given_ns: int) -> None:
    """Take "I'm here" and "go on"; one from before it was possible meant something else."""
    turn.asking = turn.asking.present()
    if turn.pause is None:
        return
    waited_ns = given_ns - turn.pause.since_ns
    if (turn.pause.why is PauseReason.SILENCE and waited_ns >= 0) or (
        turn.pause.why in NEEDS_GO_ON and waited_ns >= CALM_NS
    ):
        turn.close_question()
        turn.pause = replace(turn.pause, ready=True)
        return
    calm_s = calm_left_s(turn.pause, given_up_ns(turn.pause, turn.tally, turn.phase_ns), turn.now_ns)
    if calm_s > 0.0:
        turn.commands.append(Tell(Message.NOT_YET, ceil(calm_s)))


def calm_left_s(paused: Pause, until_ns: int, now_ns: int) -> float:
    """Return how long it is until "go on" is possible, seconds; 0: now, not asked for, or not before `until_ns`."""
    calm_ns = paused.since_ns + CALM_NS
    return max(calm_ns - now_ns, 0) * 1e-9 if paused.why in NEEDS_GO_ON and calm_ns < until_ns else 0.0


def given_up_ns(paused: Pause, tally: Tally, phase_ns: int) -> int:
    """Return when it is too late to go on after an interruption that began the phase at `phase_ns`."""
    longest_ns = min(SLIP_NS, SLIPS_NS - tally.slip_ns) if paused.why is PauseReason.SLIP else AWAY_NS
    # A "go on" that was taken back begins the calm anew, not the time after which the session is given up.
    return min(paused.since_ns + longest_ns, phase_ns + AWAY_NS)


def not_yet(turn: Turn) -> None:
    """Take a "go on" back: it was too much, so it is calm once more for as long."""
    if turn.pause is not None and turn.pause.ready:
        turn.pause = replace(turn.pause, since_ns=turn.now_ns, ready=False)
        turn.commands.append(Tell(_MESSAGE[turn.pause.why]))


def unanswered(turn: Turn) -> Ending:
    """Return how a session ends whose approach found no answer: by the stop before it, if nothing was said since.

    After a stop the force stays too low for a "5", and a tool's button has no press that says so.
    """
    said_ns = turn.asking.learned_ns
    silent = said_ns is None or said_ns < turn.phase_ns
    return _END[PauseReason.STOPPED if turn.strikes[-1:] == (PauseReason.STOPPED,) and silent else PauseReason.SILENCE]


def sampled(turn: Turn) -> None:
    """Look at a packet while paused, for whether the person let go."""
    paused = turn.pause
    if paused is None:
        return
    if paused.why is PauseReason.SLIP:
        return
    ready = paused.ready or paused.why in (PauseReason.LINK, PauseReason.OVERFLOW)
    turn.pause = replace(paused, ready=ready, let_go=paused.let_go or not turn.contact.pressed)
    if turn.pause.ready and turn.pause.let_go and not turn.contact.pressed:
        _resume(turn)


def time_passed(turn: Turn) -> None:
    """Give up what took too long, and offer to go on."""
    paused = turn.pause
    if paused is None:
        return
    if turn.now_ns >= given_up_ns(paused, turn.tally, turn.phase_ns):
        ending = _END[paused.why]
        turn.end_after_release(of_last_hold(turn, ending) if paused.why is PauseReason.SLIP else ending)
    elif _offers_go_on(turn, paused):
        turn.ask(Question.GO_ON)


def stale(turn: Turn) -> None:
    """No sample for too long: as a lost link. Who is already to let go waits for something else."""
    if turn.phase is not Phase.PAUSED or (turn.pause is not None and turn.pause.why is PauseReason.SLIP):
        pause(turn, PauseReason.LINK)


def _offers_go_on(turn: Turn, paused: Pause) -> bool:
    is_calm = paused.why in NEEDS_GO_ON and turn.now_ns - paused.since_ns >= CALM_NS
    return is_calm and turn.asking.question is None and not paused.ready


def _last_target_n(turn: Turn) -> float | None:
    """Return the target of the contact that is interrupted; None while the force at 5 is still to be found."""
    if turn.estimate is None or not turn.estimate.found:
        return None
    pacing, aim_n = turn.pacing, turn.pacing.aim_n
    if turn.phase is not Phase.HOLD and pacing.resume_n is not None:
        # Still on the way back: the light touch that is shown before a contact is no target to come back to.
        aim_n = pacing.resume_n
    elif turn.phase not in IN_TOUCH:
        return None
    return min(aim_n, pacing.ceiling_n)


def _pause(turn: Turn, why: PauseReason, resume_n: float | None) -> None:
    touched_again(turn)
    if turn.estimate is not None:
        # Nothing stands to be tapped for: what is felt while letting go in silence says nothing.
        turn.estimate = turn.estimate.awaiting(None)
    turn.pause = Pause(why, turn.now_ns, resume_n)
    turn.pacing = Pacing.waiting(resume_n, turn.pacing.ceiling_n, calmer=turn.pacing.calmer)
    turn.credit = turn.credit.broken()
    turn.close_question()
    turn.enter(Phase.PAUSED)
    if why in _MESSAGE:
        turn.commands.append(Tell(_MESSAGE[why]))


def _resume(turn: Turn) -> None:
    paused = turn.pause
    assert paused is not None
    turn.pause = None
    turn.tighten()
    turn.enter(Phase.TARE)
    if paused.why is PauseReason.LINK:
        turn.commands.append(Tell(Message.LINK_BACK))
    if turn.zero_off or abs(turn.force_n) > ZERO_CHECK_N:
        readiness.set_zero_again(turn)
    else:
        readiness.arm_and_wait(turn)
