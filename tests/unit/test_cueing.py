"""The cue that leads back to the target: with room for a hand's wander, and never "press more" right after too much."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from protocols.commands import Cue, Phase
from protocols.cueing import STEADY_NS, cue_for, lowest_inside_n
from protocols.events import Answered, Press
from protocols.pacing import Pacing
from protocols.plan import Dose
from simulator.hand_noise import HandNoise
from simulator.traits import HandTraits
from tests import engine_sessions
from tests.engine_sessions import Script

LONG = Dose(credited_s=60)
PACKET_NS = 50_000_000
AFTER_TOO_MUCH = (19.0, 20.0, 20.4)
"""The narrowest band there is: that of a target that may not rise."""


def cues(band_n: tuple[float, float, float], force_n: Callable[[float], float], seconds: float = 10.0) -> list[Cue]:
    """The cues of a band for a force that depends on the time, 20 a second; each one as it comes."""
    pacing = Pacing(aim_n=band_n[1], hand_n=force_n(0.0), off_n=force_n(0.0) - band_n[1], stepped_ns=0, cue=Cue.HOLD)
    given = []
    for i in range(round(20 * seconds) + 1):
        _, hand_n, off_n = pacing._step(force_n(0.05 * i), i * PACKET_NS)
        cue = cue_for(hand_n, pacing.aim_n + off_n, band_n, pacing.cue)
        pacing = replace(pacing, hand_n=hand_n, off_n=off_n, stepped_ns=i * PACKET_NS, cue=cue)
        given.append(cue)
    return given


def changes(given: list[Cue]) -> int:
    return sum(a is not b for a, b in pairwise(given))


@pytest.mark.parametrize("seed", range(5))
def test_a_hand_that_wanders_about_a_narrow_band_hears_few_cues(seed):
    noise = HandNoise(HandTraits(0.3, 1.1, 9.0), np.random.default_rng(seed))
    assert changes(cues(AFTER_TOO_MUCH, lambda _: 20.0 * noise.advance(0.05))) <= 10


def test_a_hand_that_stays_above_a_narrow_band_is_told_to_ease_off():
    given = cues(AFTER_TOO_MUCH, lambda s: 20.0 if s < 1 else 20.9)
    assert given.index(Cue.EASE_OFF) <= 20 + 40


def test_a_hand_that_goes_far_above_it_is_told_so_at_once():
    given = cues(AFTER_TOO_MUCH, lambda s: 20.0 if s < 1 else 22.5)
    assert given.index(Cue.EASE_OFF) <= 20 + 5


def test_a_hand_that_stays_under_a_narrow_band_is_told_to_press_more():
    given = cues(AFTER_TOO_MUCH, lambda s: 20.0 if s < 1 else 18.9)
    assert 20 < given.index(Cue.PRESS_MORE) <= 20 + 80


def test_a_hand_that_falls_far_under_it_is_told_so_at_once():
    given = cues(AFTER_TOO_MUCH, lambda s: 20.0 if s < 1 else 16.0)
    assert given.index(Cue.PRESS_MORE) <= 20 + 10


def test_one_above_a_wide_band_is_told_so_at_once_too():
    given = cues((16.0, 20.0, 24.0), lambda s: 20.0 if s < 1 else 24.5)
    assert given.index(Cue.EASE_OFF) <= 20 + 20


@pytest.mark.parametrize("aim_n", [2.6, 3.1, 12.5, 40.0])
def test_the_lower_edge_leaves_room_for_a_hands_wander(aim_n):
    assert lowest_inside_n(aim_n) <= min(0.95 * aim_n, aim_n - 0.3)


@pytest.mark.parametrize("five_n", [3.2, 20.0])
@pytest.mark.parametrize("what", [7, Press.LONG])
def test_the_band_that_is_shown_after_too_much_has_room_under_the_target(five_n, what):
    script = Script(LONG).to_five(five_n)
    script.hold_for(5)
    script.say(what)
    script.follow(5)
    pacing = script.session.pacing
    assert script.phase is Phase.HOLD
    assert pacing.low_n <= min(0.95 * pacing.aim_n, pacing.aim_n - 0.3)


@pytest.mark.parametrize("what", [7, Press.LONG])
def test_nobody_who_said_too_much_is_told_to_press_more_in_the_next_seconds(what):
    script = Script(LONG).to_five(20)
    script.hold_for(8)
    # They let go somewhat by themselves and then say why.
    script.press_at(12.0, 2.5)
    assert script.cue is Cue.PRESS_MORE
    said_s = script.now_s
    script.say(what)
    low_n = script.session.pacing.low_n
    script.press_at(12.0, STEADY_NS * 1e-9 - 0.2)
    assert low_n > 12.0, "the target is above them"
    assert Cue.PRESS_MORE not in script.cues(said_s)
    script.press_at(12.0, 0.4)
    assert script.cue is Cue.PRESS_MORE


def test_too_much_while_a_light_touch_is_waited_for_asks_for_none_in_the_next_seconds():
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    script.silence(1.6)
    script.let_go(1)
    assert (script.phase, script.cue) == (Phase.CONTACT, Cue.PRESS_MORE)
    script.answer(7)
    assert script.cue is Cue.NONE
    script.let_go(STEADY_NS * 1e-9)
    assert script.cue is Cue.PRESS_MORE


@pytest.mark.parametrize("gain", [0.02, 0.03, 0.05])
def test_who_follows_a_rising_target_is_not_told_to_press_more_again_and_again(gain, monkeypatch):
    monkeypatch.setattr(engine_sessions, "FOLLOW_GAIN", gain)
    script = Script(LONG)
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 30)
    assert script.phase is Phase.APPROACH
    assert len(script.cues()) <= 4


@pytest.mark.parametrize("what", [7, Press.LONG])
def test_who_says_too_much_and_takes_the_tool_off_is_not_told_to_press_more(what):
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    said_s = script.now_s
    script.say(what)
    script.let_go(STEADY_NS * 1e-9 - 0.2)
    assert script.session.pause.why == "slip"
    assert Cue.PRESS_MORE not in script.cues(said_s)
    script.let_go(0.4)
    assert script.cue is Cue.PRESS_MORE


@pytest.mark.parametrize("what", [7, Press.LONG])
def test_too_much_said_again_begins_the_quiet_anew(what):
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    script.silence(1.6)
    script.let_go(1)
    script.answer(7)
    script.let_go(10)
    assert (script.phase, script.cue) == (Phase.CONTACT, Cue.PRESS_MORE)
    script.say(what)
    assert script.cue is Cue.NONE


def test_the_quiet_begins_when_too_much_is_heard_however_late_it_comes():
    script = Script(LONG).to_five(20)
    script.hold_for(5)
    script.press_at(12.0, 5)
    script.give(Answered(script.now_ns, script.now_ns - 5_000_000_000, 7, "keys"))
    script.press_at(12.0, 3)
    assert script.cue is not Cue.PRESS_MORE
