"""Answers in the first seconds of an approach, when the hand still rises and little of it is felt yet."""

import pytest

from protocols.commands import Cue, Outcome, Phase
from protocols.contact import CONTACT_N
from protocols.events import Press
from protocols.guard import FOLLOW_NS, Guard, Verdict
from tests.engine_sessions import TOOL, Script

SECOND = 1_000_000_000
EARLY_S = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)


def answered_early(seconds: float, answer: int | Press) -> Script:
    """Follow for a while from the first touch, answer, and go on for a hand's reaction time."""
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.follow(seconds)
    if isinstance(answer, Press):
        script.tap(answer)
    else:
        script.answer(answer)
    return script.ramp(max(script.force_n, min(script.force_n + 1.5, 1.1 * script.force_n)), 0.4)


@pytest.mark.parametrize("seconds", EARLY_S)
@pytest.mark.parametrize("answer", [5, 6, 7, Press.SHORT, Press.LONG])
def test_an_early_answer_eases_off_and_the_session_goes_on(seconds, answer):
    script = answered_early(seconds, answer)
    eased_from_n = script.force_n
    script.hold_for(90)
    assert Phase.PAUSED not in script.phases
    assert script.ending == (Outcome.COMPLETE, "dose")
    assert CONTACT_N < min(script.aims(after_s=seconds + 2)) < eased_from_n


@pytest.mark.parametrize("seconds", EARLY_S)
def test_too_much_says_ease_off_at_once_and_the_target_is_below_what_was_felt(seconds):
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.follow(seconds)
    force_n = script.force_n
    script.answer(7)
    assert (script.phase, script.cue) == (Phase.HOLD, Cue.EASE_OFF)
    assert script.aim_n <= 0.97 * force_n
    script.press_at(force_n, 0.4)
    assert script.cue is Cue.EASE_OFF


@pytest.mark.parametrize("seconds", [1.5, 2.0, 3.0])
def test_who_does_not_come_down_after_too_much_is_told_to_let_go_when_a_hand_could_have_followed(seconds):
    script = answered_early(seconds, 7)
    answered_s = script.now_s - 0.4
    force_n = script.force_n
    script.press_at(force_n, FOLLOW_NS * 1e-9 - 0.5)
    assert (script.phase, script.cue) == (Phase.HOLD, Cue.EASE_OFF)
    script.press_at(force_n, 0.2)
    assert (script.phase, script.cue) == (Phase.RELEASE, Cue.RELEASE)
    assert script.now_s - answered_s < FOLLOW_NS * 1e-9 + 0.3
    script.let_go(3)
    assert script.ending == (Outcome.STOPPED, "force-limit")


def test_who_presses_harder_after_too_much_is_told_to_let_go_in_half_a_second():
    script = answered_early(2.0, 7)
    script.ramp(script.session.guard.limit_n + 1.0, 0.1)
    script.press_at(script.force_n, 0.6)
    assert (script.phase, script.cue) == (Phase.RELEASE, Cue.RELEASE)


def test_the_limit_waits_for_a_hand_that_still_rises_and_then_comes_down_with_it():
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.follow(1.0)
    script.press_at(3.2, 0.05)
    script.answer(7)
    found_n = script.session.found_limit_n
    script.ramp(found_n + 0.4, 0.9)
    assert script.session.guard.limit_n > found_n
    assert script.phase is Phase.HOLD
    script.ramp(0.9 * found_n, 0.3).press_at(0.9 * found_n, 0.2)
    assert script.session.guard.limit_n == found_n


def felt_over(guard: Guard, at_ns: int, felt_n: float = 10.0) -> tuple[Guard, Verdict]:
    return guard.raw(at_ns, (10.0 + 0.001 * (at_ns % 7),), 10_000_000, TOOL, felt_eight_n=8.0, felt_n=felt_n)


def test_another_answer_gives_no_more_time_while_the_force_is_still_too_much():
    guard = Guard(limit_n=60.0).eased(0, 10.0)
    guard, verdict = felt_over(guard, SECOND)
    assert verdict is Verdict.EASE_OFF
    guard, verdict = felt_over(guard.eased(2 * SECOND, 10.0), FOLLOW_NS)
    assert verdict is Verdict.RELEASE_OVER_LIMIT
    # Once it was no longer too much, a new answer gives its own time.
    guard, _ = felt_over(guard, 4 * SECOND, felt_n=7.0)
    guard, _ = felt_over(guard.eased(5 * SECOND, 10.0), 5 * SECOND + 1)
    assert felt_over(guard, 7 * SECOND)[1] is Verdict.EASE_OFF


def test_an_answer_that_does_not_make_the_force_too_much_gives_the_guard_no_patience():
    assert Script().to_five().session.guard.eased_ns is None


def test_a_stop_in_the_first_second_leaves_something_to_go_on_with():
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.follow(1.0)
    force_n = script.force_n
    script.stop()
    assert 0.85 * 4.0 <= script.session.pacing.ceiling_n <= 0.85 * force_n


@pytest.mark.parametrize("hold_n", [3.0, 4.0])
def test_who_presses_on_after_too_much_is_told_to_let_go_well_before_3_s(hold_n):
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.ramp(hold_n, 0.3).press_at(hold_n, 3.0)
    script.answer(7)
    answered_s = script.now_s
    script.ramp(script.session.guard.limit_n - 0.05, 0.6).press_at(script.session.guard.limit_n - 0.05, 1.3)
    assert (script.phase, script.cue) == (Phase.RELEASE, Cue.RELEASE)
    assert script.now_s - answered_s < 2.0


def test_the_room_to_ease_in_is_gone_when_a_hand_could_have_followed():
    script = answered_early(3.0, 5)
    found_n = script.session.found_limit_n
    assert script.session.guard.limit_n > found_n
    script.press_at(0.97 * found_n, FOLLOW_NS * 1e-9)
    assert script.session.guard.limit_n == found_n


def test_too_much_of_hardly_a_touch_lets_go():
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.press_at(CONTACT_N + 0.1, 3.0)
    script.answer(7)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
