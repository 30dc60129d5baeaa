"""What the simulated person feels, against its formulas."""

import math

import pytest

from simulator.body import Body
from simulator.traits import BodyTraits

DT_S = 0.01
CALM = BodyTraits(ppt_n=20.0, tolerance_n=28.0, habituation=0.0, tau_s=28.0)


def press(body: Body, force_n: float, seconds: float) -> None:
    for _ in range(round(seconds / DT_S)):
        body.advance(force_n, DT_S)


@pytest.mark.parametrize(("force_n", "discomfort"), [(0.0, 0.0), (20.0, 3.0), (28.0, 10.0)])
def test_three_is_the_threshold_and_ten_is_tolerance(force_n: float, discomfort: float) -> None:
    body = Body(CALM)
    press(body, force_n, 20.0)
    assert body.discomfort == pytest.approx(discomfort, abs=1e-6)


def test_between_them_it_is_a_power_of_the_force() -> None:
    body = Body(CALM)
    press(body, 24.0, 20.0)
    beta = math.log(10 / 3) / math.log(28 / 20)
    assert body.discomfort == pytest.approx(3 * (24 / 20) ** beta, rel=1e-6)
    assert body.force_at_n(body.discomfort) == pytest.approx(24.0, rel=1e-6)


def test_force_is_felt_through_a_lag_of_one_second() -> None:
    body = Body(CALM)
    press(body, 20.0, 1.0)
    assert body.felt_n == pytest.approx(20.0 * (1 - math.exp(-1.0)), rel=1e-6)


@pytest.mark.parametrize("dt_s", [0.001, 0.01, 0.1])
def test_the_step_does_not_matter(dt_s: float) -> None:
    body = Body(BodyTraits(ppt_n=20.0, tolerance_n=28.0, habituation=0.12, tau_s=28.0))
    for _ in range(round(30.0 / dt_s)):
        body.advance(25.0, dt_s)
    assert body.habituated == pytest.approx(0.12 * (1 - math.exp(-30 / 28)), rel=1e-6)
    assert body.felt_n == pytest.approx(25.0, rel=1e-6)


def test_it_recovers_after_release_with_the_same_time_constant() -> None:
    body = Body(BodyTraits(ppt_n=20.0, tolerance_n=28.0, habituation=0.10, tau_s=20.0))
    press(body, 25.0, 200.0)
    assert body.habituated == pytest.approx(0.10, rel=1e-3)
    press(body, 0.0, 20.0)
    assert body.habituated == pytest.approx(0.10 / math.e, rel=1e-2)


def test_touch_below_contact_does_not_habituate() -> None:
    body = Body(BodyTraits(ppt_n=20.0, tolerance_n=28.0, habituation=0.10, tau_s=20.0))
    press(body, 1.9, 60.0)
    assert body.habituated == 0.0


def test_a_day_scales_threshold_and_tolerance_alike() -> None:
    body, usual = Body(CALM, day=1.2), Body(CALM)
    assert body.ppt_n == pytest.approx(24.0)
    assert body.beta == usual.beta
    assert body.force_at_n(5.0) == pytest.approx(1.2 * usual.force_at_n(5.0))
