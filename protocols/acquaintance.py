"""Whom to expect after earlier sessions: what a cloud has learned of its person, and the cloud of another day.

A bell curve cannot say "habituates, or rises": people are of two kinds there, so each kind is summed up by itself. A
small part of the new cloud are strangers: somebody else may use the profile, or the body may have changed.
"""

from math import isfinite, log
from typing import Final

import numpy as np

from protocols.cloud import Cloud
from protocols.known import Kind, Known
from protocols.people import DAY_LN_SD, SIZE, strangers
from protocols.quasi import Floats, normal
from protocols.site import TIP_EXPONENT, Site

STRANGERS_WEIGHT: Final = 0.02
STRANGERS_SHARE: Final = 0.1
"""How likely it is that nothing of what was learned holds, and how many members stand for that. Design choices."""

KINDS_APART: Final = 0.05
"""Habituation between the two kinds of people: half way between the middles of Staud's groups (people.py)."""

AGEING: Final = np.array((0.10, 0.0, 0.04, 0.02, 0.10, 0.10, 0.10))
"""Spread by which a person has changed after 30 days; it grows with the square root of time. A design choice."""

DAY_HALF_LIFE_DAYS: Final = 0.25
"""Today's difference is half gone in so many days: a new day draws a new one (docs/dose.md). A design choice."""

LOSS_PER_DRAW: Final = 0.05
"""Part of the variance that a cloud loses each time it is drawn anew from few likely members: its spread shrinks, its
middle wanders. From simulated people over eight sessions, with 1000 members."""

LONGEST_DAYS: Final = 365.0
TIP_EXPONENT_SD: Final = 0.15
"""How far the exponent that carries thresholds from tip to tip may be off. A design choice."""

LOWEST: Final = np.array((log(0.5), -1.0, log(1.0), -0.3, log(3.0), log(0.3), -2.0))
HIGHEST: Final = np.array((log(1000.0), 1.0, log(12.0), 0.5, log(300.0), log(3.0), 4.0))
"""No person is outside these; what claims one is not believed."""

MOST_KINDS: Final = 4
WIDEST_TIP_MM: Final = 1000.0

_LEAST_WEIGHT: Final = 0.001
"""A kind of person that is less likely than this is left out."""

_LEAST_SHARE: Final = 0.1
"""Of the members: enough to tell apart in a kind that is rare."""

_APART: Final = 8
"""Drawn in more dimensions than a cloud is redrawn in: two stretches of one sequence are not independent."""

_RIDGE: Final = np.diag(np.full(len(LOWEST), 1e-10))
_PPT, _DAY = 0, 1


def taught(cloud: Cloud, tip_diameter_mm: float) -> Known | None:
    """Return what a cloud has learned of its person, under this tip; None if nobody is as it makes them out to be."""
    habituates = cloud.habituation > KINDS_APART
    parts = [(float(cloud.weights[part].sum()), part) for part in (habituates, ~habituates)]
    known = Known(
        tip_diameter_mm, tuple(_kind(cloud, weight, part) for weight, part in parts if weight > _LEAST_WEIGHT)
    )
    return known if believable(known, 0.0) else None


def acquaintance(known: Known, days: float, site: Site, tip_diameter_mm: float, size: int = SIZE) -> Cloud:
    """Return the cloud for a person whom earlier sessions taught, this many days after the last, under this tip.

    `known` and `days` must be `believable`.
    """
    unknown = strangers(site, tip_diameter_mm, round(STRANGERS_SHARE * size))
    rows, weights = [unknown.columns], [STRANGERS_WEIGHT * unknown.weights]
    total = sum(kind.weight for kind in known.kinds)
    counts = _shared_out(size - unknown.size, [kind.weight / total for kind in known.kinds])
    z, first = normal(size, _APART), 0
    for kind, count in zip(known.kinds, counts, strict=True):
        mean, covariance = _another_day(kind, min(days, LONGEST_DAYS), log(tip_diameter_mm / known.tip_diameter_mm))
        drawn = mean + z[first : first + count, : len(mean)] @ np.linalg.cholesky(covariance + _RIDGE).T
        rows.append(np.clip(drawn, LOWEST, HIGHEST))
        weights.append(np.full(count, (1.0 - STRANGERS_WEIGHT) * kind.weight / total / count))
        first += count
    return Cloud.of(np.concatenate(rows), np.concatenate(weights))


def believable(known: Known, days: float) -> bool:
    """Return whether this can be what a session taught: it comes from a file that anybody may have edited."""
    return (
        isfinite(days)
        and days >= 0.0
        and 0.0 < known.tip_diameter_mm <= WIDEST_TIP_MM
        and 0 < len(known.kinds) <= MOST_KINDS
        and all(_is_a_kind(kind) for kind in known.kinds)
    )


def _kind(cloud: Cloud, weight: float, part: np.ndarray[tuple[int], np.dtype[np.bool]]) -> Kind:
    columns, weights = cloud.columns[part], cloud.weights[part] / weight
    mean = weights @ columns
    away = columns - mean
    covariance = (away * weights[:, None]).T @ away
    covariance = (1.0 + LOSS_PER_DRAW * cloud.drawn) * (covariance + covariance.T) / 2.0
    return Kind(min(weight, 1.0), tuple(map(float, mean)), tuple(tuple(map(float, row)) for row in covariance))


def _another_day(kind: Kind, days: float, ln_tip_ratio: float) -> tuple[Floats, Floats]:
    """Return mean and covariance of a kind so many days later, under a tip of another diameter."""
    mean, covariance = np.array(kind.mean), np.array(kind.covariance)
    kept = np.ones(len(mean))
    kept[_DAY] = 0.5 ** (days / DAY_HALF_LIFE_DAYS)
    mean, covariance = kept * mean, covariance * np.outer(kept, kept)
    covariance[_DAY, _DAY] += (1.0 - kept[_DAY] ** 2) * DAY_LN_SD**2
    covariance += np.diag(days / 30.0 * AGEING**2)
    mean[_PPT] += TIP_EXPONENT * ln_tip_ratio
    covariance[_PPT, _PPT] += (TIP_EXPONENT_SD * ln_tip_ratio) ** 2
    return mean, covariance


def _shared_out(size: int, weights: list[float]) -> list[int]:
    """Return how many members each kind gets."""
    shares = np.maximum(weights, _LEAST_SHARE)
    counts = [int(count) for count in size * shares / shares.sum()]
    counts[0] += size - sum(counts)
    return counts


def _is_a_kind(kind: Kind) -> bool:
    width = len(LOWEST)
    rows = (kind.mean, *kind.covariance)
    if len(rows) != width + 1 or any(len(row) != width for row in rows):
        return False
    if not 0.0 < kind.weight <= 1.0 or not all(isfinite(value) for row in rows for value in row):
        return False
    mean, covariance = np.array(kind.mean), np.array(kind.covariance)
    too_wide = np.diag(covariance) > ((HIGHEST - LOWEST) / 2.0) ** 2
    if bool(np.any((mean < LOWEST) | (mean > HIGHEST) | too_wide)) or not np.allclose(covariance, covariance.T):
        return False
    try:
        np.linalg.cholesky(covariance + _RIDGE)
    except np.linalg.LinAlgError:
        return False
    return True
