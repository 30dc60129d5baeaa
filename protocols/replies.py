"""What the person says in an approach or a hold: numbers, presses with a meaning by phase, stop, symptoms."""

from dataclasses import dataclass, replace
from math import inf
from typing import assert_never

from protocols.asking import AFTER_TOO_MUCH_NS
from protocols.commands import LockSite, Message, Outcome, Phase, Question, Tell
from protocols.contact import CONTACT_N
from protocols.discomfort import Discomfort
from protocols.endings import leave
from protocols.events import Answered, Press, Pressed, StopRequested, SymptomReported
from protocols.history import found_limit_n
from protocols.pacing import LEAST_AIM_N, approach_stop_n
from protocols.pauses import strike
from protocols.plan import EDGE
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
from protocols.turn import IN_TOUCH, Turn

LOWER_IN_APPROACH = 0.97
LOWER_IN_HOLD = 0.98
"""An answer above the band lowers the target at least to this share of the force that was too much; on the way up, when
the hand still rises, more so. In a hold it is lower than before, too."""

LIMIT_STEP = 1.01
"""A force limit rises by no less than this: each rise is a command to the tool."""

SEVENS = 3
"""So many answers of 7 in a row release: lowering did not help."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """A rating, the felt force it is about, newtons, when it was given, and what it teaches; or "too much", pressed."""

    rating: int
    felt_n: float
    given_ns: int
    learn: Learn
    too_much: bool = False


def answered(turn: Turn, event: Answered) -> None:
    """Take a number."""
    if turn.estimate is None:
        return
    rating = min(max(event.rating, 0), HIGHEST)
    then_ns = event.given_ns - NUMBER_LAG_NS
    felt_n = felt_then(turn, turn.estimate, then_ns)
    if _told_before(turn, rating, event.given_ns):
        return
    note(turn, rating)
    _rated(turn, _Reply(rating, felt_n, event.given_ns, lambda estimate: estimate.answered(rating, felt_n, then_ns)))


def pressed(turn: Turn, event: Pressed) -> None:
    """Take a press of the one button there is."""
    if turn.estimate is None:
        return
    band = turn.dose.band
    given_ns = event.given_ns
    then_ns = given_ns - PRESS_LAG_NS
    felt_n = felt_then(turn, turn.estimate, then_ns)

    def take(rating: int, learn: Learn) -> None:
        _rated(turn, _Reply(rating, felt_n, given_ns, learn, too_much=rating == TOO_MUCH_FROM))

    match event.press:
        case Press.SHORT if turn.phase is Phase.APPROACH and not turn.estimate.found:
            note(turn, band.low)
            between_n = decided_between(turn, turn.estimate, given_ns)
            take(band.low, lambda estimate: estimate.tapped(band.low, between_n, then_ns))
        case Press.SHORT if _told_before(turn, band.high, given_ns):
            pass
        case Press.SHORT:
            note(turn, "in-band")
            edges = band.low_edge, band.high_edge
            take(band.high, lambda estimate: estimate.said_between(*edges, felt_n, then_ns))
        case Press.DOUBLE if turn.phase is Phase.HOLD and _told_before(turn, band.low - 1, given_ns):
            pass
        case Press.DOUBLE if turn.phase is Phase.HOLD:
            note(turn, "too-little")
            take(band.low - 1, lambda estimate: estimate.said_below(band.low_edge, felt_n, then_ns))
        case Press.DOUBLE | Press.LONG:
            # A press that is not understood counts as too much.
            note(turn, "too-much")
            take(TOO_MUCH_FROM, lambda estimate: said_too_much(estimate, felt_n, then_ns))
        case _:
            assert_never(event.press)


def stop_requested(turn: Turn, event: StopRequested) -> None:
    """Stop: the person may go on once after a while; anybody else's stop is final."""
    if event.by == "person" and turn.phase in IN_TOUCH:
        felt_n = turn.force_n if turn.estimate is None else felt_then(turn, turn.estimate, turn.now_ns)
        strike(turn, PauseReason.STOPPED, felt_n)
        return
    leave(turn, Ending(Outcome.STOPPED, event.by))


def symptom_reported(turn: Turn, event: SymptomReported) -> None:
    """Stop for good, lock the site, give advice."""
    turn.commands += [LockSite(turn.site, event.symptom), Tell(Message.ADVICE)]
    if turn.phase is not Phase.ENDED:
        leave(turn, Ending(Outcome.STOPPED, f"symptom-{event.symptom}"))


def _told_before(turn: Turn, rating: int, given_ns: int) -> bool:
    """Return whether an answer repeats what was just said. "Too much" and the first "5" always count."""
    estimate, band = turn.estimate, turn.dose.band
    counts = rating > band.high or (estimate is not None and not estimate.found and rating >= band.low)
    if counts or turn.asking.asked_before(given_ns):
        return False
    after_too_much = turn.pacing.calmer and turn.asking.learned_within(given_ns, AFTER_TOO_MUCH_NS)
    return after_too_much or turn.asking.outdated(given_ns) or turn.asking.learned_lately(turn.now_ns)


