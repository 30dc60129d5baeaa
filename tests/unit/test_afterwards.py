"""Too much that is said when nothing is pressed any more, or while letting go."""

from dataclasses import replace

import pytest

from protocols.commands import Outcome, Phase
from protocols.events import InboxOverflowed, Press
from protocols.plan import Calibrate, Compress, Dose
from protocols.session import PauseReason
from tests.engine_sessions import Script

LONG = Dose(credited_s=60)


def paused(kind: PauseReason) -> Script:
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    match kind:
        case PauseReason.SILENCE:
            script.follow(60, until=lambda: script.phase is not Phase.HOLD)
        case PauseReason.LINK:
            script.silence(1.6)
        case _:
            script.give(InboxOverflowed(script.now_ns, 1))
    assert script.phase is Phase.PAUSED
    return script


def back_in_hold(script: Script) -> Script:
    script.let_go(2.2)
    script.go_on()
    script.let_go(2)
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    assert script.phase is Phase.HOLD
    return script


@pytest.mark.parametrize("kind", [PauseReason.SILENCE, PauseReason.LINK, PauseReason.OVERFLOW])
@pytest.mark.parametrize("what", [7, Press.LONG, Press.DOUBLE])
def test_too_much_in_a_pause_is_learned_and_the_way_back_ends_lower(kind, what):
    silent, told = paused(kind), paused(kind)
    answers, five_n, limit_n = len(told.session.tally.answers), told.session.estimate.five_n, told.session.found_limit_n
    felt_n = max(felt for _, felt in told.session.estimate.past)
    told.say(what)
    assert told.session.pause.why is kind
    assert len(told.session.tally.answers) == answers + 1
    assert told.session.estimate.five_n < five_n
    assert told.session.found_limit_n < limit_n
    assert told.session.pacing.calmer
    assert told.session.pacing.ceiling_n <= 0.98 * felt_n
    back_in_hold(silent).follow(6)
    back_in_hold(told).follow(6)
    assert told.aim_n < silent.aim_n
    assert max(told.aims(told.now_s - 6)) <= 0.98 * felt_n


@pytest.mark.parametrize("kind", [PauseReason.SILENCE, PauseReason.LINK])
def test_a_second_press_for_too_much_in_a_pause_needs_go_on(kind):
    script = paused(kind)
    script.tap(Press.LONG)
    script.silence(2.5)
    script.tap(Press.LONG)
    assert script.session.pause.why is PauseReason.TOO_MUCH


def test_an_8_said_again_after_the_release_is_learned_and_strikes_no_second_time():
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    script.answer(8)
    once_n, ceiling_n = script.session.estimate.five_n, script.session.pacing.ceiling_n
    script.let_go(4)
    script.answer(9)
    assert script.session.estimate.five_n < once_n
    assert script.session.pacing.ceiling_n <= ceiling_n
    assert script.session.pause.why is PauseReason.TOO_MUCH
    assert len(script.session.strikes) == 1


def in_rest(what: int | Press | None, *, letting_go: bool) -> Script:
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five(20)
    script.hold_for(120, until_release=True)
    script.follow(0.4 if letting_go else 4)
    assert script.phase is (Phase.RELEASE if letting_go else Phase.REST)
    if what is not None:
        script.say(what)
    return script


def second_hold(script: Script) -> Script:
    script.let_go(18)
    script.follow(40, until=lambda: script.phase is Phase.HOLD)
    script.follow(3)
    assert (script.phase, script.session.hold) == (Phase.HOLD, 2)
    return script


@pytest.mark.parametrize("letting_go", [True, False])
@pytest.mark.parametrize("what", [7, Press.LONG])
def test_too_much_between_two_holds_makes_the_next_one_lighter(what, letting_go):
    silent, told = in_rest(None, letting_go=letting_go), in_rest(what, letting_go=letting_go)
    assert second_hold(told).aim_n < 0.97 * second_hold(silent).aim_n
    assert told.session.pacing.calmer
    assert not silent.session.pacing.calmer


