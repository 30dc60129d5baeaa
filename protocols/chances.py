"""The normal distribution over arrays, which numpy lacks."""

import numpy as np

from protocols.quasi import Floats


def cdf(z: Floats) -> Floats:
    """Return the chance that a standard normal value is at most `z`, within 1.5e-7 (Abramowitz and Stegun 7.1.26)."""
    x = np.abs(z) * 0.7071067811865476
    t = 1.0 / (1.0 + 0.3275911 * x)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * poly * np.exp(-x * x)
    return np.where(z > 0, 1.0 - tail, tail)