def _rated(turn: Turn, reply: _Reply) -> None:
    before, band = turn.estimate, turn.dose.band
    assert before is not None
    rating, felt_n = reply.rating, reply.felt_n
    first = turn.phase is Phase.APPROACH and not before.found
    if before.found and rating <= band.high and turn.asking.learned_lately(turn.now_ns):
        estimate = before
    else:
        above_ns = reply.given_ns if rating > band.high else None
        estimate = learned(turn, before, reply.learn, above_ns=above_ns)
    if first and rating < band.low:
        _not_yet(turn, estimate, felt_n)
        return
    turn.close_question()
    turn.asking = turn.asking.answered(turn.now_ns)
    highest_n = max(turn.force_n, turn.pacing.aim_n)
    if first:
        estimate = estimate.settled(heeding=rating <= turn.dose.band.high)
        turn.estimate = estimate
        five_n = felt_n if rating == 5 else min(estimate.force_n(5), felt_n)  # noqa: PLR2004 - the "5" itself
        # Whoever is above it now is told to ease off and needs time to follow: it tightens as they do.
        turn.found_limit_n = found_limit_n(five_n, turn.cap_n)
        turn.limit(max(turn.found_limit_n, min(turn.guard.limit_n, ROOM_TO_EASE * highest_n)))
    turn.estimate = estimate
    if highest_n > estimate.force_n(8):
        turn.guard = turn.guard.eased(turn.now_ns, turn.force_n)
    if rating <= band.high:
        if first:
            turn.pacing = turn.pacing.back_to(felt_n)
        if not turn.asking.outdated(reply.given_ns):
            turn.pacing = turn.pacing.allowed(felt_n, holds=first or turn.phase is Phase.HOLD)
        if first:
            turn.commands.append(Tell(Message.PRESSURE_FOUND))
            turn.enter(Phase.HOLD)
        else:
            _raise_limit(turn, estimate)
        return
    _above_band(turn, estimate, reply, first=first)


def _above_band(turn: Turn, estimate: Discomfort, reply: _Reply, *, first: bool) -> None:
    rating, felt_n, press = reply.rating, reply.felt_n, reply.too_much
    over_band = turn.force_n > turn.pacing.high_n
    lower_n = LOWER_IN_APPROACH * felt_n if first else LOWER_IN_HOLD * min(felt_n, turn.pacing.aim_n)
    calmer_n = min(estimate.force_n(turn.dose.band.low_edge + EDGE), lower_n)
    sevens = tuple(answer == TOO_MUCH_FROM for answer in turn.tally.answers[-SEVENS:])
    hardly_a_touch = calmer_n <= CONTACT_N
    calmer_n = max(calmer_n, min(LEAST_AIM_N, lower_n))
    again = len(sevens) == SEVENS and all(sevens)
    turn.pacing = turn.pacing.lowered(calmer_n)
    if rating >= RELEASE_FROM or hardly_a_touch:
        strike(turn, PauseReason.TOO_MUCH, felt_n)
        remember(turn, rating)
        return
    # Room to ease off is left: once it tightens (phases.py), the hand is above the limit only if it does not follow.
    turn.lower_limit(ROOM_TO_EASE * max(turn.force_n, turn.pacing.hand_n))
    too_much = turn.tally.too_much + press
    turn.tally = replace(turn.tally, too_much=too_much)
    if again or (press and (too_much >= SECOND or over_band)):
        strike(turn, PauseReason.TOO_MUCH, felt_n)
        remember(turn, rating)
    elif turn.phase is Phase.APPROACH and first:
        turn.commands.append(Tell(Message.FOUND_ABOVE))
        turn.enter(Phase.HOLD)


def _raise_limit(turn: Turn, estimate: Discomfort) -> None:
    # The first "5" may have been an early one: an answer not above the band takes the limit along with what is
    # believed, no further than as if the force that it allows were the one at 5: it may be a slip of the finger.
    limit_n = found_limit_n(min(estimate.five_n, turn.pacing.ceiling_n), turn.cap_n)
    if limit_n > LIMIT_STEP * turn.guard.limit_n:
        turn.found_limit_n = limit_n
        turn.limit(limit_n)


def _not_yet(turn: Turn, estimate: Discomfort, felt_n: float) -> None:
    # The answer is below the band, so the approach goes on; unless the limit, not the belief, stops it.
    turn.estimate = estimate
    turn.limit(max(turn.guard.limit_n, approach_limit_n(turn, estimate)))
    stop_n, capped = approach_stop_n(estimate, turn.dose.band.low, turn.guard.limit_n)
    capped = capped and stop_n < SAME_STOP * turn.pacing.aim_n
    asked_at_stop = turn.asking.question is Question.RATE_NOW
    turn.close_question()
    turn.asking = turn.asking.answered(turn.now_ns)
    if turn.pacing.ceiling_n < inf:
        turn.pacing = turn.pacing.allowed(felt_n, holds=False)
    if asked_at_stop and capped:
        turn.commands.append(Tell(Message.CAP_REACHED))
        turn.end_after_release(Ending(Outcome.SHORT, "cap"))
        return
    turn.ask(Question.TAP_AT_FIVE)
