"""dose.md, "Approach" and the answers given in it."""

from itertools import pairwise

import pytest

from protocols.commands import Cue, Message, Outcome, Phase, Question, ShowTarget
from protocols.events import HistoryLoaded, Press
from protocols.plan import Band, Dose
from protocols.site import Site
from tests.engine_sessions import Script


def approaching(seconds=3.0, **changes):
    return Script(**changes).follow(seconds, until=lambda: False)


def test_the_standing_question_is_open_from_first_contact_to_the_first_answer():
    script = approaching(8)
    assert script.asked(Question.TAP_AT_FIVE) == [pytest.approx(1.0, abs=1.0)]
    assert script.session.asking.question is Question.TAP_AT_FIVE
    script.tap()
    assert script.session.asking.question is None
    assert script.asked(Question.RATE_NOW) == []


def test_the_approach_rises_at_most_4_n_per_s_and_slowly_after_10_n():
    script = approaching(25)
    aims = [(at_s, command.aim_n) for at_s, command in script.given(ShowTarget)]
    for (before_s, before_n), (after_s, after_n) in pairwise(aims):
        rate = 4.0 if before_n < 10.0 else min(1.0, 0.05 * after_n)
        assert after_n - before_n <= rate * (after_s - before_s) + 0.3
    assert script.aim_n > 12.0


def test_a_known_force_at_five_lengthens_the_fast_part_to_70_percent_of_it():
    seconds = {}
    for known_n in (None, 30.0):
        script = Script(history=HistoryLoaded(0, force_at_five_n=known_n))
        script.follow(60, until=lambda script=script: script.aim_n >= 20.0)
        seconds[known_n] = script.now_s
    assert seconds[30.0] < seconds[None] - 4.0


def test_at_a_tap_the_target_goes_back_to_where_the_force_was_felt():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20.0)
    felt_n, aim_n = script.session.estimate.felt_at(script.now_ns - 600_000_000), script.aim_n
    script.tap()
    assert script.phase is Phase.HOLD
    assert felt_n < aim_n
    assert script.aim_n == pytest.approx(felt_n, abs=0.01)
    assert script.session.guard.limit_n == pytest.approx(1.25 * felt_n)


def test_a_number_belongs_to_the_force_felt_a_second_before_it():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20.0)
    felt_n = script.session.estimate.felt_at(script.now_ns - 1_000_000_000)
    script.answer(5)
    assert script.session.found_limit_n == pytest.approx(1.25 * felt_n)


def test_at_the_priors_75th_percentile_the_target_freezes_and_what_is_it_now_is_asked_once_more_then_release():
    script = Script()
    script.follow(50, until=lambda: script.session.asking.question is Question.RATE_NOW)
    estimate = script.session.estimate
    frozen_n = min(estimate.quantile_n(5, 0.75), 0.9 * script.session.guard.limit_n)
    assert script.aim_n == pytest.approx(frozen_n)
    asked_s = script.now_s
    script.follow(5.9)
    assert (script.phase, script.aim_n) == (Phase.APPROACH, pytest.approx(frozen_n, rel=0.01))
    script.follow(0.2)
    assert (script.phase, script.cue) == (Phase.RELEASE, Cue.RELEASE)
    assert [at_s for at_s, ask in script.given_asks() if ask.louder] == [pytest.approx(asked_s + 3.0, abs=0.06)]
    script.follow(4)
    assert script.ending == (Outcome.SHORT, "silence")


def test_an_answer_below_the_band_lets_the_approach_go_on():
    script = Script()
    script.follow(50, until=lambda: script.session.asking.question is Question.RATE_NOW)
    stop_n = script.aim_n
    script.answer(4)
    assert (script.phase, script.session.asking.question) == (Phase.APPROACH, Question.TAP_AT_FIVE)
    script.follow(3)
    assert script.aim_n > stop_n


def test_a_person_whose_five_lies_above_the_limit_ends_short_and_is_told_why():
    script = Script(Dose(credited_s=30, force_limit_n=15.0))
    script.follow(50, until=lambda: script.session.asking.question is Question.RATE_NOW)
    assert script.aim_n <= 15.0
    script.answer(2)
    assert script.told(Message.CAP_REACHED)
    script.follow(4)
    assert script.ending == (Outcome.SHORT, "cap")
    assert script.figures.peak_n < 16.0


def test_the_limit_never_passes_the_cap_of_the_site():
    script = Script(site=Site.named("suboccipital-left"))
    script.follow(30)
    script.answer(3)
    script.follow(10)
    script.answer(3)
    assert script.session.guard.limit_n <= 35.0


@pytest.mark.parametrize("press", [Press.LONG, Press.DOUBLE])
def test_a_long_press_or_one_not_understood_counts_as_too_much_and_eases_off_at_once(press):
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20.0)
    aim_n = script.aim_n
    script.tap(press)
    assert (script.phase, script.cue) == (Phase.HOLD, Cue.EASE_OFF)
    assert script.aim_n < aim_n
    assert script.session.tally.answers == ("too-much",)


def test_too_much_while_the_force_is_above_the_shown_band_releases():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20.0)
    script.ramp(script.session.pacing.high_n + 2.0, 0.4)
    assert script.force_n > script.session.pacing.high_n
    script.tap(Press.LONG)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)


def test_the_approach_ends_after_its_limit_of_time():
    script = Script(Dose(credited_s=30, approach_s=10))
    script.follow(15)
    assert script.phase in (Phase.RELEASE, Phase.ENDED)
    script.follow(4)
    assert script.ending == (Outcome.SHORT, "approach")


def test_a_hard_first_contact_is_no_target():
    script = Script()
    script.packet(0.0, 0.0, 30.0, 30.01, 30.0)
    assert script.phase is Phase.APPROACH
    assert script.aim_n <= 6.0
    assert script.cue is not Cue.PRESS_MORE or script.aim_n < 6.0


def test_the_band_may_lie_lower_and_the_tap_means_its_lower_answer():
    script = Script(Dose(band=Band(3, 4), credited_s=30))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 15.0)
    assert script.given_asks()[0][1].rating == 3
    script.tap()
    assert script.phase is Phase.HOLD
    assert script.session.tally.answers == (3,)
    assert script.session.estimate.five_n > 15.0


def test_no_aim_of_an_approach_comes_within_5_percent_of_the_limit():
    script = Script(Dose(credited_s=30, force_limit_n=12.0))
    script.follow(40)
    assert max(script.aims()) <= 0.95 * 12.0 + 0.01


def test_no_contact_within_two_minutes_ends_short():
    script = Script().let_go(121)
    assert script.ending == (Outcome.SHORT, "no-contact")
