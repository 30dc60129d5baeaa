"""The first model's rules: what must hold of any model behind this seam."""

from math import log

import pytest

from protocols.discomfort import Discomfort
from protocols.prior import prior_for
from protocols.site import Site

SITE = Site.named("upper-trapezius-left")
PERIOD_NS = 10_000_000


def begin(known_n=None):
    return Discomfort.begin(prior_for(SITE, 11.3, known_n), 4.5, 6.5)


def pressed(estimate, force_n, seconds, first_ns=0):
    beliefs = ()
    for i in range(round(seconds * 20)):
        estimate, beliefs = estimate.sampled(first_ns + i * 5 * PERIOD_NS, PERIOD_NS, (force_n,) * 5)
    return estimate, beliefs


def test_felt_force_follows_force_with_a_lag_of_one_second():
    estimate, _ = pressed(begin(), 20.0, 1.0)
    assert estimate.felt_n == pytest.approx(20.0 * (1 - 0.3679), rel=0.02)


def test_felt_force_is_remembered_for_some_seconds():
    estimate, _ = pressed(begin(), 20.0, 4.0)
    assert estimate.felt_at(1_000_000_000) == pytest.approx(20.0 * (1 - 0.3679), rel=0.05)
    assert estimate.felt_at(10**12) == estimate.felt_n
    assert estimate.felt_at(-(10**12)) < 1.0


def test_an_answer_moves_the_force_at_five_towards_it_and_narrows_it():
    estimate, _ = pressed(begin(), 20.0, 5.0)
    five = estimate.answered(5, 20.0).settled()
    assert abs(log(five.five_n) - log(20.0)) < abs(log(estimate.five_n) - log(20.0))
    assert five.var < estimate.var


def test_higher_answers_at_one_force_mean_a_lower_force_at_five():
    estimate, _ = pressed(begin(), 20.0, 5.0)
    fives = [estimate.answered(rating, 20.0).five_n for rating in range(3, 11)]
    assert fives == sorted(fives, reverse=True)
    assert estimate.said_above(6.5, 20.0).five_n < estimate.five_n < estimate.said_below(4.5, 20.0).five_n + 20.0


def test_many_answers_never_make_it_certain():
    estimate, _ = pressed(begin(), 20.0, 5.0)
    for _ in range(9000):
        estimate = estimate.answered(10, 20.0)
    estimate = estimate.settled()
    assert estimate.var >= 0.02**2 * 0.999
    estimate.beliefs((20.0,))


def test_what_is_believed_in_band_is_most_at_the_aim():
    estimate, _ = pressed(begin(), 20.0, 5.0)
    estimate = estimate.answered(5, 20.0).settled()
    aim_n = estimate.force_n(5.5)
    low, aim, high = estimate.beliefs((0.7 * aim_n, aim_n, 1.4 * aim_n))
    assert low.p_band < aim.p_band > high.p_band
    assert aim.mean == pytest.approx(5.5)
    assert low.p_eight < aim.p_eight < high.p_eight
    assert aim.p_seven >= aim.p_eight


def test_the_force_with_a_chance_of_eight_has_that_chance():
    estimate, _ = pressed(begin(), 20.0, 5.0)
    estimate = estimate.answered(5, 20.0).settled()
    (belief,) = estimate.beliefs((estimate.force_with_chance(8, 0.03),))
    assert belief.p_eight == pytest.approx(0.03, rel=0.01)


def test_silence_speaks_for_a_higher_force_at_five():
    fast, slow = pressed(begin(), 25.0, 0.9)[1][-1], pressed(begin(), 25.0, 8.0)[1][-1]
    rushed = begin().sampled(0, PERIOD_NS, (0.0,) * 5)[0]
    assert slow.p_eight < rushed.silent_belief(25.0).p_eight
    assert fast.mean < 10.0


def test_nothing_is_felt_without_force():
    _, beliefs = pressed(begin(), 0.0, 1.0)
    assert beliefs[-1].mean == 0.0


def test_a_known_force_at_five_is_believed():
    assert begin(30.0).five_n == pytest.approx(30.0)
    assert begin(30.0).var < begin().var
