"""What is believed of one person: how force, silence and answers move it."""

from math import log

import numpy as np
import pytest

from protocols.discomfort import VAGUEST_FIRST, Discomfort
from protocols.people import strangers
from protocols.prior import prior_for
from protocols.recent import felt_at, most_n
from protocols.site import Site

SITE = Site.named("upper-trapezius-left")
PERIOD_NS = 10_000_000
SECOND = 1_000_000_000


def begin(low_edge=4.5, high_edge=6.5):
    return Discomfort.begin(prior_for(SITE, 11.3), strangers(SITE, 11.3), low_edge, high_edge)


def pressed(estimate, force_n, seconds, *, by_s=0.05):
    """Press with a force for a while, in packets of 5 samples."""
    beliefs = ()
    first_ns = 0 if estimate.sampled_ns is None else estimate.sampled_ns + PERIOD_NS
    for i in range(round(seconds / by_s)):
        estimate, beliefs = estimate.sampled(first_ns + round(i * by_s * 1e9), PERIOD_NS, (force_n,) * 5)
    return estimate, beliefs


def found(force_n=20.0, seconds=5.0):
    """Return the belief of a person who tapped at this force."""
    estimate, _ = pressed(begin(), force_n, seconds)
    return estimate.tapped(5, (0.97 * force_n, force_n)).settled()


def felt_as(estimate, force_n):
    return estimate.outlook.belief(force_n, 4.5, 6.5)


def test_felt_force_follows_force_with_a_lag_of_one_second():
    estimate, _ = pressed(begin(), 20.0, 1.0)
    assert estimate.felt_n == pytest.approx(20.0 * (1 - 0.3679), rel=0.02)


def test_felt_force_is_remembered_for_some_seconds():
    estimate, _ = pressed(begin(), 20.0, 4.0)
    assert estimate.felt_at(SECOND) == pytest.approx(20.0 * (1 - 0.3679), rel=0.05)
    assert estimate.felt_at(10**12) == estimate.felt_n
    assert estimate.felt_at(-(10**12)) < 1.0


@pytest.mark.parametrize("force_n", [10.0, 20.0, 45.0])
def test_an_answer_moves_the_force_at_five_towards_it_and_narrows_it(force_n):
    estimate, _ = pressed(begin(), force_n, 5.0)
    five = estimate.answered(5, force_n).settled()
    assert abs(log(five.five_n / force_n)) < 0.35 * abs(log(begin().five_n / force_n)) + 0.05
    assert five.outlook.ln_spread(5) < 0.5 * begin().outlook.ln_spread(5)


def test_higher_answers_at_one_force_mean_a_lower_force_at_five():
    estimate = found()
    fives = [estimate.answered(rating, 20.0).five_n for rating in range(3, 9)]
    assert fives == sorted(fives, reverse=True)
    assert estimate.said_above(6.5, 20.0).five_n < estimate.five_n < estimate.said_below(4.5, 20.0).five_n


def test_a_second_answer_counts_less_than_the_first_and_neither_makes_it_certain():
    estimate = found()
    spreads = [estimate.outlook.ln_spread(5)]
    for _ in range(30):
        estimate = estimate.answered(5, 20.0)
        spreads.append(estimate.outlook.ln_spread(5))
    assert spreads[-1] < spreads[0]
    assert spreads[0] - spreads[1] > spreads[29] - spreads[30]
    assert spreads[-1] > 0.002


def test_a_thousand_contradicting_answers_leave_something_to_reckon_with():
    estimate = found()
    for i in range(1000):
        estimate = estimate.answered((0, 10)[i % 2], 20.0)
    belief = felt_as(estimate, 20.0)
    assert np.isfinite([belief.mean, belief.sd, belief.p_band, belief.p_eight, estimate.five_n]).all()
    assert estimate.cloud.weights.sum() == pytest.approx(1.0)


def test_who_answers_vaguely_is_believed_less_readily():
    steady = vague = found()
    for near, scattered in zip((5, 6, 5, 4, 5, 5, 6, 4), (3, 8, 5, 7, 2, 6, 8, 3), strict=True):
        steady, vague = steady.answered(near, 20.0), vague.answered(scattered, 20.0)
    noise = [float(of.cloud.weights @ np.exp(of.cloud.ln_noise)) for of in (steady, vague)]
    assert noise[0] < 0.85
    assert 1.5 < noise[1] < 3.0
    assert vague.outlook.ln_spread(5) > 1.5 * steady.outlook.ln_spread(5)


def test_what_is_believed_in_band_is_most_at_the_aim():
    estimate = found()
    aim_n = estimate.force_n(5.5)
    low, aim, high = (felt_as(estimate, share * aim_n) for share in (0.7, 1.0, 1.4))
    assert low.p_band < aim.p_band > high.p_band
    assert aim.mean == pytest.approx(5.5, abs=0.3)
    assert low.p_eight < aim.p_eight < high.p_eight
    assert aim.p_seven >= aim.p_eight


