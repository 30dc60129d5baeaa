"""What the person says in a ramp: taps for first pain and for 5, numbers, too much."""

from dataclasses import replace
from math import inf
from typing import assert_never

from protocols.calibrating import ask_for_tap, ramp_over, ramp_stop_n
from protocols.commands import Message, Outcome, Question, Tell
from protocols.contact import CONTACT_N
from protocols.discomfort import Discomfort
from protocols.events import Answered, Press, Pressed
from protocols.history import found_limit_n
from protocols.pacing import ANSWER_ALLOWS
from protocols.pauses import strike
from protocols.plan import EDGE, FIVE, PAIN
from protocols.said import (
    HIGHEST,
    NUMBER_LAG_NS,
    PRESS_LAG_NS,
    RELEASE_FROM,
    ROOM_TO_EASE,
    SAME_STOP,
    SECOND,
    TOO_MUCH_FROM,
    Learn,
    approach_limit_n,
    decided_between,
    felt_then,
    learned,
    note,
    remember,
    said_too_much,
)
from protocols.session import Ending, PauseReason
from protocols.turn import Turn

LOWER_IN_RAMP = 0.97
"""The next contact stays at least this far under the force that was too much, as after an approach."""


def answered(turn: Turn, event: Answered) -> None:
    """Take a number."""
    estimate = turn.estimate
    if estimate is None:
        return
    rating = min(max(event.rating, 0), HIGHEST)
    above_ns = event.given_ns if rating >= TOO_MUCH_FROM else None
    if above_ns is None and turn.asking.outdated(event.given_ns):
        return
    then_ns = event.given_ns - NUMBER_LAG_NS
    felt_n = felt_then(turn, estimate, then_ns)
    awaits_pain = turn.calibration.pain_n is None
    is_new = rating >= FIVE or (awaits_pain and rating >= PAIN)
    asked = turn.asking.question is Question.RATE_NOW
    lately = turn.asking.learned_lately(turn.now_ns)
    if lately and not is_new and not asked:
        return
    note(turn, rating)
    after = learned(turn, estimate, lambda believed: believed.answered(rating, felt_n, then_ns), above_ns=above_ns)
    if rating >= FIVE:
        _reached(turn, after, rating, felt_n)
    elif is_new:
        pain_n = felt_n if rating == PAIN else min(after.force_n(PAIN), felt_n)
        turn.estimate = after.awaiting(FIVE)
        _pained(turn, pain_n, sure=True)
    else:
        turn.estimate = estimate if lately else after
        _not_yet(turn, felt_n, asked=asked)


def pressed(turn: Turn, event: Pressed) -> None:
    """Take a press: a short one says that it is now what is waited for, any other that it is too much."""
    estimate = turn.estimate
    if estimate is None:
        return
    then_ns = event.given_ns - PRESS_LAG_NS
    felt_n = felt_then(turn, estimate, then_ns)
    match event.press:
        case Press.SHORT if turn.asking.outdated(event.given_ns):
            pass
        case Press.SHORT if turn.calibration.pain_n is None:
            note(turn, PAIN)
            # What it says is learned once it is sure that it did not mean 5.
            turn.calibration = replace(turn.calibration, pain_between_n=decided_between(turn, estimate, event.given_ns))
            turn.estimate = estimate.awaiting(FIVE)
            _pained(turn, felt_n, sure=False)
        case Press.SHORT:
            note(turn, FIVE)
            between_n = decided_between(turn, estimate, event.given_ns)
            if not turn.calibration.pain_sure:
                # Both presses meant 5, and the first one of them was the reaction.
                between_n = turn.calibration.pain_between_n
            _reached(turn, estimate.tapped(FIVE, between_n, then_ns), FIVE, felt_n)
        case Press.DOUBLE | Press.LONG:
            # A press that is not understood counts as too much.
            note(turn, "too-much")
            learn: Learn = lambda believed: said_too_much(believed, felt_n, then_ns)  # noqa: E731
            turn.estimate = learned(turn, estimate, learn, above_ns=event.given_ns)
            _heard(turn)
            let_go(turn, TOO_MUCH_FROM, felt_n)
        case _:
            assert_never(event.press)


