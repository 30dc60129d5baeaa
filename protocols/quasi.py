"""Evenly spread numbers instead of random ones: the engine draws the same cloud every time, on every machine."""

from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_STANDARD = NormalDist()


def uniform(count: int, dimensions: int, first: int = 0) -> Floats:
    """Return `count` points evenly spread in the open unit cube, shape (count, dimensions), from number `first` on.

    The additive recurrence on powers of the generalised golden ratio (Roberts 2018, R_d sequence).
    """
    ratio = _golden(dimensions)
    steps = ratio ** -np.arange(1, dimensions + 1)
    spread = (0.5 + np.outer(np.arange(first + 1, first + count + 1), steps)) % 1.0
    return np.clip(spread, 1e-9, 1.0 - 1e-9)


@lru_cache(maxsize=16)
def normal(count: int, dimensions: int, first: int = 0) -> Floats:
    """Return evenly spread standard normal points, shape (count, dimensions); not to be written to."""
    points = np.array([[_STANDARD.inv_cdf(value) for value in row] for row in uniform(count, dimensions, first)])
    points.setflags(write=False)
    return points


def _golden(dimensions: int) -> float:
    ratio = 2.0
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
    return ratio
