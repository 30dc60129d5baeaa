"""After too much: nothing above what was too much is shown as inside, or earns, until an answer is inside the band."""

from dataclasses import replace
from math import inf

import pytest

from protocols.commands import Cue, Message, Phase, Question, ShowTarget
from protocols.events import Answered, Press
from protocols.pacing import CALMER_ROOM, Pacing
from protocols.pauses import CALM_NS
from protocols.plan import Calibrate, Compress, Dose
from protocols.session import Left, PauseReason
from tests.engine_sessions import Script

LONG = Dose(credited_s=60)


def after_ramps(*last: int | Press) -> Script:
    """Calibrate with taps at 14 and 17 N in the first ramp; then say something else at 16 and at 15 N."""
    script = Script(steps=(Calibrate(Dose(), ramps=1 + len(last)), Compress(LONG)))
    for said_n, what in zip((17, 16, 15), (Press.SHORT, *last), strict=False):
        script.follow(60, until=lambda: script.phase is Phase.RAMP and script.session.estimate.felt_n >= 14)
        script.tap()
        script.follow(30, until=lambda said_n=said_n: script.session.estimate.felt_n >= said_n)
        script.say(what)
        script.let_go(4)
    return script


def in_the_hold(script: Script) -> Script:
    script.follow(60, until=lambda: script.phase is Phase.HOLD)
    assert script.phase is Phase.HOLD
    return script


def shown_high_n(script: Script, after_s: float) -> float:
    return max(command.high_n for _, command in script.given(ShowTarget, after_s))


@pytest.mark.parametrize("what", [7, Press.LONG])
def test_too_much_in_the_last_ramp_stands_in_the_hold_until_an_answer_is_inside(what):
    script = in_the_hold(after_ramps(what))
    ceiling_n = script.session.pacing.ceiling_n
    began_s = script.now_s
    script.follow(4)
    assert ceiling_n < 17
    assert shown_high_n(script, began_s) <= CALMER_ROOM * ceiling_n + 0.01
    credit_s = script.credit_s
    assert credit_s > 0
    script.press_at(1.05 * ceiling_n, 1.5)
    credit_s = script.credit_s
    script.press_at(1.05 * ceiling_n, 1)
    assert script.cue is Cue.EASE_OFF
    assert script.credit_s == credit_s
    script.follow(4)
    script.answer(5)
    assert not script.session.pacing.calmer


def test_a_ramp_that_reaches_5_again_takes_too_much_back_for_the_hold():
    script = after_ramps(Press.LONG, Press.SHORT)
    assert not script.session.pacing.calmer
    in_the_hold(script)
    assert not script.session.pacing.calmer


def test_on_the_way_back_nothing_above_what_was_too_much_is_shown_as_inside():
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    script.answer(8)
    back_s = script.now_s
    script.let_go(16)
    script.go_on()
    script.let_go(2)
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    pacing = script.session.pacing
    assert pacing.calmer
    assert shown_high_n(script, back_s) <= CALMER_ROOM * pacing.ceiling_n + 0.01


@pytest.mark.parametrize("ceiling_n", [2.1, 2.6, 4.5, inf])
def test_the_light_touch_that_is_asked_for_is_no_more_than_what_is_allowed(ceiling_n):
    pacing = Pacing.waiting(None, ceiling_n, calmer=True)
    assert pacing.low_n <= pacing.aim_n <= pacing.high_n <= min(ceiling_n, 6.0)
    assert pacing.touched(1.05 * pacing.high_n, 0).cue is Cue.EASE_OFF
    assert pacing.touched(0.9 * pacing.low_n, 0).cue is Cue.PRESS_MORE


def test_no_band_is_shown_above_the_force_limit():
    pacing = Pacing.waiting().within(5.0)
    assert (pacing.aim_n, pacing.high_n) == (4.0, 5.0)
    pacing = Pacing.waiting().within(3.0)
    assert pacing.low_n <= pacing.aim_n < pacing.high_n == 3.0


@pytest.mark.parametrize("what", [7, 8, Press.LONG])
def test_too_much_takes_go_on_back(what):
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    script.answer(8)
    script.press_at(script.force_n, 15.5)
    script.go_on()
    assert script.session.pause.ready
    told = len(script.said)
    script.say(what)
    assert not script.session.pause.ready
    assert any(getattr(command, "message", None) is Message.TOO_MUCH for _, command in script.said[told:])
    again_ns = script.now_ns + CALM_NS
    script.let_go(14.9)
    script.go_on()
    assert script.phase is Phase.PAUSED
    script.let_go((again_ns - script.now_ns) * 1e-9 + 0.1)
    assert script.session.asking.question is Question.GO_ON
    script.go_on()
    script.let_go(1)
    assert script.phase is Phase.CONTACT
    assert len(script.session.strikes) == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_press_for_too_much_in_a_rest_is_about_the_hold_before(count):
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five(20)
    script.hold_for(120, until_release=True)
    script.let_go(4)
    assert script.phase is Phase.REST
    for _ in range(count):
        script.tap(Press.LONG)
        script.let_go(2.5)
    in_the_hold(script)
    assert script.session.tally.too_much == 0