def test_the_chances_are_shares_of_the_cloud():
    estimate = found()
    for force_n in (10.0, 20.0, 24.0, 30.0):
        points, weights = estimate.outlook.points(force_n), estimate.cloud.weights
        belief = felt_as(estimate, force_n)
        assert belief.p_band == pytest.approx(weights[(points >= 4.5) & (points < 6.5)].sum())
        assert belief.p_seven == pytest.approx(weights[points >= 7.0].sum())
        assert belief.p_eight == pytest.approx(weights[points >= 8.0].sum())


@pytest.mark.parametrize("chance", [0.01, 0.05, 0.2])
def test_a_force_is_lowered_until_the_chance_of_eight_is_allowed(chance):
    estimate = found()
    safe_n = estimate.at_most_n(60.0, 8, chance)
    assert felt_as(estimate, safe_n * 0.999).p_eight <= chance + 0.01
    assert felt_as(estimate, safe_n * 1.001).p_eight >= chance - 0.01
    assert estimate.at_most_n(0.5 * safe_n, 8, chance) == 0.5 * safe_n


def test_silence_speaks_for_a_higher_force_at_five():
    soon, late = pressed(begin(), 25.0, 1.2)[1][-1], pressed(begin(), 25.0, 8.0)[1][-1]
    heedless = begin()
    assert late.p_eight < felt_as(heedless, 25.0).p_eight
    assert late.mean < felt_as(heedless, 25.0).mean
    assert soon.mean < 10.0


def test_silence_means_nothing_once_the_force_is_found_and_again_when_a_tap_is_awaited():
    estimate = found(20.0)
    later, _ = pressed(estimate, 20.0, 5.0)
    assert later.cloud is estimate.cloud
    awaiting, beliefs = pressed(estimate.awaiting(3.0), 26.0, 6.0)
    assert beliefs[-1].mean < felt_as(later, 26.0).mean
    assert awaiting.tapped(3.0, (25.5, 26.0)).force_n(3) > later.force_n(3)
    assert awaiting.tapped(3.0, (25.5, 26.0)).awaits is None
    assert awaiting.tapped(5.0, (25.5, 26.0)).awaits == 3.0


def test_who_did_not_tap_and_then_says_five_bears_more_than_who_says_it_at_once():
    quick, _ = pressed(begin(), 20.0, 1.5)
    slow, _ = pressed(pressed(begin(), 24.0, 6.0)[0], 20.0, 4.0)
    assert slow.answered(5, 20.0).settled().five_n > quick.answered(5, 20.0).settled().five_n


def test_a_tap_means_the_lower_answer_of_the_band():
    lower, _ = pressed(begin(2.5, 4.5), 20.0, 5.0)
    assert lower.tapped(3, (19.6, 20.0)).settled().force_n(3) == pytest.approx(20.0, rel=0.1)


def test_nothing_is_felt_without_force():
    _, beliefs = pressed(begin(), 0.0, 1.0)
    assert beliefs[-1].mean == 0.0


@pytest.mark.parametrize(("answer_n", "rating"), [(3.0, 5), (4.0, 6), (150.0, 5)])
def test_somebody_unlike_anybody_in_the_cloud_is_believed_all_the_same(answer_n, rating):
    estimate, _ = pressed(begin(), answer_n, 5.0)
    estimate = estimate.answered(rating, answer_n).settled()
    assert estimate.force_n(rating) == pytest.approx(answer_n, rel=0.15)
    assert estimate.cloud.effective > 0.3


def test_later_a_slip_of_the_finger_does_not_overturn_what_was_learned():
    estimate = found(20.0)
    for _ in range(4):
        estimate = estimate.answered(5, 20.0)
    before_n = estimate.five_n
    assert estimate.answered(0, 20.0).five_n == pytest.approx(before_n, rel=0.08)


def test_who_habituates_needs_more_force_later_and_less_again_after_a_rest():
    estimate = found(20.0, seconds=1.0)
    begin_n = estimate.five_n
    held, _ = pressed(estimate, 20.0, 60.0)
    assert 1.03 < held.five_n / begin_n < 1.15
    rested, _ = pressed(held, 0.0, 90.0)
    assert rested.five_n == pytest.approx(begin_n, rel=0.03)


def test_answers_that_rise_at_a_constant_force_teach_that_this_person_does_not_habituate():
    falls = rises = pressed(found(20.0, seconds=1.0), 20.0, 5.0)[0]
    for fallen, risen in ((5, 5), (5, 6), (4, 6), (3, 7), (3, 7)):
        falls, _ = pressed(falls.answered(fallen, 20.0), 20.0, 10.0)
        rises, _ = pressed(rises.answered(risen, 20.0), 20.0, 10.0)

    def habituation(estimate):
        return float(estimate.cloud.weights @ estimate.cloud.habituation)

    assert habituation(falls) > habituation(rises)


def test_a_force_ahead_is_what_it_will_be():
    held, _ = pressed(found(20.0, seconds=1.0), 20.0, 5.0)
    later, _ = pressed(held, 20.0, 2.0)
    assert held.force_ahead_n(5.5, 2.0) > 1.001 * held.force_n(5.5)
    assert held.force_ahead_n(5.5, 2.0) == pytest.approx(later.force_n(5.5), rel=1e-3)
    let_go, _ = pressed(held, 0.0, 2.0)
    assert let_go.force_ahead_n(5.5, 2.0) == let_go.force_n(5.5)