def hold_after_a_ramp(what: int | Press | None) -> Script:
    script = Script(steps=(Calibrate(Dose(), ramps=1), Compress(Dose())))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 18)
    script.tap()
    script.follow(5, until=lambda: script.session.estimate.felt_n >= 20)
    script.tap()
    script.let_go(4)
    assert script.phase is Phase.REST
    if what is not None:
        script.say(what)
    script.let_go(28)
    script.follow(60, until=lambda: script.phase is Phase.HOLD)
    return script.follow(3)


@pytest.mark.parametrize("what", [7, Press.LONG])
def test_too_much_in_the_rest_after_the_last_ramp_makes_the_hold_lighter(what):
    assert hold_after_a_ramp(what).aim_n < 0.97 * hold_after_a_ramp(None).aim_n


@pytest.mark.parametrize("waiting", [Phase.TARE, Phase.CONTACT])
def test_an_8_before_the_next_contact_needs_go_on(waiting):
    script = in_rest(None, letting_go=False)
    script.replies_to_requests = waiting is Phase.CONTACT
    script.let_go(18)
    assert script.phase is waiting
    script.answer(8)
    assert (script.phase, script.session.pause.why) == (Phase.PAUSED, PauseReason.TOO_MUCH)
    script.silence(1)
    script.answer(9)
    assert len(script.session.strikes) == 1


@pytest.mark.parametrize("what", [3, 5, 6, Press.SHORT])
def test_what_is_not_too_much_says_nothing_when_nothing_is_pressed(what):
    script = in_rest(what, letting_go=False)
    assert script.session.tally.answers == ()
    assert script.session.estimate.unlearned is not None
    assert script.phase is Phase.REST


@pytest.mark.parametrize("what", [9, Press.LONG])
def test_before_the_first_touch_there_is_nothing_to_be_too_much(what):
    script = Script(LONG)
    script.let_go(3)
    script.say(what)
    assert (script.phase, script.session.tally.answers, script.session.strikes) == (Phase.CONTACT, (), ())


def test_too_much_after_the_last_hold_is_learned_for_the_next_time_and_the_dose_stays_done():
    script = Script(Dose(credited_s=30)).to_five(20)
    script.hold_for(120, until_release=True)
    eight_n, known = script.session.estimate.force_n(8), script.figures.known
    script.follow(0.3)
    script.answer(8)
    assert script.session.estimate.force_n(8) < 0.98 * eight_n
    assert script.figures.known != known
    script.let_go(4)
    assert script.ending == (Outcome.COMPLETE, "dose")


@pytest.mark.parametrize("seconds", [0.3, 1.5, 2.5, 4.0, 7.0])
@pytest.mark.parametrize("kind", [PauseReason.LINK, PauseReason.OVERFLOW, PauseReason.SILENCE])
def test_it_is_about_what_was_pressed_however_late_it_is_said(kind, seconds):
    script = paused(kind)
    pressed_n = script.session.left.felt_n
    assert pressed_n > 20
    script.let_go(seconds)
    if script.phase is not Phase.PAUSED:
        script.follow(0)
    script.answer(7)
    assert 0.85 * pressed_n < script.session.pacing.ceiling_n <= 0.98 * pressed_n


@pytest.mark.parametrize("seconds", [(1.5,), (2.5, 4.0), (6.0, 7.0)])
def test_an_8_said_again_and_again_about_one_contact_is_one_8(seconds):
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    script.answer(8)
    five_n, ceiling_n = script.session.estimate.five_n, script.session.pacing.ceiling_n
    for wait_s in seconds:
        script.let_go(wait_s)
        script.answer(8)
    assert script.session.estimate.five_n == pytest.approx(five_n, rel=0.03), "but for getting used to it"
    assert script.session.pacing.ceiling_n == ceiling_n
    assert len(script.session.strikes) == 1


@pytest.mark.parametrize("what", [7, 8, Press.LONG])
def test_too_much_before_the_next_ramp_is_about_the_last_one(what):
    script = Script(steps=(Calibrate(Dose()),))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 18)
    script.tap()
    script.follow(5, until=lambda: script.session.estimate.felt_n >= 20)
    script.tap()
    script.let_go(34)
    assert script.phase is Phase.CONTACT
    five_n = script.session.estimate.five_n
    script.say(what)
    assert script.session.estimate.five_n < five_n
    assert 10 < script.session.pacing.ceiling_n < 20
    if what == 8:
        assert script.phase is Phase.PAUSED
        script.let_go(16)
        script.go_on()
        script.let_go(2)
    script.follow(40, until=lambda: script.phase is Phase.RAMP)
    script.follow(15)
    assert 10 < max(script.aims(script.now_s - 14)) < 20


