"""The figures by which a hold is judged: of one person in one arm, and of many.

Shares go from 0 to 1, times are seconds. In band is true discomfort in [4.5, 6.5), strict in [5, 6].
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from protocols.plan import Band
from protocols.quasi import Floats
from simulator.body import CONTACT_N
from simulator.trial.course import Course
from simulator.trial.world import PACKET_S, PERIOD_S

SEVEN, EIGHT = 7.0, 8.0
WORST = 0.1
"""The worst tenth of people, at least one of them."""

INTERVALS = (0.5, 0.8, 0.9, 0.95)
"""Shares of a belief that its intervals hold; they are compared with how often the truth lies in them."""

EIGHTY_PERCENT = INTERVALS.index(0.8)
_SPREADS = tuple(NormalDist().inv_cdf((1 + share) / 2) for share in INTERVALS)

BINS = 10


@dataclass(frozen=True, slots=True)
class Measures:
    """One person in one arm; where there was no hold, what is about a hold is None.

    `in_band`, `strict`: shares of the time in the hold; `in_band_to_release`: of that from its beginning to its end,
    pauses included; `under_band`: share that was too little. `over_7`: share of the contact; `over_8`: ever.
    `covered`: for each of INTERVALS, the share of the hold in which the truth lies in what is believed to hold so much;
    empty where nothing is believed. `bins`: for each tenth of the believed chance of being in band (packets, sum
    believed, number truly in band).
    """

    in_band: float | None
    strict: float | None
    in_band_to_release: float | None
    under_band: float | None
    over_7: float
    over_8: bool
    hold_s: float
    in_band_s: float
    credited_s: float
    questions: int
    approach_s: float | None
    contact_s: float
    complete: bool
    reason: str
    covered: tuple[float, ...] = ()
    bins: tuple[tuple[int, float, int], ...] = ()


def measure(course: Course, band: Band) -> Measures:
    """Return the figures of one person in one arm."""
    touched = len(course.force_n) if course.touched is None else course.touched
    felt = course.discomfort[touched:]
    touching = course.force_n[touched:] > CONTACT_N
    contact = max(int(touching.sum()), 1)
    in_band = (course.discomfort >= band.low_edge) & (course.discomfort < band.high_edge)
    under = course.discomfort < band.low_edge
    strict = (course.discomfort >= band.low) & (course.discomfort <= band.high)
    inside = course.inside
    held = int(inside.sum())
    has_hold = course.began is not None and held > 0
    approached = course.left if course.began is None else course.began
    until_left = slice(course.began, course.left)
    believed = course.believed if has_hold else np.empty((0, 4))
    return Measures(
        in_band=float(in_band[inside].mean()) if has_hold else None,
        strict=float(strict[inside].mean()) if has_hold else None,
        in_band_to_release=float(in_band[until_left].mean()) if has_hold else None,
        under_band=float(under[inside].mean()) if has_hold else None,
        over_7=float((felt[touching] >= SEVEN).sum()) / contact,
        over_8=bool((felt >= EIGHT).any()),
        hold_s=held * PERIOD_S,
        in_band_s=float(in_band[inside].sum()) * PERIOD_S,
        credited_s=course.credited_s,
        questions=course.questions,
        approach_s=None if course.touched is None else (approached - touched) * PERIOD_S,
        contact_s=int(touching.sum()) * PERIOD_S,
        complete=course.complete,
        reason=course.reason,
        covered=_covered(believed),
        bins=_bins(believed, band),
    )


def summary(measured: Sequence[Measures]) -> dict[str, Any]:
    """Return the figures of an arm over all people, by name, as plain values."""
    held = [one for one in measured if one.in_band is not None]
    hold_s, in_band_s = sum(one.hold_s for one in held), sum(one.in_band_s for one in held)
    contact_s = sum(one.contact_s for one in held)
    in_band = _spread([one.in_band for one in held], worst_is_low=True)
    per_dose = _spread([one.contact_s / one.in_band_s if one.in_band_s else np.inf for one in held])
    believing = [one for one in held if one.covered]
    result: dict[str, Any] = {
        "in_band": in_band,
        "strict": _spread([one.strict for one in held], worst_is_low=True),
        "worst_tenth_in_band": in_band["worst_tenth"],
        "in_band_to_release": _spread([one.in_band_to_release for one in held], worst_is_low=True),
        "under_band": _spread([one.under_band for one in held]),
        "over_7": _spread([one.over_7 for one in measured]),
        "people_over_8": _mean([one.over_8 for one in measured]),
        "credit_error": {"mean": _ratio(sum(one.credited_s for one in held), in_band_s, less=1.0)},
        "questions_per_min": {"mean": _ratio(60.0 * sum(one.questions for one in held), hold_s)},
        "approach_s": _spread([one.approach_s for one in measured if one.approach_s is not None]),
        "contact_per_dose": per_dose | {"mean": _ratio(contact_s, in_band_s)},
        "completed": _mean([one.complete for one in measured]),
        "not_completed": dict(sorted(Counter(one.reason for one in measured if not one.complete).items())),
    }
    if believing:
        covered = np.average([one.covered for one in believing], axis=0, weights=[one.hold_s for one in believing])
        result["covered_80"] = round(float(covered[EIGHTY_PERCENT]), 4)
        result["intervals"] = [
            {"believed": share, "true": round(float(true), 4)} for share, true in zip(INTERVALS, covered, strict=True)
        ]
        result["calibration"] = _calibration(one.bins for one in held)
    return result


def _covered(believed: Floats) -> tuple[float, ...]:
    if len(believed) == 0:
        return ()
    mean, spread, _, truth = believed.T
    return tuple(float((np.abs(truth - mean) <= spreads * spread).mean()) for spreads in _SPREADS)


def _bins(believed: Floats, band: Band) -> tuple[tuple[int, float, int], ...]:
    if len(believed) == 0:
        return ()
    chance, truth = believed[:, 2], believed[:, 3]
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    right = (truth >= band.low_edge) & (truth < band.high_edge)
    counts = np.bincount(place, minlength=BINS)
    sums, rights = np.bincount(place, chance, BINS), np.bincount(place, right, BINS)
    return tuple((int(a), float(b), int(c)) for a, b, c in zip(counts, sums, rights, strict=True))


def _calibration(bins: Iterable[tuple[tuple[int, float, int], ...]]) -> list[dict[str, float]]:
    total = np.sum([np.array(one) for one in bins if one], axis=0)
    return [
        {
            "believed": round(float(believed / packets), 4),
            "true": round(float(right / packets), 4),
            "seconds": round(float(packets) * PACKET_S, 1),
        }
        for packets, believed, right in total
        if packets
    ]


def _spread(values: Sequence[float | None], *, worst_is_low: bool = False) -> dict[str, float | None]:
    if not values:
        return {"mean": None, "median": None, "worst_tenth": None}
    ordered = np.sort(np.array(values, dtype=np.float64))
    worst = max(round(WORST * len(ordered)), 1)
    tail = ordered[:worst] if worst_is_low else ordered[-worst:]
    return {
        "mean": _finite(float(ordered.mean())),
        "median": _finite(float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2),
        "worst_tenth": _finite(float(tail.mean())),
    }


def _mean(values: Sequence[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def _ratio(part: float, whole: float, *, less: float = 0.0) -> float | None:
    return _finite(part / whole - less) if whole > 0.0 else None


def _finite(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
