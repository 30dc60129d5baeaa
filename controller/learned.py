"""What a session taught about its person, in words."""

from math import exp, sqrt

from protocols.acquaintance import KINDS_APART
from protocols.known import Known

Z_80 = 1.2816
"""So many standard deviations to either side hold four fifths of a bell curve."""

SURE, LIKELY = 0.9, 0.65
_PPT, _HABITUATION = 0, 3


def learned_words(known: Known) -> str:
    """Return where first pain usually is, newtons, and what discomfort does at constant force, as far as known."""
    total = sum(kind.weight for kind in known.kinds)
    shares = [kind.weight / total for kind in known.kinds]
    means = [kind.mean[_PPT] for kind in known.kinds]
    middle = sum(share * mean for share, mean in zip(shares, means, strict=True))
    spread = sqrt(
        sum(
            share * (kind.covariance[_PPT][_PPT] + (kind.mean[_PPT] - middle) ** 2)
            for share, kind in zip(shares, known.kinds, strict=True)
        )
    )
    falls = sum(share for share, kind in zip(shares, known.kinds, strict=True) if kind.mean[_HABITUATION] > KINDS_APART)
    low_n, high_n = exp(middle - Z_80 * spread), exp(middle + Z_80 * spread)
    return f"first pain usually at {low_n:.0f}-{high_n:.0f} N; in a hold discomfort {_course(falls)}"


def _course(falls: float) -> str:
    if falls >= SURE:
        return "falls"
    if falls >= LIKELY:
        return "probably falls"
    if falls > 1.0 - LIKELY:
        return "may fall, stay or rise"
    return "probably stays or rises" if falls > 1.0 - SURE else "stays or rises"
