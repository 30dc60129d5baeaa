"""An answer above the band stands for the one just before it; what nobody saw is not taken for pressing."""

from dataclasses import replace

import numpy as np
import pytest

from protocols.commands import Phase
from protocols.events import Answered, Press
from protocols.pacing import Pacing
from protocols.plan import Band, Compress, Dose
from protocols.session import PauseReason
from tests.engine_sessions import Script

LONG = Dose(credited_s=60)


def held() -> Script:
    script = Script(LONG).to_five(20)
    script.hold_for(12)
    return script


@pytest.mark.parametrize("first", [0, 1, 4, 6])
@pytest.mark.parametrize("seconds", [0.4, 1.5, 2.9])
def test_a_slow_ten_teaches_a_ten_and_not_the_one_before_it(first, seconds):
    once, slow = held(), held()
    limit_n = slow.session.guard.limit_n
    given_ns = slow.now_ns
    slow.answer(first)
    for script in (once, slow):
        script.press_at(script.force_n, seconds)
        script.give(Answered(script.now_ns, given_ns, 10, "keys"))
        assert script.session.pause.why is PauseReason.TOO_MUCH
    assert slow.session.estimate.force_n(8) <= 1.005 * once.session.estimate.force_n(8)
    assert slow.session.found_limit_n < limit_n
    assert slow.session.pacing.ceiling_n <= 1.01 * once.session.pacing.ceiling_n


def test_a_key_that_repeats_itself_teaches_once():
    once, often = held(), held()
    once.answer(7)
    often.answer(7)
    often.press_at(often.force_n, 0.1)
    often.answer(7)
    assert often.session.estimate.five_n == pytest.approx(once.session.estimate.five_n, rel=1e-3)


def test_a_7_right_after_the_first_5_is_learned_beside_it():
    script = Script(LONG).to_five(20)
    five_n = script.session.estimate.five_n
    script.follow(1.0)
    script.answer(7)
    assert script.session.estimate.found
    assert script.session.estimate.five_n < 0.98 * five_n


def test_after_an_8_the_limit_is_lower_when_the_next_contact_begins():
    script = held()
    limit_n = script.session.guard.limit_n
    script.answer(8)
    assert script.session.guard.limit_n == limit_n, "the one who lets go is not above a limit for it"
    script.let_go(16)
    script.go_on()
    script.let_go(2)
    assert script.phase is Phase.CONTACT
    assert script.session.guard.limit_n < limit_n
    assert script.session.guard.limit_n == pytest.approx(1.25 * script.session.estimate.five_n, rel=0.02)
    assert script.session.armed_n == script.session.guard.limit_n


@pytest.mark.parametrize("rating", [0, 1])
def test_one_low_answer_takes_the_limit_of_an_approach_no_further_than_a_quarter(rating):
    script = Script(Dose())
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 25)
    limit_n = script.session.guard.limit_n
    script.answer(rating)
    assert limit_n <= script.session.guard.limit_n <= 1.25 * limit_n
    assert script.phase is Phase.APPROACH


@pytest.mark.parametrize("what", [2, 5, Press.SHORT, Press.DOUBLE])
def test_an_answer_on_the_way_back_takes_nothing_away(what):
    script = held()
    aim_n, ceiling_n = script.aim_n, script.session.pacing.ceiling_n
    script.let_go(3)
    script.follow(1.5)
    assert script.phase is Phase.APPROACH
    script.say(what)
    above = what is Press.DOUBLE
    assert (script.session.pacing.ceiling_n < ceiling_n) is above, "a press that is not understood is too much"
    if not above:
        script.follow(12, until=lambda: script.phase is Phase.HOLD)
        assert script.aim_n > 0.9 * aim_n


def test_a_low_answer_after_a_stop_in_the_approach_keeps_the_way_up_to_what_is_left():
    script = Script(Dose())
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20)
    script.stop()
    ceiling_n = script.session.pacing.ceiling_n
    script.follow(16)
    script.go_on()
    script.follow(10, until=lambda: script.phase is Phase.APPROACH)
    script.follow(1.5)
    script.answer(2)
    assert script.session.pacing.ceiling_n == ceiling_n


