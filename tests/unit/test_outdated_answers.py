"""An answer that was given before "too much" and comes after it allows nothing, wherever it comes."""

import pytest

from protocols.commands import Phase
from protocols.events import Answered, Press, Pressed
from protocols.plan import Calibrate, Dose
from tests.engine_sessions import Script

LONG = Dose(credited_s=60)


def late(script: Script, what: int | Press, given_ns: int) -> None:
    """Something given then comes now."""
    if isinstance(what, Press):
        script.give(Pressed(script.now_ns, given_ns, what, "tool"))
    else:
        script.give(Answered(script.now_ns, given_ns, what, "keys"))


@pytest.mark.parametrize("what", [5, 3, Press.SHORT, Press.DOUBLE])
def test_one_that_comes_after_a_later_answer_was_inside_raises_nothing(what):
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    given_ns = script.now_ns
    script.follow(1)
    script.answer(7)
    script.follow(5)
    script.answer(5)
    script.follow(3)
    before = script.session
    assert not before.pacing.calmer
    late(script, what, given_ns)
    assert (script.session.pacing, script.session.found_limit_n) == (before.pacing, before.found_limit_n)


def approach_after_a_pause(what: int | Press) -> tuple[Script, int]:
    """Too much, said in a pause of an approach without a 5; and a time shortly before it was."""
    script = Script(LONG)
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 15)
    given_ns = script.now_ns
    script.silence(1.6)
    script.say(what)
    assert not script.session.estimate.found
    script.let_go(16 if what == 8 else 3)
    script.go_on()
    script.follow(20, until=lambda: script.phase is Phase.APPROACH)
    script.follow(2)
    assert script.phase is Phase.APPROACH
    return script, given_ns


@pytest.mark.parametrize("late_one", [5, Press.SHORT])
@pytest.mark.parametrize("what", [7, 8, Press.LONG])
def test_as_the_first_5_it_finds_the_force_and_allows_nothing(what, late_one):
    script, given_ns = approach_after_a_pause(what)
    ceiling_n = script.session.pacing.ceiling_n
    assert ceiling_n < 15
    late(script, late_one, given_ns)
    pacing = script.session.pacing
    assert script.phase is Phase.HOLD
    assert pacing.calmer
    assert pacing.ceiling_n <= ceiling_n
    assert script.session.found_limit_n <= 1.25 * ceiling_n + 0.01


def test_a_5_that_is_given_after_it_allows_as_ever():
    script, _ = approach_after_a_pause(7)
    script.answer(5)
    assert script.phase is Phase.HOLD
    assert not script.session.pacing.calmer


@pytest.mark.parametrize("late_one", [1, 3, 5, Press.SHORT])
@pytest.mark.parametrize("what", [7, Press.LONG])
def test_in_the_next_ramp_it_says_nothing(what, late_one):
    script = Script(steps=(Calibrate(),))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 15)
    given_ns = script.now_ns
    script.follow(0.3)
    script.say(what)
    script.let_go(4)
    script.follow(60, until=lambda: script.phase is Phase.RAMP and script.session.estimate.felt_n >= 8)
    before = script.session
    late(script, late_one, given_ns)
    assert script.session.pacing == before.pacing
    assert script.session.calibration == before.calibration
    assert script.session.tally == before.tally
    script.say(5)
    assert script.session.calibration.ramps[-1].five_n or script.session.calibration.five_n


def test_a_press_from_before_the_calm_was_over_is_no_go_on():
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    given_ns = script.now_ns
    script.answer(8)
    script.let_go(15.5)
    late(script, Press.SHORT, given_ns)
    late(script, Press.SHORT, script.now_ns - 1_000_000_000)
    assert not script.session.pause.ready
    late(script, Press.SHORT, script.now_ns)
    assert script.phase is Phase.PAUSED
    script.let_go(1)
    assert script.phase is Phase.CONTACT


def test_a_press_from_before_a_pause_says_not_that_one_is_there():
    script = Script(LONG).to_five(20)
    script.hold_for(10)
    given_ns = script.now_ns
    script.follow(60, until=lambda: script.phase is not Phase.HOLD)
    late(script, Press.SHORT, given_ns)
    assert not script.session.pause.ready
    late(script, Press.SHORT, script.now_ns)
    assert script.session.pause.ready
