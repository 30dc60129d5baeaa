"""The way through a step: contact, approach and hold, or a ramp; release, rest.

Each function changes a Turn on one occasion: a packet of force came, or time passed.
"""

from dataclasses import replace
from math import inf

from protocols import calibrating, readiness
from protocols.commands import Message, Outcome, Phase, Question, Tell
from protocols.endings import end, of_last_hold, released, unseen
from protocols.guard import FOLLOW_NS, REACTION_NS, STALE_NS, Verdict
from protocols.history import KNOWN_APPROACH_TAKES_S, hold_needs_s
from protocols.pacing import (
    ANSWER_ALLOWS,
    LIMIT_MARGIN,
    SAFE_CHANCE_OF_EIGHT,
    Pacing,
    approach_stop_n,
)
from protocols.pauses import AWAY_NS, pause
from protocols.ramp import ramp_for
from protocols.rest import more_ramps, rest_s
from protocols.session import Ending, PauseReason, Zero
from protocols.turn import Turn
from protocols.worth import asks_at_stop, worth_asking

NO_CONTACT_NS = 120_000_000_000
BLIND_NS = 3_000_000_000
"""How long a session waits for a release that its failed sensor cannot show: as long as until the alarm."""

ZERO_NS = 500_000_000
"""How long the force is averaged after a release to see whether the zero still holds."""

ZERO_OFF_N = 1.0
UNDER_LIMIT = 0.95
"""A limit that was kept up for somebody on the way down comes into force this much above the force."""

NOT_LET_GO_NS = 60_000_000_000
"""After this long of alarm, or of touch in a rest, the session is over all the same; the alarm goes on."""

NOT_LET_GO = Ending(Outcome.STOPPED, "not-let-go")


def sampled(turn: Turn) -> None:
    """Go on after a packet. One that came late moves no target: it stands for a newest sample that is old."""
    at_ns = turn.contact.last_ns
    assert at_ns is not None
    late = turn.now_ns - at_ns >= STALE_NS
    match turn.phase:
        case Phase.CONTACT if not late:
            if turn.contact.pressed:
                begin_approach(turn, at_ns)
        case Phase.RAMP if not late:
            calibrating.sampled(turn, at_ns)
        case Phase.APPROACH if not late:
            _approach(turn, at_ns)
        case Phase.HOLD if not late:
            _hold(turn, at_ns)
        case Phase.RELEASE:
            _release(turn)
        case _:
            pass


def begin_approach(turn: Turn, at_ns: int) -> None:
    """Begin, or resume, the approach, or a ramp: the tool touches."""
    if turn.calibrates:
        calibrating.begin_ramp(turn, at_ns)
        return
    turn.pacing = turn.pacing.touched(turn.force_n, at_ns)
    turn.enter(Phase.APPROACH)
    if turn.estimate is not None and not turn.estimate.found:
        # What was felt before an interruption says nothing about a tap after it.
        turn.estimate = turn.estimate.awaiting(turn.dose.band.low)
        turn.ask(Question.TAP_AT_FIVE)


def time_passed(turn: Turn) -> None:
    """Do what time alone brings, in the phases of this file."""
    waited_ns = turn.now_ns - turn.phase_ns
    match turn.phase:
        case Phase.TARE:
            readiness.time_passed(turn)
        case Phase.CONTACT:
            if waited_ns >= NO_CONTACT_NS:
                end(turn, Ending(Outcome.SHORT, "no-contact"))
        case Phase.RELEASE:
            # A sensor that has failed cannot say when the person let go; nor can one that is silent.
            blind = turn.verdict is Verdict.RELEASE_SENSOR and waited_ns >= BLIND_NS
            if blind:
                released(turn)
            elif not turn.fresh:
                unseen(turn)
            elif waited_ns >= NOT_LET_GO_NS:
                assert turn.ending is not None
                end(turn, NOT_LET_GO if turn.ending.hold_only else turn.ending)
        case Phase.REST:
            _rest(turn, waited_ns)
        case Phase.RAMP:
            calibrating.time_passed(turn)
        case Phase.APPROACH | Phase.HOLD | Phase.PAUSED | Phase.ENDED:
            pass


def _found(turn: Turn) -> bool:
    return turn.estimate is not None and turn.estimate.found


def _approach(turn: Turn, at_ns: int) -> None:
    estimate = turn.estimate
    assert estimate is not None
    if not turn.contact.touching:
        pause(turn, PauseReason.SLIP)
        return
    known = turn.history.force_at_five_n if turn.history is not None else None
    easing = turn.verdict is not Verdict.FINE
    if estimate.found:
        _tighten(turn)
        # A force already called 5 today, or one to come back to after a pause.
        five_n = estimate.force_n(5)
        goal_n = five_n if turn.pacing.resume_n is None else turn.pacing.resume_n
        goal_n = min(goal_n, LIMIT_MARGIN * turn.guard.limit_n, turn.pacing.ceiling_n)
        turn.pacing = replace(turn.pacing, resume_n=goal_n)
        ramp = ramp_for(estimate.prior, five_n).up_to(goal_n)
        turn.pacing = turn.pacing.approach(turn.force_n, at_ns, goal_n, ramp, easing=easing)
        if turn.pacing.resumed(estimate.felt_n):
            turn.enter(Phase.HOLD)
        return
    stop_n, _ = approach_stop_n(estimate, turn.dose.band.low, turn.guard.limit_n)
    stop_n = min(stop_n, turn.pacing.ceiling_n)
    ramp = ramp_for(estimate.prior, known)
    turn.pacing = turn.pacing.approach(turn.force_n, at_ns, stop_n, ramp, easing=easing)
    if asks_at_stop(turn, stop_n):
        turn.ask(Question.RATE_NOW)


