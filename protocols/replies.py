"""What the person says: numbers, presses whose meaning depends on the phase, stop, symptoms."""

from dataclasses import replace
from math import inf
from typing import assert_never

from protocols.commands import LockSite, Message, Outcome, Phase, Question, Tell
from protocols.contact import CONTACT_N
from protocols.discomfort import Discomfort
from protocols.endings import leave
from protocols.events import Answered, Press, Pressed, StopRequested, SymptomReported
from protocols.history import found_limit_n
from protocols.pacing import LEAST_AIM_N, approach_stop_n
from protocols.pauses import NEEDS_GO_ON, strike, went_on
from protocols.plan import EDGE
from protocols.said import (
    HIGHEST,
    LIMIT_SHARE,
    NUMBER_LAG_NS,
    PRESS_LAG_NS,
    RELEASE_FROM,
    ROOM_TO_EASE,
    SAME_STOP,
    SECOND,
    TOO_MUCH_FROM,
    decided_between,
    felt_then,
    note,
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


def answered(turn: Turn, event: Answered) -> None:
    """Take a number."""
    if turn.estimate is None:
        return
    rating = min(max(event.rating, 0), HIGHEST)
    felt_n = felt_then(turn, turn.estimate, event.given_ns - NUMBER_LAG_NS)
    if turn.phase not in IN_TOUCH:
        _out_of_touch(turn, rating, felt_n, rating)
        return
    if _told_before(turn, rating):
        return
    note(turn, rating)
    _rated(turn, turn.estimate.answered(rating, felt_n), rating, felt_n)


def pressed(turn: Turn, event: Pressed) -> None:
    """Take a press of the one button there is."""
    if turn.phase is Phase.PAUSED and event.press is Press.SHORT:
        went_on(turn)
        return
    if turn.estimate is None:
        return
    band = turn.dose.band
    felt_n = felt_then(turn, turn.estimate, event.given_ns - PRESS_LAG_NS)
    if turn.phase not in IN_TOUCH:
        if event.press is not Press.SHORT:
            _out_of_touch(turn, TOO_MUCH_FROM, felt_n, "too-much")
        return
    match event.press:
        case Press.SHORT if turn.phase is Phase.APPROACH and not turn.estimate.found:
            note(turn, band.low)
            _rated(
                turn,
                turn.estimate.tapped(band.low, decided_between(turn, turn.estimate, event.given_ns)),
                band.low,
                felt_n,
            )
        case Press.SHORT if _told_before(turn, band.high):
            pass
        case Press.SHORT:
            note(turn, "in-band")
            _rated(turn, turn.estimate.said_between(band.low_edge, band.high_edge, felt_n), band.high, felt_n)
        case Press.DOUBLE if turn.phase is Phase.HOLD and _told_before(turn, band.low - 1):
            pass
        case Press.DOUBLE if turn.phase is Phase.HOLD:
            note(turn, "too-little")
            _rated(turn, turn.estimate.said_below(band.low_edge, felt_n), band.low - 1, felt_n)
        case Press.DOUBLE | Press.LONG:
            # A press that is not understood counts as too much.
            note(turn, "too-much")
            _rated(turn, turn.estimate.said_above(TOO_MUCH_FROM - EDGE, felt_n), TOO_MUCH_FROM, felt_n, press=True)
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


def _out_of_touch(turn: Turn, rating: int, felt_n: float, answer: int | str) -> None:
    # Nothing was asked of the present force, but "too much" always counts: it is about what was felt a moment ago.
    if rating < (TOO_MUCH_FROM if turn.pause is not None else RELEASE_FROM):
        return
    match turn.phase:
        case Phase.PAUSED if turn.pause is not None and turn.pause.why not in NEEDS_GO_ON:
            if turn.pause.why is PauseReason.SLIP or rating >= RELEASE_FROM:
                note(turn, answer)
                strike(turn, PauseReason.TOO_MUCH, _pressed_lately_n(turn, felt_n))
        case Phase.REST:
            note(turn, answer)
            turn.end_after_release(Ending(Outcome.STOPPED, "too-much"))
        case Phase.RELEASE if turn.ending is not None and turn.ending.hold_only:
            note(turn, answer)
            turn.end_after_release(Ending(Outcome.STOPPED, "too-much"))
        case _:
            pass


def _pressed_lately_n(turn: Turn, felt_n: float) -> float:
    """Return the force that an answer out of touch is about, newtons: the last one that was a touch."""
    if felt_n > CONTACT_N:
        return felt_n
    past = turn.estimate.past if turn.estimate is not None else ()
    lately_n = max((felt for _, felt in past), default=0.0)
    highest_n = lately_n if lately_n > CONTACT_N else turn.tally.peak_n
    return highest_n if highest_n > CONTACT_N else inf


def _told_before(turn: Turn, rating: int) -> bool:
    """Return whether an answer repeats what was just said. "Too much" and the first "5" always count."""
    estimate, band = turn.estimate, turn.dose.band
    counts = rating > band.high or (estimate is not None and not estimate.found and rating >= band.low)
    return not counts and turn.asking.question is not Question.RATE_NOW and turn.asking.learned_lately(turn.now_ns)


def _rated(turn: Turn, estimate: Discomfort, rating: int, felt_n: float, *, press: bool = False) -> None:
    band = turn.dose.band
    first = turn.phase is Phase.APPROACH and not estimate.found
    if estimate.found and turn.estimate is not None and turn.asking.learned_lately(turn.now_ns):
        estimate = turn.estimate
    else:
        turn.asking = replace(turn.asking, learned_ns=turn.now_ns)
    if first and rating < band.low:
        _not_yet(turn, estimate, felt_n)
        return
    turn.close_question()
    turn.asking = turn.asking.answered(turn.now_ns)
    highest_n = max(turn.force_n, turn.pacing.aim_n)
    if first:
        estimate = estimate.settled()
        turn.estimate = estimate
        five_n = felt_n if rating == 5 else min(estimate.force_n(5), felt_n)  # noqa: PLR2004 - the "5" itself
        # Whoever is above it now is told to ease off and needs time to follow: it tightens as they do.
        turn.found_limit_n = found_limit_n(five_n, turn.cap_n)
        turn.limit(max(turn.found_limit_n, min(turn.guard.limit_n, ROOM_TO_EASE * highest_n)))
        turn.commands.append(Tell(Message.PRESSURE_FOUND))
    turn.estimate = estimate
    if highest_n > estimate.force_n(8):
        turn.guard = turn.guard.eased(turn.now_ns, turn.force_n)
    if rating <= band.high:
        turn.pacing = turn.pacing.allowed(felt_n)
        if first:
            turn.pacing = turn.pacing.back_to(felt_n)
            turn.enter(Phase.HOLD)
        else:
            _raise_limit(turn, estimate)
        return
    _above_band(turn, estimate, rating, felt_n, first=first, press=press)


def _above_band(turn: Turn, estimate: Discomfort, rating: int, felt_n: float, *, first: bool, press: bool) -> None:
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
        return
    _lower_limit(turn, estimate)
    too_much = turn.tally.too_much + press
    turn.tally = replace(turn.tally, too_much=too_much)
    if again or (press and (too_much >= SECOND or over_band)):
        strike(turn, PauseReason.TOO_MUCH, felt_n)
    elif turn.phase is Phase.APPROACH and first:
        turn.enter(Phase.HOLD)


def _raise_limit(turn: Turn, estimate: Discomfort) -> None:
    # The first "5" may have been an early one: an answer not above the band takes the limit along with what is
    # believed, no further than as if the force that it allows were the one at 5: it may be a slip of the finger.
    limit_n = found_limit_n(min(estimate.five_n, turn.pacing.ceiling_n), turn.cap_n)
    if limit_n > LIMIT_STEP * turn.guard.limit_n:
        turn.found_limit_n = limit_n
        turn.limit(limit_n)


def _lower_limit(turn: Turn, estimate: Discomfort) -> None:
    # Room to ease off is left: once it tightens (phases.py), the hand is above the limit only if it does not follow.
    highest_n = max(turn.force_n, turn.pacing.hand_n)
    lower_n = max(found_limit_n(estimate.five_n, turn.cap_n), ROOM_TO_EASE * highest_n)
    if turn.found_limit_n is not None:
        turn.found_limit_n = min(turn.found_limit_n, lower_n)


def _not_yet(turn: Turn, estimate: Discomfort, felt_n: float) -> None:
    # The answer is below the band, so the approach goes on; unless the limit, not the belief, stops it.
    turn.estimate = estimate
    eight_n = estimate.force_n(8) * estimate.five_quantile_n(LIMIT_SHARE) / estimate.five_n
    turn.limit(max(turn.guard.limit_n, min(turn.cap_n, eight_n)))
    stop_n, capped = approach_stop_n(estimate, turn.guard.limit_n)
    capped = capped and stop_n < SAME_STOP * turn.pacing.aim_n
    asked_at_stop = turn.asking.question is Question.RATE_NOW
    turn.close_question()
    if turn.pacing.ceiling_n < inf:
        turn.pacing = turn.pacing.allowed(felt_n)
    if asked_at_stop and capped:
        turn.commands.append(Tell(Message.CAP_REACHED))
        turn.end_after_release(Ending(Outcome.SHORT, "cap"))
        return
    turn.ask(Question.TAP_AT_FIVE)