@pytest.mark.parametrize(("waited_s", "counts"), [(2.6, False), (3.3, False), (3.7, True)])
def test_an_unasked_5_after_a_7_counts_once_what_is_felt_has_come_down(waited_s, counts):
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    script.answer(7)
    script.follow(waited_s)
    assert script.session.asking.question is None
    script.answer(5)
    assert (script.session.tally.answers[-1] == 5) is counts
    assert script.session.pacing.calmer is not counts


@pytest.mark.parametrize("late_s", [0.0, 2.0, 6.0])
def test_an_answer_given_before_too_much_allows_nothing_however_late_it_comes(late_s):
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    given_ns = script.now_ns
    script.follow(1)
    script.answer(7)
    script.follow(late_s)
    before = script.session
    script.give(Answered(script.now_ns, given_ns, 5, "keys"))
    assert script.session.pacing == before.pacing
    assert script.session.tally == before.tally


def test_an_answer_given_before_the_question_is_none_to_it():
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    given_ns = script.now_ns
    script.follow(1)
    script.answer(7)
    script.follow(30, until=lambda: script.session.asking.question is Question.RATE_NOW)
    asked_s = script.now_s
    script.give(Answered(script.now_ns, given_ns, 5, "keys"))
    assert script.session.asking.question is Question.RATE_NOW
    assert script.session.pacing.calmer
    script.follow(1)
    script.answer(5)
    assert not script.session.pacing.calmer
    assert script.now_s < asked_s + 3


def test_what_was_pressed_last_is_what_was_pressed_in_its_last_two_seconds():
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    script.press_at(14.0, 5)
    script.give(Answered(script.now_ns, script.now_ns, 5, "keys"))
    script.let_go(1.2)
    assert script.session.pause.why is PauseReason.SLIP
    assert 13.5 < script.session.left.felt_n < 14.5


def test_too_much_of_a_mere_touch_is_lighter_all_the_same():
    script = Script(LONG)
    script.press_at(2.3, 2)
    assert script.phase is Phase.APPROACH
    script.let_go(1.2)
    felt_n = 2.6
    assert script.session.estimate.force_n(5.0) > felt_n
    script.tap(Press.LONG)
    assert script.session.pacing.ceiling_n <= 0.98 * felt_n


def test_a_10_that_is_said_first_in_a_ramp_at_a_light_force_is_a_tender_person():
    believed = []
    for rating in (10, 8, 7, 5):
        script = Script(steps=(Calibrate(),))
        script.follow(60, until=lambda script=script: script.session.estimate.felt_n >= 8)
        script.answer(rating)
        believed.append(script.session.estimate.five_n)
    assert max(believed[:3]) < 8 < believed[3], "who is past 5 in silence was not silent because it was none"


def test_too_much_before_the_next_contact_lowers_the_light_touch_that_is_asked_for():
    script = Script(LONG).to_five(4)
    script.hold_for(5)
    script.silence(1.6)
    script.let_go(1)
    assert script.phase is Phase.CONTACT
    told_s = script.now_s
    script.answer(7)
    script.let_go(1.2)
    assert shown_high_n(script, told_s) <= CALMER_ROOM * script.session.pacing.ceiling_n + 0.01 < 4.5


def test_too_much_of_a_force_that_was_5_all_the_time_before_is_lighter_all_the_same():
    script = Script(LONG).to_five(20)
    script.hold_for(45)
    script.silence(1.6)
    felt_n = 16.0
    script.session = replace(script.session, left=Left(felt_n))
    script.answer(7)
    assert script.session.estimate.force_n(5.0) > felt_n, "one answer is not believed against all the others"
    assert script.session.pacing.ceiling_n == pytest.approx(0.98 * felt_n)


def test_too_much_in_a_ramp_stands_in_the_next_one():
    script = Script(steps=(Calibrate(),))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 15)
    script.tap(Press.LONG)
    script.let_go(4)
    rest_s = script.now_s
    script.follow(60, until=lambda: script.phase is Phase.RAMP and script.session.estimate.felt_n >= 10)
    script.follow(3)
    pacing = script.session.pacing
    assert pacing.aim_n == pytest.approx(pacing.ceiling_n), "it has come as far as it may"
    assert shown_high_n(script, rest_s) <= CALMER_ROOM * pacing.ceiling_n + 0.01


def test_who_takes_go_on_back_again_and_again_and_does_not_let_go_is_given_up_after_a_minute():
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    script.answer(8)
    paused_s = script.now_s
    while script.phase is Phase.PAUSED and script.now_s < paused_s + 120:
        script.press_at(15.0, 15.2)
        script.go_on()
        script.answer(7)
    assert script.phase is Phase.RELEASE
    assert script.now_s <= paused_s + 77


@pytest.mark.parametrize("what", [7, Press.LONG])
def test_too_much_in_a_ramp_below_the_5_that_was_found_is_lighter_than_that_force(what):
    script = Script(steps=(Calibrate(),))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 14)
    script.tap()
    script.follow(30, until=lambda: script.session.estimate.felt_n >= 17)
    script.tap()
    script.follow(90, until=lambda: script.phase is Phase.RAMP and script.session.estimate.felt_n >= 12)
    felt_n = script.session.estimate.felt_n
    script.say(what)
    assert script.session.pacing.ceiling_n <= 0.97 * felt_n