def _hold(turn: Turn, at_ns: int) -> None:
    estimate = turn.estimate
    assert estimate is not None
    if turn.credit.seconds >= turn.dose.credited_s:
        turn.end_after_release(of_last_hold(turn, Ending(Outcome.COMPLETE, "dose")))
        return
    if not turn.contact.touching:
        pause(turn, PauseReason.SLIP)
        return
    _tighten(turn)
    pacing = turn.pacing.hold(turn.force_n, at_ns, estimate, turn.dose.band, turn.guard.limit_n)
    turn.pacing = pacing
    if turn.asking.may_ask(turn.now_ns) and worth_asking(turn, estimate):
        turn.ask(Question.RATE_NOW)


def _tighten(turn: Turn) -> None:
    limit_n = turn.found_limit_n
    if limit_n is None or turn.guard.limit_n <= limit_n:
        return
    # A hand goes on where it was led for a reaction time: not above the new limit yet, it may still get there.
    waited_ns = turn.now_ns - turn.phase_ns
    followed = waited_ns >= REACTION_NS and turn.force_n <= UNDER_LIMIT * limit_n
    if followed or waited_ns >= FOLLOW_NS:
        turn.limit(limit_n)


def _release(turn: Turn) -> None:
    if turn.contact.touching:
        turn.zero = None
        return
    zero = turn.zero or Zero(turn.now_ns)
    turn.zero = replace(zero, sum_n=zero.sum_n + turn.force_n, count=zero.count + 1)
    if turn.now_ns - zero.since_ns >= ZERO_NS:
        if abs(turn.zero.sum_n / turn.zero.count) > ZERO_OFF_N:
            turn.zero_off = True
            turn.commands.append(Tell(Message.ZERO_OFF))
        released(turn)


def _rest(turn: Turn, waited_ns: int) -> None:
    total_ns, rest_ns = turn.contact.total_ns, rest_s(turn) * 1e9
    pressed_ns = total_ns - turn.tally.contact_before_ns
    if pressed_ns >= NOT_LET_GO_NS or (pressed_ns > 0 and total_ns >= turn.contact_left_s * 1e9):
        end(turn, NOT_LET_GO)
    elif waited_ns >= rest_ns and turn.free:
        _next(turn)
    elif waited_ns >= rest_ns + AWAY_NS and not turn.fresh:
        end(turn, Ending(Outcome.SHORT, "link", tool_failed=True))


def _next(turn: Turn) -> None:
    if not turn.calibrates:
        _next_hold(turn)
    elif more_ramps(turn, len(turn.calibration.ramps)):
        _next_ramp(turn)
    else:
        turn.step_index, turn.hold = turn.step_index + 1, 0
        _next_hold(turn)


def _next_ramp(turn: Turn) -> None:
    if turn.contact_left_s - turn.contact.total_ns * 1e-9 < KNOWN_APPROACH_TAKES_S:
        end(turn, Ending(Outcome.SHORT, "day-limit"))
        return
    turn.hold += 1
    turn.pacing = Pacing.waiting(None, turn.pacing.ceiling_n, calmer=turn.pacing.calmer)
    _begin(turn)


def _next_hold(turn: Turn) -> None:
    if turn.contact_left_s - turn.contact.total_ns * 1e-9 < hold_needs_s(turn.dose, known=_found(turn)):
        end(turn, Ending(Outcome.SHORT, "day-limit"))
        return
    turn.hold += 1
    turn.pacing = _next_pacing(turn)
    _begin(turn)


def _next_pacing(turn: Turn) -> Pacing:
    """Return the pacing of a hold after others, or after ramps: up to the band at once if its 5 is known from today."""
    estimate, ceiling_n = turn.estimate, turn.pacing.ceiling_n
    if estimate is None or not estimate.found:
        return Pacing.waiting(None, ceiling_n, calmer=turn.pacing.calmer)
    ramps = turn.calibration.ramps
    if not turn.holds and ramps and ramps[-1].five_n is not None:
        ceiling_n = min(ceiling_n, ANSWER_ALLOWS * ramps[-1].five_n)
    if ceiling_n == inf:
        ceiling_n = estimate.force_n(turn.dose.band.low)
    aim_n = estimate.force_n(turn.dose.band.low if turn.pacing.calmer else turn.dose.band.aim)
    goal_n = min(estimate.at_most_n(aim_n, 8, SAFE_CHANCE_OF_EIGHT), ceiling_n)
    return Pacing.waiting(goal_n, ceiling_n, calmer=turn.pacing.calmer)


def _begin(turn: Turn) -> None:
    turn.tighten()
    turn.enter(Phase.TARE)
    readiness.set_zero_again(turn)