@pytest.mark.parametrize("what", [7, 8, 9, Press.LONG])
@pytest.mark.parametrize("first", [8, "stop"])
def test_too_much_after_go_on_takes_it_back_also_when_nothing_is_pressed_any_more(first, what):
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    script.stop() if first == "stop" else script.answer(first)
    why = script.session.pause.why
    script.let_go(16)
    script.go_on()
    script.let_go(1)
    assert script.phase is Phase.CONTACT
    again_s = script.now_s
    script.say(what)
    assert (script.phase, script.session.pause.why) == (Phase.PAUSED, why)
    assert len(script.session.strikes) == 1
    script.let_go(14.5)
    script.go_on()
    script.let_go(0.4)
    assert script.phase is Phase.PAUSED
    script.let_go(0.4)
    script.go_on()
    script.let_go(2)
    assert script.phase is Phase.CONTACT
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    assert script.phase is Phase.HOLD
    assert script.now_s > again_s + 15
    script.answer(8)
    assert script.session.ending.reason == "too-much", "the second time it was pressed too hard"


def test_a_press_before_the_next_contact_is_about_the_hold_before():
    script = in_rest(None, letting_go=False)
    script.let_go(18)
    assert (script.phase, script.session.hold) == (Phase.CONTACT, 2)
    script.tap(Press.LONG)
    second_hold(script)
    script.tap(Press.LONG)
    assert (script.phase, script.session.tally.too_much, script.session.strikes) == (Phase.HOLD, 1, ())


def test_a_second_press_in_a_pause_before_the_first_touch_of_a_later_hold_needs_go_on():
    script = in_rest(None, letting_go=False)
    script.let_go(18)
    script.silence(1.6)
    assert (script.phase, script.session.hold) == (Phase.PAUSED, 2)
    script.tap(Press.LONG)
    script.silence(2.5)
    assert script.session.pause.why is PauseReason.LINK
    script.tap(Press.LONG)
    assert script.session.pause.why is PauseReason.TOO_MUCH


def test_a_7_repeated_by_its_key_in_a_ramp_is_one_7():
    script = Script(steps=(Calibrate(Dose()),))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 18)
    script.answer(7)
    five_n = script.session.estimate.five_n
    script.press_at(script.force_n, 0.1)
    script.answer(7)
    assert script.session.estimate.five_n == pytest.approx(five_n, rel=1e-3)
    assert (script.session.strikes, script.session.calibration.too_much) == ((), 1)


def test_what_slipped_off_is_what_was_pressed_before():
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    force_n = script.force_n
    script.let_go(1.2)
    assert script.session.pause.why is PauseReason.SLIP
    assert script.session.left.felt_n == pytest.approx(force_n, rel=0.05)


def test_too_much_of_a_light_force_is_about_no_more_than_that():
    script = Script(LONG)
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 3)
    script.tap()
    script.follow(4)
    script.answer(7)
    script.follow(4)
    script.answer(7)
    script.follow(6)
    script.silence(1.6)
    assert script.session.pause.why is PauseReason.LINK
    pressed_n = script.session.left.felt_n
    assert 2.6 < pressed_n < 3.9
    eight_n = script.session.estimate.force_n(8)
    script.tap(Press.LONG)
    assert script.session.pacing.ceiling_n <= 0.98 * pressed_n
    assert script.session.estimate.force_n(8) < eight_n


def test_the_force_that_was_left_is_what_too_much_teaches():
    about = []
    for left_n in (3.0, 4.0):
        script = paused(PauseReason.LINK)
        script.session = replace(script.session, left=replace(script.session.left, felt_n=left_n))
        script.answer(8)
        about.append(script.session.pacing.ceiling_n)
    assert about[0] <= 0.98 * 3.0 < about[1]
