"""What dead weights say of a load cell."""

import pytest

from firmware_bridge.dead_weights import Point, fitted


def points(slope: float, offset_n: float = 0.0, slack_n: float = 0.0, bend: float = 0.0) -> list[Point]:
    true = [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    return [
        Point(
            true_n, offset_n + slope * true_n + bend * true_n**2, offset_n + slope * true_n + bend * true_n**2 + slack_n
        )
        for true_n in true
    ]


def test_a_true_cell_needs_no_correction():
    fit = fitted(points(1.0))
    assert fit.gain == pytest.approx(1.0)
    assert fit.residual_n == pytest.approx(0.0, abs=1e-9)
    assert fit.is_good


def test_the_gain_makes_true_newtons_of_those_said_and_the_zero_is_left_to_the_tare():
    fit = fitted(points(0.8, offset_n=1.5))
    assert fit.gain == pytest.approx(1.25)
    assert fit.offset_n == pytest.approx(1.5)
    assert fit.is_good


def test_what_says_more_coming_down_has_hysteresis_in_true_newtons():
    fit = fitted(points(0.5, slack_n=0.4))
    assert fit.hysteresis_n == pytest.approx(0.8)
    assert fit.hysteresis_share == pytest.approx(0.016)
    assert fit.is_good
    assert not fitted(points(0.5, slack_n=0.6)).is_good


def test_what_is_no_straight_line_is_not_good():
    assert not fitted(points(1.0, bend=0.005)).is_good


def test_too_few_weights_and_the_wrong_way_round_are_told():
    with pytest.raises(ValueError, match="3 different weights"):
        fitted(points(1.0)[:2])
    with pytest.raises(ValueError, match="other way round"):
        fitted(points(-1.0))
