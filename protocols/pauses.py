"""Interruptions of a hold, and the ways back: a slip, a lost link, silence, too much, a stop."""

from dataclasses import replace

from protocols.commands import Message, Outcome, Phase, Question, Tare, Tell
from protocols.pacing import Pacing
from protocols.session import Ending, Pause, PauseReason
from protocols.turn import Turn

SLIP_NS = 15_000_000_000
"""A slip longer than this ends the hold."""

AWAY_NS = 60_000_000_000
"""A link that is not back, or a person who says nothing, for this long ends the session."""

CALM_NS = 15_000_000_000
"""After too much, or a stop, the person may go on no earlier than this."""

SHARE_AFTER_LINK = 0.9
SHARE_AFTER_TOO_MUCH = 0.85
"""Highest target of the new contact, as a share of the last target; of the force that was too much."""

ZERO_CHECK_N = 1.0
MOST_STRIKES = 2
RECHECK_MS = 500

_SHARE = {
    PauseReason.SLIP: 1.0,
    PauseReason.LINK: SHARE_AFTER_LINK,
    PauseReason.OVERFLOW: SHARE_AFTER_LINK,
    PauseReason.SILENCE: SHARE_AFTER_LINK,
}
_MESSAGE = {
    PauseReason.SLIP: Message.SLIPPED,
    PauseReason.LINK: Message.LINK_LOST,
    PauseReason.OVERFLOW: Message.LINK_LOST,
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
    found = turn.estimate is not None and turn.estimate.found
    _pause(turn, why, _SHARE[why] * turn.pacing.aim_n if found else None)
    if why is PauseReason.SILENCE:
        turn.ask(Question.ARE_YOU_THERE)


def strike(turn: Turn, why: PauseReason, force_then_n: float) -> None:
    """Release after an 8 or more, or a stop; the second one ends the session."""
    turn.strikes += 1
    if turn.strikes >= MOST_STRIKES:
        turn.end_after_release(_END[why])
        return
    _pause(turn, why, SHARE_AFTER_TOO_MUCH * force_then_n)


def went_on(turn: Turn) -> None:
    """Take "I'm here" and "go on"."""
    if turn.pause is None:
        return
    if turn.pause.why is PauseReason.SILENCE or (
        turn.pause.why in NEEDS_GO_ON and turn.now_ns - turn.pause.since_ns >= CALM_NS
    ):
        turn.close_question()
        turn.pause = replace(turn.pause, ready=True)


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
    waited_ns = turn.now_ns - paused.since_ns
    if waited_ns >= (SLIP_NS if paused.why is PauseReason.SLIP else AWAY_NS):
        turn.end_after_release(_END[paused.why])
    elif paused.why in NEEDS_GO_ON and waited_ns >= CALM_NS and turn.asking.question is None and not paused.ready:
        turn.ask(Question.GO_ON)


def stale(turn: Turn) -> None:
    """No sample for too long: as a lost link."""
    if turn.phase is Phase.PAUSED and turn.pause is not None:
        if turn.pause.why is PauseReason.SLIP:
            pause(turn, PauseReason.LINK)
        return
    pause(turn, PauseReason.LINK)


def _pause(turn: Turn, why: PauseReason, resume_n: float | None) -> None:
    before = turn.pause
    if before is not None and before.resume_n is not None and resume_n is not None:
        resume_n = min(resume_n, before.resume_n)
    turn.pause = Pause(why, turn.now_ns, resume_n)
    turn.credit = turn.credit.broken()
    turn.close_question()
    turn.enter(Phase.PAUSED)
    if why in _MESSAGE:
        turn.commands.append(Tell(_MESSAGE[why]))


def _resume(turn: Turn) -> None:
    paused = turn.pause
    assert paused is not None
    turn.pause = None
    turn.pacing = Pacing.waiting(paused.resume_n)
    turn.enter(Phase.TARE)
    if paused.why is PauseReason.LINK:
        turn.commands.append(Tell(Message.LINK_BACK))
    if turn.zero_off or abs(turn.force_n) > ZERO_CHECK_N:
        turn.commands.append(Tare(RECHECK_MS))
    else:
        turn.arm()
