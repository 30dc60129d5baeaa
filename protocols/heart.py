"""Heart-rate variability from RR intervals: RMSSD, without the intervals that cannot be beats in a row."""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

SHORTEST_S: Final = 0.3
LONGEST_S: Final = 2.0
"""200 and 30 beats a minute."""

MOST_CHANGE: Final = 0.2
"""An interval that differs by more from the one before is an ectopic beat or one that was missed, and so is what comes
of it: the 20 % rule after Malik et al., Eur. Heart J. 10 (1989) 1060."""

FEWEST_INTERVALS: Final = 15
MOST_LEFT_OUT: Final = 0.2
"""With fewer intervals, or more left out, there is no figure. Ten seconds are the least that agree with five minutes
for RMSSD: Munoz et al., PLoS ONE 10 (2015) e0138921."""


@dataclass(frozen=True, slots=True)
class HeartFigures:
    """Of one rest: mean rate, beats a minute; RMSSD, ms. None with `why` where there are too few sound intervals."""

    rate: float | None
    rmssd_ms: float | None
    intervals: int
    left_out: int
    why: str = ""


def heart_figures(rr_s: tuple[float, ...]) -> HeartFigures:
    """Return the figures of RR intervals in the order they came, seconds."""
    sound = [SHORTEST_S <= interval <= LONGEST_S for interval in rr_s]
    steady = list(sound)
    for k, (before, after) in enumerate(pairwise(rr_s), start=1):
        if sound[k - 1] and sound[k] and abs(after - before) > MOST_CHANGE * before:
            steady[k] = False
    kept = [interval for interval, is_steady in zip(rr_s, steady, strict=True) if is_steady]
    left_out = len(rr_s) - len(kept)
    rate = 60 * len(kept) / sum(kept) if kept else None
    squares = [(after - before) ** 2 for (before, a), (after, b) in pairwise(zip(rr_s, steady, strict=True)) if a and b]
    if len(kept) < FEWEST_INTERVALS or not squares:
        return HeartFigures(rate, None, len(kept), left_out, f"only {len(kept)} beats were heard")
    if left_out > MOST_LEFT_OUT * len(rr_s):
        return HeartFigures(rate, None, len(kept), left_out, f"{left_out} of {len(rr_s)} beats were too uneven")
    return HeartFigures(rate, 1000 * sqrt(sum(squares) / len(squares)), len(kept), left_out)
