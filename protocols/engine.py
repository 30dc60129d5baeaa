"""`step(session, event) -> (session, commands)`: the whole of Holdwell's deciding, pure.

Theory of operation. A session is a value; each event makes the next one and a tuple of commands. The order inside a
step is fixed, so that safety never waits for anything finer:

    guard on the raw event, with the last estimate
    → order and duplicates → estimate → guard on the estimate → credit → phase → what stands

Phases of a compress step:

    tare → contact → approach → hold → release → rest → contact (next hold) …
                │        │        │         └→ ended
                └────────┴────────┴→ paused → tare / approach        every phase → release → ended

A calibrate step has *ramp* in place of *approach* and *hold*; the rest after its last ramp leads to the next step.

Time is an event. The same events give the same commands on every machine, which is what `holdwell replay` checks.
"""

from dataclasses import replace
from typing import assert_never

from protocols import afterwards, intake, pauses, phases, ramp_replies, readiness, replies
from protocols.asking import UNANSWERED_IN_A_ROW
from protocols.commands import Ask, CloseQuestion, Command, Message, Outcome, Phase, Tell
from protocols.endings import INPUT_ENDED, end
from protocols.events import (
    AlarmCause,
    Answered,
    Armed,
    ArmRefused,
    BatteryLow,
    Event,
    HeartMeasured,
    HistoryLoaded,
    InboxOverflowed,
    InputEnded,
    LinkLost,
    LinkRestored,
    Pressed,
    Sampled,
    StopRequested,
    SymptomReported,
    Tared,
    TareRefused,
    Ticked,
    ToolAlarmed,
    ToolConnected,
    ToolFailed,
    WentOn,
)
from protocols.guard import LOST_NS
from protocols.session import Ending, PauseReason, Session
from protocols.standing import give_standing
from protocols.turn import IN_TOUCH, Turn

_ALARMED = {
    AlarmCause.FORCE_LIMIT: Ending(Outcome.STOPPED, "force-limit"),
    AlarmCause.HOLD_LIMIT: Ending(Outcome.SHORT, "contact"),
    AlarmCause.SENSOR_FAULT: Ending(Outcome.STOPPED, "sensor", tool_failed=True),
}
_STREAMING_PHASES = (Phase.TARE, Phase.CONTACT, Phase.RAMP, Phase.APPROACH, Phase.HOLD, Phase.PAUSED)


def step(session: Session, event: Event) -> tuple[Session, tuple[Command, ...]]:
    """Return the session after `event`, and what is to be done now. Never raises, whatever comes in whatever order."""
    if isinstance(event, HeartMeasured):
        return session, ()
    turn = Turn(session, event.at_ns)
    if isinstance(event, Sampled):
        intake.sampled(turn, event)
    elif not session.ended or isinstance(event, SymptomReported):
        _told(turn, event)
    if not session.ended:
        _time_passed(turn)
    give_standing(turn)
    return turn.session(), tuple(turn.commands)


def _told(turn: Turn, event: Event) -> None:  # noqa: C901, PLR0912 - one case for each event there is
    match event:
        case Ticked() | LinkLost() | Sampled() | HeartMeasured():
            pass  # what a lost link means follows from the age of the newest sample
        case HistoryLoaded():
            readiness.history_loaded(turn, event)
        case ToolConnected():
            readiness.tool_connected(turn, event)
        case Tared():
            readiness.tared(turn)
        case Armed():
            readiness.armed(turn, event)
        case TareRefused() | ArmRefused():
            readiness.refused(turn, event)
        case Answered() if turn.phase is Phase.RAMP:
            ramp_replies.answered(turn, event)
        case Answered() if turn.phase not in IN_TOUCH:
            afterwards.answered(turn, event)
        case Answered():
            replies.answered(turn, event)
        case Pressed() if turn.phase is Phase.RAMP:
            ramp_replies.pressed(turn, event)
        case Pressed() if turn.phase not in IN_TOUCH:
            afterwards.pressed(turn, event)
        case Pressed():
            replies.pressed(turn, event)
        case WentOn():
            pauses.went_on(turn, event.at_ns)
        case StopRequested():
            replies.stop_requested(turn, event)
        case SymptomReported():
            replies.symptom_reported(turn, event)
        case LinkRestored():
            pauses.link_restored(turn, event)
        case ToolFailed():
            end(turn, Ending(Outcome.SHORT, "link", tool_failed=True))
        case ToolAlarmed():
            _tool_alarmed(turn, event.cause)
        case BatteryLow():
            turn.commands.append(Tell(Message.BATTERY_LOW))
        case InboxOverflowed():
            _overflowed(turn)
        case InputEnded():
            turn.end_after_release(INPUT_ENDED)
        case _:
            assert_never(event)


def _tool_alarmed(turn: Turn, cause: AlarmCause) -> None:
    if cause not in _ALARMED:
        # A lost heartbeat: the tool guards no more, and it does not arm under load.
        if turn.phase is Phase.CONTACT:
            turn.arm()
        elif turn.phase in IN_TOUCH or turn.slipped:
            pauses.pause(turn, PauseReason.LINK)
    elif turn.phase is not Phase.RELEASE:
        turn.end_after_release(_ALARMED[cause])


def _overflowed(turn: Turn) -> None:
    if turn.phase in IN_TOUCH:
        pauses.pause(turn, PauseReason.OVERFLOW)
    elif turn.phase is Phase.TARE and turn.tool is not None:
        # What the tool answered may be among what was dropped.
        readiness.set_zero_again(turn)


def _time_passed(turn: Turn) -> None:
    if turn.phase in IN_TOUCH:
        readiness.arm_again(turn)
        _limits_of_time(turn)
    if turn.tool is not None and turn.phase in _STREAMING_PHASES and _stale(turn):
        pauses.stale(turn)
    _questions(turn)
    pauses.time_passed(turn)
    if turn.slipped and turn.pressed:
        pauses.touched_again(turn)
        phases.begin_approach(turn, turn.now_ns)
    phases.time_passed(turn)


def _stale(turn: Turn) -> bool:
    # Before the tool is armed it does not stream yet.
    if turn.contact.last_ns is None:
        return turn.phase is not Phase.TARE and turn.now_ns - turn.phase_ns >= LOST_NS
    return turn.now_ns - turn.contact.last_ns >= LOST_NS


def _limits_of_time(turn: Turn) -> None:
    dose, tally = turn.dose, turn.tally
    contact_ns = turn.contact.total_ns
    if tally.pressure_ns >= dose.pressure_limit_s * 1e9:
        reason = "time-at-pressure"
    elif tally.approach_ns >= dose.approach_s * 1e9:
        reason = "approach"
    elif contact_ns - tally.contact_before_ns >= turn.step.contact_limit_s * 1e9:
        reason = "contact"
    elif contact_ns >= turn.contact_left_s * 1e9:
        reason = "day-limit"
    else:
        return
    turn.end_after_release(Ending(Outcome.SHORT, reason))


def _questions(turn: Turn) -> None:
    asking = turn.asking
    if asking.expired(turn.now_ns):
        turn.asking = asking.missed()
        turn.commands.append(CloseQuestion())
        if turn.phase in (Phase.APPROACH, Phase.RAMP):
            turn.end_after_release(pauses.unanswered(turn))
        elif turn.phase is Phase.HOLD and turn.asking.unanswered >= UNANSWERED_IN_A_ROW:
            pauses.pause(turn, PauseReason.SILENCE)
    elif asking.question is not None and asking.due_louder(turn.now_ns):
        turn.asking = replace(asking, louder=True)
        turn.commands.append(Ask(asking.question, louder=True, rating=turn.dose.band.low))
