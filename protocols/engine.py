"""`step(session, event) -> (session, commands)`: the whole of Holdwell's deciding, pure.

Theory of operation. A session is a value; each event makes the next one and a tuple of commands. The order inside a
step is fixed, so that safety never waits for anything finer:

    guard on the raw event, with the last estimate
    → order and duplicates → estimate → guard on the estimate → credit → phase → what stands

Phases of a compress step:

    tare → contact → approach → hold → release → rest → contact (next hold) …
                │        │        │         └→ ended
                └────────┴────────┴→ paused → tare / approach        every phase → release → ended

Time is an event. The same events give the same commands on every machine, which is what `holdwell replay` checks.
"""

from dataclasses import replace
from math import inf, isnan
from typing import assert_never

from protocols import pauses, phases, replies
from protocols.asking import UNANSWERED_IN_A_ROW
from protocols.commands import Ask, Command, Message, Outcome, Phase, Tell
from protocols.events import (
    AlarmCause,
    Answered,
    Armed,
    ArmRefused,
    BatteryLow,
    Event,
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
from protocols.guard import LOST_NS, Verdict, judge
from protocols.session import Ending, PauseReason, Session
from protocols.turn import Turn

_STOPPED_BY = {
    Verdict.RELEASE_OVER_LIMIT: Ending(Outcome.STOPPED, "force-limit"),
    Verdict.RELEASE_TARED_UNDER_LOAD: Ending(Outcome.STOPPED, "tared-under-load"),
    Verdict.RELEASE_SENSOR: Ending(Outcome.STOPPED, "sensor", tool_failed=True),
}
_ALARMED = {
    AlarmCause.FORCE_LIMIT: Ending(Outcome.STOPPED, "force-limit"),
    AlarmCause.HOLD_LIMIT: Ending(Outcome.SHORT, "contact"),
    AlarmCause.SENSOR_FAULT: Ending(Outcome.STOPPED, "sensor", tool_failed=True),
}
_TOUCHING_PHASES = (Phase.APPROACH, Phase.HOLD)
_STREAMING_PHASES = (Phase.TARE, Phase.CONTACT, Phase.APPROACH, Phase.HOLD, Phase.PAUSED, Phase.REST)


def step(session: Session, event: Event) -> tuple[Session, tuple[Command, ...]]:
    """Return the session after `event`, and what is to be done now. Never raises, whatever comes in whatever order."""
    turn = Turn(session, event.at_ns)
    if isinstance(event, Sampled):
        _sampled(turn, event)
    elif not session.ended:
        _told(turn, event)
    if not session.ended:
        _time_passed(turn)
    turn.give_standing()
    return turn.session(), tuple(turn.commands)


def _told(turn: Turn, event: Event) -> None:  # noqa: C901, PLR0912 - one case for each event there is
    match event:
        case Ticked() | LinkLost() | Sampled():
            pass  # what a lost link means follows from the age of the newest sample
        case HistoryLoaded():
            phases.history_loaded(turn, event)
        case ToolConnected():
            phases.tool_connected(turn, event)
        case Tared():
            phases.tared(turn)
        case Armed():
            phases.armed(turn)
        case TareRefused() | ArmRefused():
            phases.refused(turn, event)
        case Answered():
            replies.answered(turn, event)
        case Pressed():
            replies.pressed(turn, event)
        case WentOn():
            pauses.went_on(turn)
        case StopRequested():
            replies.stop_requested(turn, event)
        case SymptomReported():
            replies.symptom_reported(turn, event)
        case LinkRestored():
            phases.link_restored(turn, event)
        case ToolFailed():
            phases.end(turn, Ending(Outcome.SHORT, "link", tool_failed=True))
        case ToolAlarmed():
            if event.cause in _ALARMED and turn.phase is not Phase.RELEASE:
                turn.end_after_release(_ALARMED[event.cause])
        case BatteryLow():
            turn.commands.append(Tell(Message.BATTERY_LOW))
        case InboxOverflowed():
            if turn.phase in _TOUCHING_PHASES:
                pauses.pause(turn, PauseReason.OVERFLOW)
        case InputEnded():
            turn.end_after_release(Ending(Outcome.SHORT, "recording-ended"))
        case _:
            assert_never(event)


def _sampled(turn: Turn, event: Sampled) -> None:
    tool, estimate = turn.tool, turn.estimate
    if tool is None or estimate is None or not event.forces_n or event.period_ns <= 0:
        return
    before = turn.verdict
    eight_n = estimate.force_n(8) if estimate.found else inf
    turn.guard, turn.verdict = turn.guard.raw(event, tool, eight_n, estimate.felt_n)
    newer = _newer(turn, event)
    if newer is not None:
        _accept(turn, *newer, event)
    turn.urgent = turn.verdict > before
    if turn.verdict in _STOPPED_BY and turn.phase not in (Phase.RELEASE, Phase.ENDED):
        turn.end_after_release(_STOPPED_BY[turn.verdict])
    if newer is not None and turn.phase is Phase.PAUSED:
        pauses.sampled(turn)
    if newer is not None:
        phases.sampled(turn, newer[0] + (len(newer[1]) - 1) * event.period_ns)


def _newer(turn: Turn, event: Sampled) -> tuple[int, tuple[float, ...]] | None:
    """Return the first time and forces of the samples that are newer than all before."""
    last_ns = turn.contact.last_ns
    if last_ns is None or event.first_ns > last_ns:
        return event.first_ns, event.forces_n
    old = (last_ns - event.first_ns) // event.period_ns + 1
    if old >= len(event.forces_n):
        return None
    return event.first_ns + old * event.period_ns, event.forces_n[old:]


def _accept(turn: Turn, first_ns: int, forces_n: tuple[float, ...], event: Sampled) -> None:
    tool, estimate = turn.tool, turn.estimate
    assert tool is not None
    assert estimate is not None
    turn.samples += len(forces_n)
    turn.packets_lost += event.lost
    unseen = event.lost > 0
    if any(map(isnan, forces_n)):
        # The last valid force stands in: contact goes on, nothing is earned.
        unseen = True
        forces_n = _held(forces_n, turn.contact.force_n)
    before_ns = turn.contact.last_ns
    turn.estimate, turn.beliefs = estimate.sampled(first_ns, event.period_ns, forces_n)
    turn.verdict = max(turn.verdict, judge(turn.beliefs[-1]))
    if unseen:
        turn.credit = turn.credit.broken()
    if turn.phase is Phase.HOLD:
        turn.credit = turn.credit.sampled(first_ns, event.period_ns, forces_n, turn.beliefs, turn.dose.credited_s)
        if unseen:
            turn.credit = turn.credit.broken()
    turn.contact = turn.contact.sampled(first_ns, event.period_ns, forces_n)
    if before_ns is not None and turn.phase in _TOUCHING_PHASES:
        _count(turn, first_ns + (len(forces_n) - 1) * event.period_ns - before_ns, forces_n)


def _held(forces_n: tuple[float, ...], last_n: float) -> tuple[float, ...]:
    filled = []
    for force in forces_n:
        last_n = last_n if isnan(force) else force
        filled.append(last_n)
    return tuple(filled)


def _count(turn: Turn, length_ns: int, forces_n: tuple[float, ...]) -> None:
    tally = turn.tally
    holding = turn.phase is Phase.HOLD and turn.contact.pressed
    seconds = length_ns * 1e-9 if holding else 0.0
    at_pressure = turn.beliefs[-1].mean >= turn.dose.band.low_edge
    finding = turn.phase is Phase.APPROACH and turn.estimate is not None and not turn.estimate.found
    turn.tally = replace(
        tally,
        approach_ns=tally.approach_ns + (length_ns if finding else 0),
        pressure_ns=tally.pressure_ns + (length_ns if at_pressure else 0),
        held_n_s=tally.held_n_s + seconds * sum(forces_n) / len(forces_n),
        held_s=tally.held_s + seconds,
        peak_n=max(tally.peak_n, *forces_n),
    )


def _time_passed(turn: Turn) -> None:
    if turn.phase in _TOUCHING_PHASES:
        _limits_of_time(turn)
    if turn.tool is not None and turn.phase in _STREAMING_PHASES and _stale(turn):
        pauses.stale(turn)
    _questions(turn)
    pauses.time_passed(turn)
    if turn.phase is Phase.PAUSED and turn.pause is not None and turn.pause.why is PauseReason.SLIP and turn.pressed:
        _back_from_slip(turn)
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
    elif contact_ns - tally.contact_before_ns >= dose.contact_limit_s * 1e9:
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
        if turn.phase is Phase.APPROACH:
            turn.end_after_release(Ending(Outcome.SHORT, "silence"))
        elif turn.phase is Phase.HOLD and turn.asking.unanswered >= UNANSWERED_IN_A_ROW:
            pauses.pause(turn, PauseReason.SILENCE)
    elif asking.question is not None and asking.due_louder(turn.now_ns):
        turn.asking = replace(asking, louder=True)
        turn.commands.append(Ask(asking.question, louder=True, rating=turn.dose.band.low))


def _back_from_slip(turn: Turn) -> None:
    paused = turn.pause
    assert paused is not None
    turn.pause = None
    ceiling_n = turn.pacing.ceiling_n
    turn.pacing = replace(turn.pacing, resume_n=paused.resume_n)
    phases.begin_approach(turn, turn.now_ns)
    turn.pacing = replace(turn.pacing, ceiling_n=ceiling_n)
