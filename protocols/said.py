"""What holds for everything the person says: which force it is about, and from where on it was too much."""

from collections.abc import Callable
from dataclasses import replace

from protocols.discomfort import Discomfort
from protocols.history import LIMIT_OVER_FIVE
from protocols.outlook import SMALLEST_FELT_N
from protocols.pacing import LIGHT_N
from protocols.plan import EDGE
from protocols.prior import UPPER_QUARTER
from protocols.turn import IN_TOUCH, Turn

Learn = Callable[[Discomfort], Discomfort]
"""What an answer does to a belief."""

NUMBER_LAG_NS = 1_000_000_000
PRESS_LAG_NS = 600_000_000
"""An answer belongs to the force as felt this long before it."""

LIMIT_SHARE = UPPER_QUARTER
"""The limit of an approach that goes on is this percentile of the force at 8, now better known."""

HIGHEST = 10
ROOM_TO_EASE = 1.12
"""An answer that lowers the limit below the present force leaves this much above it, while the person eases off.

Three spreads of a guided hand, above the force or above where the hand was led: it goes on there for a reaction time.
"""

LIGHT_TOUCH_N = 2 * LIGHT_N
"""An answer is about this much at least, or the present force: it is the light touch that an approach begins with."""

SAME_STOP = 1.03
"""A way up that may go on by less than this after an answer is stopped by the limit, not by the belief."""

RELEASE_FROM = 8
TOO_MUCH_FROM = 7
SECOND = 2


def felt_then(turn: Turn, estimate: Discomfort, at_ns: int) -> float:
    """Return the felt force that something said about that time is about, newtons."""
    # An answer about a force that was not there yet must not make a target, or a limit, of nothing.
    return max(estimate.felt_at(at_ns), min(turn.force_n, LIGHT_TOUCH_N), SMALLEST_FELT_N)


def decided_between(turn: Turn, estimate: Discomfort, given_ns: int) -> tuple[float, float]:
    """Return the felt forces, newtons, between which it was decided to tap, for a tap that came at that time."""
    before_n, after_n = estimate.passed(given_ns)
    return before_n, max(after_n, min(turn.force_n, LIGHT_TOUCH_N))


def learned(turn: Turn, estimate: Discomfort, learn: Learn, *, above_ns: int | None) -> Discomfort:
    """Return the belief after the answer noted last, and remember it; `above_ns`: when it was given, if above the band.

    One above the band may correct the one before it, a slow "10" begins with a 1, or both may be meant: what makes the
    person more tender is believed. The same again at once is a key that repeats itself.
    """
    again = turn.tally.answers[-2:-1] == turn.tally.answers[-1:] and turn.asking.learned_lately(turn.now_ns)
    turn.asking = turn.asking.learned(turn.now_ns)
    if above_ns is None:
        return learn(estimate)
    turn.asking = turn.asking.above(turn.now_ns, above_ns)
    if again:
        return estimate
    corrected = estimate.forgotten(turn.now_ns)
    if corrected is estimate:
        return learn(estimate)
    return min(learn(corrected), learn(estimate), key=lambda believed: believed.force_n(RELEASE_FROM))


def remember(turn: Turn, rating: int) -> None:
    """Remember that an answer above the band is about what is let go now."""
    if turn.left is not None and turn.phase not in IN_TOUCH:
        turn.left = replace(turn.left, rating=max(turn.left.rating, rating))


def said_too_much(estimate: Discomfort, felt_n: float, then_ns: int) -> Discomfort:
    """Return the belief after a press for "too much" about a force, newtons, as felt at that time."""
    return estimate.said_above(TOO_MUCH_FROM - EDGE, felt_n, then_ns)


def approach_limit_n(turn: Turn, estimate: Discomfort) -> float:
    """Return the force limit after an answer below what is looked for, newtons: the way up goes on."""
    # One answer may be a slip of the finger: it takes the limit along only so far.
    most_n = min(turn.cap_n, LIMIT_OVER_FIVE * turn.guard.limit_n)
    return min(most_n, estimate.quantile_n(RELEASE_FROM, LIMIT_SHARE))


def note(turn: Turn, answer: int | str) -> None:
    """Keep an answer among the hold's."""
    turn.tally = replace(turn.tally, answers=(*turn.tally.answers, answer))