def _pained(turn: Turn, pain_n: float, *, sure: bool) -> None:
    turn.calibration = turn.calibration.pained(pain_n, turn.now_ns, sure=sure)
    _heard(turn)
    ask_for_tap(turn)


def _reached(turn: Turn, estimate: Discomfort, rating: int, felt_n: float) -> None:
    """Take an answer of 5 or more, which ends the ramp."""
    first = not estimate.found
    estimate = estimate.settled(heeding=rating <= turn.dose.band.high)
    five_n = felt_n if rating == FIVE else min(estimate.force_n(FIVE), felt_n)
    turn.estimate = estimate
    _heard(turn)
    turn.calibration = replace(turn.calibration, five_n=five_n)
    limit_n = found_limit_n(five_n if first else estimate.five_n, turn.cap_n)
    if rating >= TOO_MUCH_FROM and turn.found_limit_n is not None:
        limit_n = min(limit_n, turn.found_limit_n)
    turn.found_limit_n = limit_n
    highest_n = max(turn.force_n, turn.pacing.aim_n)
    # Whoever is above it now is let go, which takes a moment; the next contact begins with the limit itself.
    turn.limit(max(limit_n, min(turn.guard.limit_n, ROOM_TO_EASE * highest_n)))
    if highest_n > estimate.force_n(RELEASE_FROM):
        turn.guard = turn.guard.eased(turn.now_ns, turn.force_n)
    if rating >= TOO_MUCH_FROM:
        let_go(turn, rating, felt_n)
    else:
        if rating <= turn.dose.band.high:
            _allow(turn, felt_n)
            turn.pacing = replace(turn.pacing, calmer=False)
        ramp_over(turn, "five")


def let_go(turn: Turn, rating: int, felt_n: float) -> None:
    """Let go of a ramp after too much, with no way back to that force before another answer allows it."""
    estimate = turn.estimate
    assert estimate is not None
    calmer_n = min(estimate.force_n(turn.dose.band.low_edge + EDGE), LOWER_IN_RAMP * felt_n)
    turn.pacing = replace(turn.pacing, ceiling_n=min(turn.pacing.ceiling_n, calmer_n), calmer=True)
    turn.lower_limit()
    too_much = turn.calibration.too_much + 1
    turn.calibration = replace(turn.calibration, too_much=too_much)
    if rating >= RELEASE_FROM or too_much >= SECOND or calmer_n <= CONTACT_N:
        turn.ending = None
        strike(turn, PauseReason.TOO_MUCH, felt_n)
    else:
        ramp_over(turn, "too-much")
    remember(turn, rating)


def _heard(turn: Turn) -> None:
    turn.close_question()
    turn.asking = turn.asking.answered(turn.now_ns).learned(turn.now_ns)


def _not_yet(turn: Turn, felt_n: float, *, asked: bool) -> None:
    # The ramp goes on; unless the limit, not the belief, stops it.
    estimate = turn.estimate
    assert estimate is not None
    turn.limit(max(turn.guard.limit_n, _limit_n(turn, estimate)))
    _heard(turn)
    _allow(turn, felt_n)
    stop_n, capped = ramp_stop_n(turn, estimate)
    if asked and capped and stop_n < SAME_STOP * turn.pacing.aim_n:
        turn.commands.append(Tell(Message.CAP_REACHED))
        turn.end_after_release(Ending(Outcome.SHORT, "cap"))
        return
    ask_for_tap(turn)


def _limit_n(turn: Turn, estimate: Discomfort) -> float:
    if estimate.found:
        return found_limit_n(estimate.five_n, turn.cap_n)
    return approach_limit_n(turn, estimate)


def _allow(turn: Turn, felt_n: float) -> None:
    allowed_n = ANSWER_ALLOWS * felt_n
    turn.calibration = replace(turn.calibration, allowed_n=allowed_n)
    # Only after "too much", or a stop, is there a ceiling.
    if turn.pacing.ceiling_n < inf:
        turn.pacing = replace(turn.pacing, ceiling_n=max(turn.pacing.ceiling_n, allowed_n))
