"""One packet of force: guard, order and duplicates, estimate, guard on the estimate, credit, contact."""

from math import inf, isfinite

from protocols import pauses, phases
from protocols.commands import Message, Outcome, Phase, Tell
from protocols.events import Sampled
from protocols.guard import STALE_NS, Verdict, judge
from protocols.session import Ending, Tally
from protocols.turn import IN_TOUCH, Turn

AHEAD_NS = 500_000_000
"""A sample from further in the future has a wrong time: taken for true, it would make all later ones old."""

STOPPED_BY = {
    Verdict.RELEASE_OVER_LIMIT: Ending(Outcome.STOPPED, "force-limit"),
    Verdict.RELEASE_TARED_UNDER_LOAD: Ending(Outcome.STOPPED, "tared-under-load"),
    Verdict.RELEASE_SATURATED: Ending(Outcome.STOPPED, "saturated", tool_failed=True),
    Verdict.RELEASE_SENSOR: Ending(Outcome.STOPPED, "sensor", tool_failed=True),
}


def sampled(turn: Turn, event: Sampled) -> None:
    """Take a packet; what is wrong in one that is old, doubled or misdated still counts against going on."""
    # Counted as they came, taken or not: the figures say how many the journal has.
    turn.samples += len(event.forces_n)
    turn.packets_lost += event.lost
    tool, estimate = turn.tool, turn.estimate
    if tool is None or estimate is None or not event.forces_n or event.period_ns <= 0:
        return
    before, glance = turn.verdict, turn.guard.glance(event, tool)
    newer = _newer(turn, event)
    if newer is None:
        turn.verdict = max(before, glance)
    else:
        eight_n = estimate.force_n(8) if estimate.found else inf
        turn.guard, verdict = turn.guard.raw(*newer, event.period_ns, tool, eight_n, estimate.felt_n)
        # A sensor at its end says the same all the time, which proves no fault: it certainly is pressed.
        turn.verdict = glance if glance is Verdict.RELEASE_SATURATED else max(verdict, glance)
        _accept(turn, *newer, event)
    turn.urgent = turn.verdict > before
    if turn.verdict in STOPPED_BY and turn.phase not in (Phase.RELEASE, Phase.ENDED):
        turn.end_after_release(STOPPED_BY[turn.verdict])
        if turn.verdict is Verdict.RELEASE_TARED_UNDER_LOAD:
            turn.commands.append(Tell(Message.TARE_AGAIN))
    if newer is not None:
        if turn.phase is Phase.PAUSED:
            pauses.sampled(turn)
        phases.sampled(turn)


def _newer(turn: Turn, event: Sampled) -> tuple[int, tuple[float, ...]] | None:
    """Return the first time and forces of the samples that are newer than all before."""
    period_ns, forces_n = event.period_ns, event.forces_n
    if event.first_ns + (len(forces_n) - 1) * period_ns > turn.now_ns + AHEAD_NS:
        return None
    last_ns = turn.contact.last_ns
    if last_ns is None or event.first_ns > last_ns:
        return event.first_ns, forces_n
    old = (last_ns - event.first_ns) // period_ns + 1
    if old >= len(forces_n):
        return None
    return event.first_ns + old * period_ns, forces_n[old:]


def _accept(turn: Turn, first_ns: int, forces_n: tuple[float, ...], event: Sampled) -> None:
    tool, estimate = turn.tool, turn.estimate
    assert tool is not None
    assert estimate is not None
    period_ns = event.period_ns
    before_ns = turn.contact.last_ns
    valid_n = forces_n
    if not isfinite(sum(forces_n)) or max(forces_n) > tool.capacity_n or min(forces_n) < -tool.capacity_n:
        valid_n = _valid(forces_n, turn.contact.force_n, tool.capacity_n)
    turn.estimate, turn.beliefs = estimate.sampled(first_ns, period_ns, valid_n)
    turn.verdict = max(turn.verdict, judge(turn.beliefs[-1]))
    if event.lost > 0:
        turn.credit = turn.credit.broken()
    if turn.phase is Phase.HOLD:
        if turn.now_ns - (first_ns + (len(forces_n) - 1) * period_ns) < STALE_NS:
            # The forces as they came: one that is no number is not in contact, so both its intervals earn nothing.
            most_n = turn.pacing.most_n
            turn.credit = turn.credit.sampled(first_ns, period_ns, forces_n, turn.beliefs, turn.dose.credited_s, most_n)
        else:
            turn.credit = turn.credit.broken()
    turn.contact = turn.contact.sampled(first_ns, period_ns, valid_n)
    if before_ns is not None and turn.phase in IN_TOUCH:
        _count(turn, first_ns + (len(forces_n) - 1) * period_ns - before_ns, valid_n)


def _valid(forces_n: tuple[float, ...], last_n: float, capacity_n: float) -> tuple[float, ...]:
    """Return forces that can be reckoned with: the last valid one stands in, so that contact goes on."""
    filled = []
    for force in forces_n:
        last_n = min(max(force, -capacity_n), capacity_n) if isfinite(force) else last_n
        filled.append(last_n)
    return tuple(filled)


def _count(turn: Turn, length_ns: int, forces_n: tuple[float, ...]) -> None:
    tally = turn.tally
    holding = turn.phase is Phase.HOLD and turn.contact.pressed
    seconds = length_ns * 1e-9 if holding else 0.0
    at_pressure = turn.beliefs[-1].mean >= turn.dose.band.low_edge
    approaching = turn.phase is Phase.APPROACH and turn.estimate is not None and not turn.estimate.found
    finding = approaching or turn.phase is Phase.RAMP
    # A plain constructor call costs a third of dataclasses.replace, and this runs for every packet.
    turn.tally = Tally(
        tally.contact_before_ns,
        tally.approach_ns + (length_ns if finding else 0),
        tally.pressure_ns + (length_ns if at_pressure else 0),
        tally.held_n_s + seconds * sum(forces_n) / len(forces_n),
        tally.held_s + seconds,
        max(tally.peak_n, *forces_n),
        tally.answers,
        tally.too_much,
        tally.slip_ns,
    )
