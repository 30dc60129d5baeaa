"""What the person says when nothing is pressed, or while letting go: too much still counts.

It is about what was felt a moment ago. It is learned, and the next contact is lighter.
"""

from dataclasses import replace
from math import inf, isfinite

from protocols.commands import Outcome, Phase
from protocols.contact import CONTACT_N
from protocols.events import Answered, Press, Pressed
from protocols.pauses import NEEDS_GO_ON, strike, went_on
from protocols.plan import EDGE
from protocols.said import (
    HIGHEST,
    NUMBER_LAG_NS,
    PRESS_LAG_NS,
    RELEASE_FROM,
    SECOND,
    TOO_MUCH_FROM,
    Learn,
    felt_then,
    learned,
    note,
)
from protocols.session import Ending, PauseReason
from protocols.turn import Turn

LIGHTER = 0.98
"""The next contact stays at least this far under the force that was too much."""

TOO_MUCH = Ending(Outcome.STOPPED, "too-much")


def answered(turn: Turn, event: Answered) -> None:
    """Take a number; only those above any band say something now."""
    rating = min(event.rating, HIGHEST)
    if turn.estimate is None or rating < TOO_MUCH_FROM or not _pressed_before(turn):
        return
    felt_n = _pressed_lately_n(turn, felt_then(turn, turn.estimate, event.given_ns - NUMBER_LAG_NS))
    note(turn, rating)
    _lighter(turn, lambda estimate: estimate.answered(rating, felt_n), felt_n)
    _too_much(turn, rating, felt_n)


def pressed(turn: Turn, event: Pressed) -> None:
    """Take a press: a short one in a pause goes on, any other says that it was too much."""
    if event.press is Press.SHORT:
        if turn.phase is Phase.PAUSED:
            went_on(turn)
        return
    if turn.estimate is None or not _pressed_before(turn):
        return
    felt_n = _pressed_lately_n(turn, felt_then(turn, turn.estimate, event.given_ns - PRESS_LAG_NS))
    note(turn, "too-much")
    _lighter(turn, lambda estimate: estimate.said_above(TOO_MUCH_FROM - EDGE, felt_n), felt_n)
    too_much = turn.tally.too_much + 1
    turn.tally = replace(turn.tally, too_much=too_much)
    _too_much(turn, RELEASE_FROM if too_much >= SECOND else TOO_MUCH_FROM, felt_n)


def _lighter(turn: Turn, learn: Learn, felt_n: float) -> None:
    """Learn it, and let no contact come back to that force before another answer allows it."""
    estimate = turn.estimate
    assert estimate is not None
    if not isfinite(felt_n):
        return
    estimate = learned(turn, estimate, learn, above=True)
    turn.estimate = estimate
    most_n = min(estimate.force_n(turn.dose.band.low_edge + EDGE), LIGHTER * felt_n)
    turn.pacing = replace(turn.pacing, ceiling_n=min(turn.pacing.ceiling_n, most_n), calmer=True)
    turn.lower_limit()


def _too_much(turn: Turn, rating: int, felt_n: float) -> None:
    match turn.phase:
        case Phase.PAUSED if turn.pause is not None and turn.pause.why not in NEEDS_GO_ON:
            if turn.pause.why is PauseReason.SLIP or rating >= RELEASE_FROM:
                strike(turn, PauseReason.TOO_MUCH, felt_n)
        case Phase.TARE | Phase.CONTACT if rating >= RELEASE_FROM:
            strike(turn, PauseReason.TOO_MUCH, felt_n)
        case Phase.REST if rating >= RELEASE_FROM:
            turn.end_after_release(TOO_MUCH)
        case Phase.RELEASE if rating >= RELEASE_FROM and turn.ending is not None and turn.ending.hold_only:
            turn.end_after_release(TOO_MUCH)
        case _:
            pass


def _pressed_before(turn: Turn) -> bool:
    return turn.contact.total_ns > 0


def _pressed_lately_n(turn: Turn, felt_n: float) -> float:
    """Return the force that an answer out of touch is about, newtons: the last one that was a touch."""
    if felt_n > CONTACT_N:
        return felt_n
    past = turn.estimate.past if turn.estimate is not None else ()
    lately_n = max((felt for _, felt in past), default=0.0)
    if lately_n > CONTACT_N:
        return lately_n
    # Longer ago: the target that it was led to, or comes back to.
    match turn.phase:
        case Phase.PAUSED:
            target_n = turn.pause.resume_n if turn.pause is not None else None
        case Phase.TARE | Phase.CONTACT:
            target_n = turn.pacing.resume_n
        case _:
            target_n = turn.pacing.aim_n
    if target_n is None:
        target_n = turn.tally.peak_n
    return target_n if target_n > CONTACT_N else inf