def after_a_gap(habituation: float | None, *, touching: bool | None) -> float:
    """The force at 5 after 45 s of which nobody saw whether the tool touched, or everybody did."""
    estimate = held().session.estimate
    if habituation is not None:
        cloud = estimate.cloud
        estimate = replace(estimate, cloud=replace(cloud, habituation=np.full(cloud.size, habituation)))
    force_n = 0.0 if touching is False else 20.0
    for i in range(1 if touching is None else 900):
        at_ns = estimate.sampled_ns + (45 * 10**9 if touching is None else 50_000_000)
        estimate, _ = estimate.sampled(at_ns, 10_000_000, (force_n if i < 899 else 0.0,))
    return estimate.sampled(estimate.sampled_ns + 10**9 // 2, 10_000_000, (0.0,))[0].five_n


def test_of_what_nobody_saw_that_is_believed_which_makes_a_force_be_felt_more():
    assert after_a_gap(0.15, touching=None) == pytest.approx(after_a_gap(0.15, touching=False), rel=0.005)
    assert after_a_gap(-0.15, touching=None) == pytest.approx(after_a_gap(-0.15, touching=True), rel=0.005)
    assert after_a_gap(0.15, touching=True) > 1.05 * after_a_gap(0.15, touching=None)
    assert after_a_gap(-0.15, touching=False) > 1.02 * after_a_gap(-0.15, touching=None)
    assert after_a_gap(None, touching=None) < after_a_gap(None, touching=True)


def test_what_is_kept_for_next_time_is_the_force_of_a_rested_site():
    script = Script(LONG).to_five(20)
    script.hold_for(45)
    now_n, kept_n = script.session.estimate.five_n, script.figures.force_at_five_n
    assert kept_n < 0.98 * now_n
    script.follow(1)
    assert script.figures.force_at_five_n == kept_n


def silent_peak_n(band: Band) -> float:
    script = Script(steps=(Compress(Dose(band=band)),))
    script.follow(60, until=lambda: script.phase is Phase.RELEASE)
    stop_n = min(script.session.estimate.quantile_n(band.low, 0.75), 0.9 * script.session.guard.limit_n)
    assert script.session.contact.peak_n <= 1.02 * stop_n
    return script.session.contact.peak_n


def test_a_silent_person_is_led_to_the_lower_answer_of_the_band_and_no_further():
    assert silent_peak_n(Band(3, 4)) < 0.95 * silent_peak_n(Band(5, 6))


def test_the_shown_band_ends_where_8_gets_likely():
    script = Script(LONG).to_five(20)
    script.follow(6)
    estimate, pacing = script.session.estimate, script.session.pacing
    chance = estimate.outlook.belief(pacing.high_n, 4.5, 6.5).p_eight
    assert chance <= 0.055 or pacing.high_n == pytest.approx(1.02 * pacing.aim_n)
    assert pacing.high_n < estimate.force_n(6.5), "it binds here"


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.5])
@pytest.mark.parametrize(("first", "second"), [(7, 8), (8, 7), (8, 9), (9, 9)])
def test_one_answer_above_the_band_takes_nothing_away_from_another(first, second, seconds):
    once, twice = held(), held()
    for script in (once, twice):
        script.answer(first)
        script.press_at(script.force_n, seconds)
    twice.answer(second)
    assert twice.session.estimate.force_n(8) <= 1.001 * once.session.estimate.force_n(8)


@pytest.mark.parametrize("rating", [7, 8, 10])
@pytest.mark.parametrize("felt_n", [6.0, 8.0, 12.0, 20.0])
def test_a_first_answer_above_the_band_is_believed_however_strange(felt_n, rating):
    script = Script(LONG)
    script.follow(60, until=lambda: script.session.estimate.felt_n >= felt_n)
    script.answer(rating)
    assert script.session.estimate.five_n < felt_n
    assert script.figures.force_at_five_n < felt_n


@pytest.mark.parametrize("what", [0, 2, 5, Press.SHORT])
def test_a_low_answer_right_after_too_much_undoes_nothing(what):
    script = held()
    aim_n, limit_n = script.aim_n, script.session.found_limit_n
    script.answer(7)
    ceiling_n = script.session.pacing.ceiling_n
    script.follow(2.1)
    script.say(what)
    assert script.session.pacing.calmer
    assert script.session.pacing.ceiling_n == ceiling_n < aim_n
    assert script.session.found_limit_n < limit_n


@pytest.mark.parametrize("what", [2, 5, Press.SHORT])
def test_a_low_answer_on_the_way_back_from_too_much_allows_no_more(what):
    script = held()
    script.answer(8)
    script.follow(16)
    script.go_on()
    script.follow(10, until=lambda: script.phase is Phase.APPROACH)
    script.follow(1.5)
    assert script.phase is Phase.APPROACH
    script.say(what)
    assert script.session.pacing.calmer
    script.follow(20, until=lambda: script.phase is Phase.HOLD)
    script.follow(1)
    assert script.session.pacing.high_n <= 1.021 * script.session.pacing.ceiling_n


def test_a_slip_after_too_much_comes_back_to_the_lower_part_of_the_band():
    script = held()
    script.answer(7)
    script.follow(2)
    script.let_go(3)
    assert script.session.pause.why is PauseReason.SLIP
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    assert script.session.pacing.calmer
    script.follow(1)
    assert script.aim_n <= 1.005 * script.session.estimate.force_n(5)


def test_the_target_is_where_the_band_will_be_in_two_seconds_and_no_later():
    estimate = replace(held().session.estimate, drift_per_s=0.01)
    pacing = Pacing(aim_n=estimate.force_n(5.5))
    for at_ns in range(0, 5 * 10**9, 50_000_000):
        pacing = pacing.hold(pacing.aim_n, at_ns, estimate, LONG.band, 1000.0)
    assert 0.98 < pacing.aim_n / estimate.force_ahead_n(5.5, 2.2) <= 1.0001
