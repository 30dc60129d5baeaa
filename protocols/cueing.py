"""Which cue leads a hand back to its target, and how much room it is given so that the cue does not flicker."""

from protocols.commands import Cue

ROOM_UNDER_SHARE = 0.05
ROOM_UNDER_N = 0.3
"""So far under the aim is inside, however narrow the band is: more than the spread of a guided hand (4 %), and no less
than a light hand's."""

WANDERS_TO = 1.06
"""A hand at the aim wanders up to here for a moment: three halves of the spread of a guided hand."""

STEADY_NS = 4_000_000_000
"""Nobody is told to press more so soon after an answer above the band, wherever the target stands: what is felt still
comes down (felt lag 1 s, and the hand's own delay), and the person has just said that it was too much."""


def lowest_inside_n(aim_n: float) -> float:
    """Return the highest force that the lower edge of a shown band may have, newtons."""
    return min((1.0 - ROOM_UNDER_SHARE) * aim_n, aim_n - ROOM_UNDER_N)


def cue_for(hand_n: float, slow_n: float, band_n: tuple[float, float, float], before: Cue) -> Cue:
    """Return the cue for a hand at a force, newtons, of late and over a second, after the cue `before`.

    `band_n`: lower edge, aim and upper edge. With hysteresis: back to "hold" only half way to the aim, so that a cue
    at an edge does not flicker; nor does one at an edge nearer than a hand's wander, unless the hand stays outside.
    """
    low_n, aim_n, high_n = band_n
    match before:
        case Cue.EASE_OFF:
            return before if hand_n > (high_n + aim_n) / 2 else Cue.HOLD
        case Cue.PRESS_MORE if hand_n < (low_n + aim_n) / 2:
            return before
        case _ if slow_n > high_n or hand_n > max(high_n, WANDERS_TO * aim_n):
            return Cue.EASE_OFF
        case _:
            return Cue.PRESS_MORE if slow_n < low_n else Cue.HOLD
