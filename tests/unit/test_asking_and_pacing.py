from dataclasses import replace
from math import inf

import pytest

from protocols.asking import Asking
from protocols.commands import Cue, Question
from protocols.pacing import Pacing
from protocols.prior import prior_for, slope_for
from protocols.ramp import Ramp, ramp_for
from protocols.site import Site

SECOND = 1_000_000_000
RAMP = Ramp(fast_until_n=6.0, scale=1.0)


def test_questions_wait_10_s_for_each_other():
    asking = Asking().asked(Question.RATE_NOW, 0).answered(2 * SECOND)
    assert not asking.may_ask(10 * SECOND - 1)
    assert asking.may_ask(10 * SECOND)


def test_after_an_answer_the_hand_has_2_5_s_to_follow_it():
    asking = Asking().answered(2 * SECOND)
    assert not asking.may_ask(4.5 * SECOND - 1)
    assert asking.may_ask(4.5 * SECOND)


def test_no_more_than_four_questions_a_minute():
    asking = Asking()
    for at_s in (0, 10, 20, 30):
        assert asking.may_ask(at_s * SECOND)
        asking = asking.asked(Question.RATE_NOW, at_s * SECOND).missed()
    assert not asking.may_ask(59 * SECOND)
    assert asking.may_ask(60 * SECOND)


def test_a_trial_may_ask_more_often_and_less():
    often, seldom = Asking(per_minute=10), Asking(per_minute=1)
    asked = often.asked(Question.RATE_NOW, 0).missed()
    assert [asked.may_ask(ns) for ns in (6 * SECOND - 1, 6 * SECOND)] == [False, True]
    asked = seldom.asked(Question.RATE_NOW, 0).missed()
    assert [asked.may_ask(ns) for ns in (60 * SECOND - 1, 60 * SECOND)] == [False, True]
    assert [Asking(per_minute=count).between_ns for count in (1, 4, 6)] == [10 * SECOND] * 3


def test_a_question_is_louder_after_3_s_and_expires_after_6():
    asking = Asking().asked(Question.RATE_NOW, 0)
    assert [asking.due_louder(ns) for ns in (3 * SECOND - 1, 3 * SECOND)] == [False, True]
    assert [asking.expired(ns) for ns in (6 * SECOND - 1, 6 * SECOND)] == [False, True]
    standing = Asking().asked(Question.TAP_AT_FIVE, 0)
    assert not standing.expired(60 * SECOND)


def test_a_question_taken_back_is_not_unanswered_and_forgives_nothing():
    asking = Asking().asked(Question.RATE_NOW, 0).missed().asked(Question.RATE_NOW, 1).closed()
    assert asking.unanswered == 1
    assert asking.present().unanswered == 0


def test_the_approach_is_4_n_per_s_then_as_fast_as_raises_a_five_by_16_percent_a_second():
    def rise(aim_n):
        pacing = Pacing(aim_n=aim_n, hand_n=aim_n, stepped_ns=0)
        return (pacing.approach(aim_n, SECOND // 10, 60.0, RAMP, easing=False).aim_n - aim_n) * 10

    assert rise(5.0) == pytest.approx(4.0)
    for aim_n in (7.0, 15.0, 30.0, 50.0):
        slope = slope_for(aim_n, 1.0)
        assert ((aim_n + rise(aim_n)) / aim_n) ** slope == pytest.approx(1.16, abs=0.03)
    assert rise(9.0) / 9.0 > rise(30.0) / 30.0 > rise(50.0) / 50.0


def test_the_fast_part_ends_at_70_percent_of_a_known_force_and_at_10_n_at_most_without():
    prior = prior_for(Site.named("upper-trapezius-left"), 11.3)
    assert ramp_for(prior, 30.0) == Ramp(pytest.approx(21.0), 1.0)
    assert ramp_for(prior, 30.0).up_to(15.0) == Ramp(15.0, 1.0)
    assert ramp_for(prior, None) == Ramp(pytest.approx(prior.force_n(5, -3.0)), 1.0)
    tough = replace(prior, ln_five=prior.ln_five + 2.0)
    assert ramp_for(tough, None).fast_until_n == 10.0


def test_easing_never_raises_and_a_stop_is_kept():
    pacing = Pacing(aim_n=20.0, hand_n=20.0, stepped_ns=0)
    assert pacing.approach(25.0, SECOND // 10, 60.0, RAMP, easing=True).aim_n < 20.0
    assert pacing.approach(25.0, SECOND // 10, 20.01, RAMP, easing=False).aim_n == 20.01


def test_an_answer_above_the_band_lowers_aim_and_ceiling_together():
    pacing = Pacing(aim_n=20.0, low_n=18.0, high_n=22.0).lowered(15.0)
    assert (pacing.aim_n, pacing.ceiling_n, pacing.cue) == (15.0, 15.0, Cue.EASE_OFF)
    assert pacing.low_n < pacing.aim_n
    assert Pacing(aim_n=10.0, ceiling_n=9.0).lowered(15.0).ceiling_n == 9.0


def test_an_answer_that_allows_it_lets_the_aim_rise_5_percent_above_its_force():
    assert Pacing(aim_n=20.0, ceiling_n=inf).allowed(20.0).ceiling_n == pytest.approx(21.0)
