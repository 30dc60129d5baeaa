"""What the person says when nothing is pressed, or while letting go: too much still counts.

It is about what was pressed last. It is learned, and the next contact is lighter.
"""

from dataclasses import replace

from protocols import ramp_replies
from protocols.commands import Outcome, Phase
from protocols.events import Answered, Press, Pressed
from protocols.pacing import LEAST_AIM_N, Pacing
from protocols.pauses import NEEDS_GO_ON, calm_again, not_yet, strike, went_on
from protocols.plan import EDGE
from protocols.said import HIGHEST, RELEASE_FROM, SECOND, TOO_MUCH_FROM, Learn, learned, note
from protocols.session import Ending, Left, PauseReason
from protocols.turn import Turn

LIGHTER = 0.98
"""The next contact stays at least this far under the force that was too much."""

TOO_MUCH = Ending(Outcome.STOPPED, "too-much")


def answered(turn: Turn, event: Answered) -> None:
    """Take a number; only those above any band say something now."""
    rating = min(event.rating, HIGHEST)
    left = turn.left
    if left is None or rating < TOO_MUCH_FROM:
        return
    note(turn, rating)
    turn.asking = turn.asking.above(turn.now_ns, event.given_ns)
    felt_n = _felt_n(left)
    if rating > left.rating:
        _lighter(turn, lambda estimate: estimate.answered(rating, felt_n), rating, felt_n, event.given_ns)
    _too_much(turn, rating, felt_n, again=rating <= left.rating)


def pressed(turn: Turn, event: Pressed) -> None:
    """Take a press: a short one in a pause goes on, any other says that it was too much."""
    if event.press is Press.SHORT:
        if turn.phase is Phase.PAUSED:
            went_on(turn, event.given_ns)
        return
    left = turn.left
    if left is None:
        return
    note(turn, "too-much")
    turn.asking = turn.asking.above(turn.now_ns, event.given_ns)
    felt_n = _felt_n(left)
    if left.rating < TOO_MUCH_FROM:
        learn: Learn = lambda estimate: estimate.said_above(TOO_MUCH_FROM - EDGE, felt_n)  # noqa: E731
        _lighter(turn, learn, TOO_MUCH_FROM, felt_n, event.given_ns)
    touched = turn.phase is not Phase.REST and turn.contact.total_ns > turn.tally.contact_before_ns
    if touched or turn.phase is Phase.PAUSED:
        # One before the first touch is about the hold before; said again in a pause it insists all the same.
        turn.tally = replace(turn.tally, too_much=turn.tally.too_much + 1)
    second = turn.phase is Phase.PAUSED and turn.tally.too_much >= SECOND
    _too_much(turn, RELEASE_FROM if second else TOO_MUCH_FROM, felt_n, again=False)


def _felt_n(left: Left) -> float:
    # Less than the lightest target would leave nothing to go on with: a touch so short was hardly felt.
    return max(left.felt_n, LEAST_AIM_N)


def _lighter(turn: Turn, learn: Learn, rating: int, felt_n: float, given_ns: int) -> None:
    """Learn it, and let no contact come back to that force before another answer allows it."""
    assert turn.left is not None
    assert turn.estimate is not None
    estimate = learned(turn, turn.estimate, learn, above_ns=given_ns)
    turn.estimate, turn.left = estimate, replace(turn.left, rating=rating)
    most_n = min(estimate.force_n(turn.dose.band.low_edge + EDGE), LIGHTER * felt_n)
    turn.pacing = Pacing.waiting(turn.pacing.resume_n, min(turn.pacing.ceiling_n, most_n), calmer=True)
    turn.lower_limit()


def _too_much(turn: Turn, rating: int, felt_n: float, *, again: bool) -> None:
    """Do what it asks for besides; `again`: no more than was said before of the same contact."""
    assert turn.left is not None
    of_hold = turn.ending is not None and turn.ending.hold_only
    match turn.phase:
        case Phase.PAUSED if turn.pause is not None and turn.pause.why not in NEEDS_GO_ON:
            if turn.pause.why is PauseReason.SLIP or rating >= RELEASE_FROM:
                strike(turn, PauseReason.TOO_MUCH, felt_n)
        case Phase.PAUSED:
            not_yet(turn)
        case Phase.TARE | Phase.CONTACT if turn.left.struck:
            calm_again(turn)
        case Phase.TARE | Phase.CONTACT if rating >= RELEASE_FROM:
            strike(turn, PauseReason.TOO_MUCH, felt_n)
        case Phase.RELEASE if turn.calibrates and of_hold and not again:
            ramp_replies.let_go(turn, rating, felt_n)
        case Phase.RELEASE if rating >= RELEASE_FROM and of_hold and not turn.calibrates:
            turn.end_after_release(TOO_MUCH)
        case Phase.REST if rating >= RELEASE_FROM:
            turn.end_after_release(TOO_MUCH)
        case _:
            pass
