"""The way through a ramp of a calibration: up to first pain, on to 5, off.

A ramp is an approach that asks twice. It ends with letting go; the rest after it, the new zero and the next contact are
those between two holds (phases.py).
"""

from dataclasses import replace

from protocols.commands import Outcome, Phase, Question
from protocols.discomfort import Discomfort
from protocols.guard import Verdict
from protocols.pacing import APPROACH_MARGIN, approach_stop_n
from protocols.pauses import pause
from protocols.plan import CALIBRATION_S, FIVE, PAIN, Calibrate
from protocols.ramp import Ramp, ramp_for
from protocols.rest import hold_follows, more_ramps
from protocols.said import PRESS_LAG_NS
from protocols.session import Ending, PauseReason
from protocols.turn import Turn
from protocols.worth import asks_at_stop

SURE_NS = 700_000_000
"""Who presses again within this time of the press for first pain meant 5 with both: at the pace of a ramp most people
take some 3 s from 3 to 5, and the error on this side is less pressure. A design choice."""


def begin_ramp(turn: Turn, at_ns: int) -> None:
    """Begin a ramp, or begin it again after an interruption: the tool touches."""
    assert turn.estimate is not None
    turn.calibration = turn.calibration.begun(at_ns)
    turn.estimate = turn.estimate.awaiting(PAIN)
    turn.pacing = turn.pacing.touched(turn.force_n, at_ns)
    turn.enter(Phase.RAMP)
    ask_for_tap(turn)


def sampled(turn: Turn, at_ns: int) -> None:
    """Go on after a packet that came in time."""
    estimate = turn.estimate
    assert estimate is not None
    if not turn.contact.touching:
        pause(turn, PauseReason.SLIP)
        return
    stop_n, _ = ramp_stop_n(turn, estimate)
    easing = turn.verdict is not Verdict.FINE
    turn.pacing = turn.pacing.approach(turn.force_n, at_ns, stop_n, _pace(turn), easing=easing)
    if asks_at_stop(turn, stop_n):
        turn.ask(Question.RATE_NOW)


def time_passed(turn: Turn) -> None:
    """Learn from the press for first pain once it is sure, and end a ramp when the calibration has had its time."""
    calibration, estimate = turn.calibration, turn.estimate
    pain_n = None if calibration.pain_sure else calibration.pain_n
    if pain_n is not None and estimate is not None and turn.now_ns - calibration.pain_ns >= SURE_NS:
        turn.calibration = replace(calibration, pain_sure=True)
        turn.estimate = estimate.tapped(PAIN, calibration.pain_between_n, calibration.pain_ns - PRESS_LAG_NS)
    if turn.contact.total_ns >= CALIBRATION_S * 1e9:
        ramp_over(turn, "calibration-contact")


def ramp_stop_n(turn: Turn, estimate: Discomfort) -> tuple[float, bool]:
    """Return where a ramp without an answer stops rising, newtons, and whether the limit is what stops it."""
    believed_n, capped = approach_stop_n(estimate, FIVE, turn.guard.limit_n)
    most_n = APPROACH_MARGIN * turn.guard.limit_n
    allowed_n = min(turn.calibration.allowed_n, most_n)
    return min(max(believed_n, allowed_n), turn.pacing.ceiling_n), capped or allowed_n >= most_n


def ask_for_tap(turn: Turn) -> None:
    """Put the standing question: for first pain, then for 5."""
    if turn.calibration.pain_n is None:
        turn.ask(Question.TAP_AT_PAIN, PAIN)
    else:
        turn.ask(Question.TAP_AT_FIVE, FIVE)


def ramp_over(turn: Turn, reason: str) -> None:
    """Let the person go after a ramp; then comes the next one, a hold, or the end."""
    calibration, step = turn.calibration, turn.step
    assert isinstance(step, Calibrate)
    assert turn.estimate is not None
    turn.estimate = turn.estimate.awaiting(None)
    fives = [*(ramp.five_n for ramp in calibration.ramps), calibration.five_n]
    if more_ramps(turn, len(fives)) or hold_follows(turn):
        outcome = Outcome.SHORT if calibration.five_n is None else Outcome.COMPLETE
        turn.end_after_release(Ending(outcome, reason, hold_only=True))
    elif len(fives) >= step.ramps and None not in fives:
        turn.end_after_release(Ending(Outcome.COMPLETE, "calibrated"))
    else:
        turn.end_after_release(Ending(Outcome.SHORT, "ramps"))


def _pace(turn: Turn) -> Ramp:
    estimate = turn.estimate
    assert estimate is not None
    if turn.calibration.pain_n is not None:
        return Ramp(0.0, estimate.prior.scale)
    known_n = estimate.five_n if estimate.found else None
    if known_n is None and turn.history is not None:
        known_n = turn.history.force_at_five_n
    return ramp_for(estimate.prior, known_n)
