"""The normal distribution, and how a belief of that shape learns from a value or from "above" and "below"."""

from math import erfc, exp, pi, sqrt

_SQRT_2 = sqrt(2.0)
_SQRT_2PI = sqrt(2.0 * pi)
_FAR = -8.0
"""Beyond this many spreads a tail is as good as impossible, and learning from it would divide by zero."""


def cdf(z: float) -> float:
    """Return the chance that a standard normal value is at most `z`."""
    return 0.5 * erfc(-z / _SQRT_2)


def learn_value(mean: float, var: float, value: float, noise_sd: float) -> tuple[float, float]:
    """Return mean and variance after seeing `value`, which is the quantity plus normal noise."""
    gain = var / (var + noise_sd * noise_sd)
    return mean + gain * (value - mean), var * (1.0 - gain)


def learn_above(mean: float, var: float, edge: float, noise_sd: float) -> tuple[float, float]:
    """Return mean and variance after learning that the quantity plus normal noise is above `edge`.

    The normal of the same first two moments as the exact posterior (probit likelihood).
    """
    total = sqrt(var + noise_sd * noise_sd)
    z = max((mean - edge) / total, _FAR)
    ratio = exp(-0.5 * z * z) / _SQRT_2PI / cdf(z)
    return mean + var * ratio / total, var - var * var / (total * total) * ratio * (z + ratio)


def learn_below(mean: float, var: float, edge: float, noise_sd: float) -> tuple[float, float]:
    """Return mean and variance after learning that the quantity plus normal noise is below `edge`."""
    mirrored, shrunk = learn_above(-mean, var, -edge, noise_sd)
    return -mirrored, shrunk
