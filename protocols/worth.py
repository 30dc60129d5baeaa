"""Whether a question is worth its interruption: what its answer could change, and whether now is the time."""

from protocols.discomfort import Discomfort
from protocols.pacing import LIMIT_MARGIN, REACHED
from protocols.turn import Turn

BEFORE_END_S = 8.0
"""No question when so little credit is left that its answer would come too late to matter."""

UNSURE = 0.08
"""The force in the middle of the band is not known well enough: the chance that it is felt outside of the band."""

HELD_BACK = 1.005
"""The target would rise at least this far if an answer allowed it."""

CAUGHT_UP = 0.98
PATIENCE_NS = 14_000_000_000
"""Felt force first catches up with the target, or the answer is about less than is held; but no longer than this."""


def worth_asking(turn: Turn, estimate: Discomfort) -> bool:
    """Return whether "what is it now?" could change something; how often it may be asked is for `Asking` to say.

    Either the target is held back until an answer allows it to rise or, after one above the band, to come back; or the
    force that the band asks for is uncertain.
    """
    pacing, asking = turn.pacing, turn.asking
    left_s = turn.dose.credited_s - turn.credit.seconds
    if left_s <= BEFORE_END_S or not pacing.low_n <= turn.force_n <= pacing.high_n:
        return False
    waited_ns = None if asking.last_ns is None else turn.now_ns - asking.last_ns
    if pacing.calmer:
        return True
    # No answer takes a target above what is allowed to anybody here.
    wanted_n = min(estimate.force_n(turn.dose.band.aim), LIMIT_MARGIN * turn.cap_n)
    if wanted_n > HELD_BACK * pacing.aim_n:
        return estimate.felt_n >= CAUGHT_UP * pacing.aim_n or waited_ns is None or waited_ns >= PATIENCE_NS
    # Without a reason to hurry not before the hand has followed the last answer.
    rested = waited_ns is None or waited_ns >= asking.between_ns
    return rested and _chance_outside(turn, estimate) > UNSURE


def asks_at_stop(turn: Turn, stop_n: float) -> bool:
    """Return whether to ask for a number now: the hand is where a way up stops rising unanswered, `stop_n` newtons."""
    reached = turn.pacing.aim_n >= stop_n and turn.pacing.hand_n >= REACHED * stop_n
    return reached and turn.asking.may_rate(turn.now_ns)


def _chance_outside(turn: Turn, estimate: Discomfort) -> float:
    band = turn.dose.band
    return 1.0 - estimate.outlook.belief(estimate.force_n(band.aim), band.low_edge, band.high_edge).p_band
