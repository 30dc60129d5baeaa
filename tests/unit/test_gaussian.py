from math import sqrt
from statistics import NormalDist

import pytest

from protocols.gaussian import cdf, learn_above, learn_below, learn_value

STANDARD = NormalDist()


@pytest.mark.parametrize("z", [-6.0, -1.0, 0.0, 0.5, 3.0])
def test_cdf(z):
    assert cdf(z) == pytest.approx(STANDARD.cdf(z), rel=1e-9)


def test_a_value_moves_the_mean_by_its_share_of_the_variance():
    assert learn_value(0.0, 1.0, 2.0, 1.0) == pytest.approx((1.0, 0.5))


@pytest.mark.parametrize(("mean", "edge", "noise"), [(0.0, 0.5, 0.5), (1.0, -1.0, 0.2), (-2.0, 1.0, 1.0)])
def test_above_matches_the_moments_of_the_exact_posterior(mean, edge, noise):
    var, step = 0.49, 0.001
    total = first = second = 0.0
    for i in range(-8000, 8001):
        x = mean + i * step
        weight = NormalDist(mean, sqrt(var)).pdf(x) * cdf((x - edge) / noise)
        total, first, second = total + weight, first + weight * x, second + weight * x * x
    expected = first / total
    assert learn_above(mean, var, edge, noise) == pytest.approx((expected, second / total - expected**2), abs=1e-5)


def test_below_is_above_seen_in_a_mirror():
    above, below = learn_above(0.3, 0.5, 0.1, 0.4), learn_below(-0.3, 0.5, -0.1, 0.4)
    assert below == pytest.approx((-above[0], above[1]))


def test_what_is_all_but_impossible_is_learned_without_an_error():
    mean, var = learn_above(0.0, 0.01, 50.0, 0.1)
    assert mean > 0.0
    assert 0.0 < var < 0.01
