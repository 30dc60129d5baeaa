"""How far an answer in a hold moves the force limit, and what is learned of forces that nobody asked about."""

import pytest

from protocols.commands import Phase
from protocols.events import Press
from protocols.history import LIMIT_OVER_FIVE
from protocols.pacing import ANSWER_ALLOWS
from tests.engine_sessions import Script
from tests.unit.test_calibrating import PAIN_N, begun, to_felt


def held() -> Script:
    return Script().to_five().hold_for(4)


def approaching(force_n: float) -> Script:
    script = Script()
    return script.follow(60, until=lambda: script.phase is Phase.APPROACH and script.force_n >= force_n)


@pytest.mark.parametrize("rating", [0, 1, 2, 3, 4])
def test_a_slip_of_the_finger_moves_the_limit_no_further_than_what_it_allows(rating):
    script = held()
    script.answer(rating)
    allowed_n = ANSWER_ALLOWS * max(script.session.estimate.felt_n, script.aim_n)
    assert script.session.guard.limit_n <= 1.02 * LIMIT_OVER_FIVE * allowed_n


def test_an_answer_above_the_band_takes_the_limit_down_again():
    script = held()
    script.answer(3)
    script.follow(3)
    raised_n = script.session.guard.limit_n
    script.answer(7)
    script.follow(4)
    assert script.session.guard.limit_n < raised_n
    assert script.session.guard.limit_n >= 1.1 * script.force_n
    assert Phase.PAUSED not in script.phases


def test_after_an_interruption_a_tap_is_about_what_was_felt_since():
    script = approaching(16.0)
    script.let_go(2).follow(20, until=lambda: script.force_n >= 6.0)
    assert script.session.estimate.awaits == script.session.step.dose.band.low, "silence counts again"
    script.press_at(6.0, 2.0).tap()
    assert script.session.estimate.five_n < 9.0
    assert script.session.guard.limit_n < 1.4 * 9.0


def test_silence_while_letting_go_of_a_stop_says_nothing():
    script = approaching(15.0)
    before = script.session.estimate.outlook.belief(25.0, 4.5, 6.5)
    script.stop()
    script.press_at(30.0, 3.0)
    after = script.session.estimate.outlook.belief(25.0, 4.5, 6.5)
    assert after.p_eight >= before.p_eight - 0.01


def test_two_presses_that_both_mean_5_are_learned_where_the_first_was_decided():
    fives = []
    for gap_s in (0.4, 0.6):
        script = to_felt(begun(), PAIN_N)
        script.tap()
        script.follow(gap_s).tap(Press.SHORT)
        fives.append(script.session.estimate.five_n)
    assert fives == pytest.approx([PAIN_N, PAIN_N], rel=0.1)