def test_a_tap_was_decided_between_what_was_felt_half_a_second_and_most_of_one_before_it():
    rising = begin()
    for force_n in np.arange(6.0, 30.0, 0.5):
        rising, _ = pressed(rising, force_n, 0.1)
    given_ns = rising.sampled_ns
    before_n, after_n = rising.passed(given_ns)
    assert after_n == pytest.approx(rising.felt_at(given_ns - 500_000_000))
    assert before_n == pytest.approx(rising.felt_at(given_ns - 800_000_000))
    assert before_n < after_n < rising.felt_n


def test_between_two_packets_the_felt_force_is_on_the_straight_line():
    rising, _ = pressed(begin(), 30.0, 1.0)
    (first_ns, first_n), (second_ns, second_n) = rising.past[-3:-1]
    assert rising.felt_at((first_ns + second_ns) // 2) == pytest.approx((first_n + second_n) / 2)


def test_a_tap_says_nothing_of_forces_that_were_felt_before_without_one():
    rising, _ = pressed(begin(), 25.0, 3.0)
    falling, _ = pressed(rising, 20.0, 1.5)
    before_n, after_n = falling.passed(falling.sampled_ns)
    assert after_n == pytest.approx(max(felt for _, felt in falling.past))
    assert before_n == pytest.approx(after_n / 1.01)


def test_a_tap_right_after_the_question_may_have_been_due_at_any_lower_force():
    asked = pressed(begin(), 20.0, 5.0)[0].awaiting(5.0)
    later, _ = pressed(asked, 20.0, 0.6)
    before_n, after_n = later.passed(later.sampled_ns)
    assert before_n == 0.0
    assert after_n == pytest.approx(20.0, rel=0.02)
    assert later.tapped(5.0, (before_n, after_n)).five_n < later.tapped(5.0, (19.6, after_n)).five_n


def test_a_tap_that_is_too_quick_for_its_question_is_about_what_was_felt_before_it():
    rising = begin()
    for force_n in np.arange(6.0, 30.0, 0.5):
        rising, _ = pressed(rising, force_n, 0.1)
    asked, _ = pressed(rising.awaiting(5.0), 30.0, 0.1)
    assert asked.passed(asked.sampled_ns) == rising.passed(asked.sampled_ns)
    assert asked.passed(asked.sampled_ns)[0] > 20.0


def test_who_contradicts_what_was_learned_twice_is_believed():
    estimate = found(6.0)
    for _ in range(3):
        estimate = estimate.answered(5, 6.0)
    once = estimate.answered(0, 8.0)
    assert once.five_n < 9.0
    assert once.answered(0, 8.0).five_n > 11.0
    assert once.answered(6, 6.5).answered(0, 8.0).five_n < 9.0, "twice in a row, not twice"


def test_the_press_in_band_contradicts_too_and_a_third_one_is_not_the_second():
    estimate = found(20.0)
    for _ in range(3):
        estimate = estimate.answered(5, 20.0)
    pressing = estimate
    for _ in range(2):
        pressing = pressing.said_between(4.5, 6.5, 30.0)
    assert pressing.five_n > 26.0
    assert not pressing.strange


def test_when_a_session_begins_on_its_clock_changes_nothing():
    past = ((-900_000_000, 10.0), (-600_000_000, 12.0), (-100_000_000, 14.0))
    assert most_n(past, 14.0, None, -500_000_000) == felt_at(past, 14.0, -500_000_000) > 12.0


def test_a_tap_tells_the_force_at_five_as_one_who_knows_the_model_would_tell_it():
    """Weighs the members by hand: the density with which each passes 5 there, and a point later if one is missed."""
    estimate = begin()
    tapped = estimate.tapped(5, (19.98, 20.0)).cloud
    slope = np.exp(estimate.cloud.ln_slope)
    noise = np.minimum(np.exp(estimate.cloud.ln_noise), VAGUEST_FIRST)
    points = estimate.outlook.points(19.99)
    bell = [np.exp(-0.5 * ((points - level) / noise) ** 2) for level in (5.0, 6.0)]
    expected = (bell[0] + 0.08 * bell[1]) / noise * points * slope
    expected /= expected.sum()
    likely = expected > 1e-4
    assert tapped.weights[likely] == pytest.approx(expected[likely], rel=0.03)
    without_slope = expected / slope
    without_slope /= without_slope.sum()
    assert abs(tapped.weights @ slope - expected @ slope) < 0.2 * abs(tapped.weights @ slope - without_slope @ slope)


def test_what_is_believed_right_after_an_answer_heeds_it():
    estimate, beliefs = pressed(found(20.0), 20.0, 4.0)
    answered = estimate.answered(8, 20.0)
    assert answered.belief.mean > beliefs[-1].mean + 0.3
    assert answered.belief.p_eight > beliefs[-1].p_eight
