"""What the figures of a session mean, and what they are where there is nothing."""

from dataclasses import replace

import pytest

from controller.summary import summary_of
from protocols.events import StopRequested
from protocols.figures import figures
from protocols.plan import Dose
from protocols.session import Session
from tests.engine_sessions import Script


def test_without_contact_there_is_neither_a_mean_nor_a_peak():
    script = Script()
    script.press_at(0.5, 3.0)
    assert script.figures.samples > 0
    assert (script.figures.mean_n, script.figures.peak_n, script.figures.contact_s) == (None, None, 0.0)
    before = figures(Session.begin(script.session.protocol, script.session.site))
    assert (before.mean_n, before.peak_n) == (None, None)
    assert summary_of(before)["mean_n"] is None


def test_a_session_that_never_came_to_the_hold_has_a_peak_and_no_mean():
    script = Script()
    script.press_at(5.0, 2.0)
    script.give(StopRequested(script.now_ns, "ctrl-c"))
    script.press_at(0.0, 3.0)
    assert script.figures.mean_n is None
    assert script.figures.peak_n == pytest.approx(5.0, abs=0.1)
    (hold,) = script.figures.holds
    assert (hold.mean_n, hold.held_s) == (None, 0.0)
    assert hold.peak_n == pytest.approx(5.0, abs=0.1)


def test_contact_and_peak_of_a_session_go_on_after_its_end_and_those_of_its_hold_do_not():
    script = Script().to_five().hold_for(100)
    assert script.session.ended
    ended = script.figures
    (hold,) = ended.holds
    assert ended.contact_s == pytest.approx(hold.contact_s)
    assert ended.peak_n == hold.peak_n
    script.press_at(40.0, 5.0)
    after = script.figures
    assert after.contact_s == pytest.approx(ended.contact_s + 5.0, abs=0.1)
    assert after.peak_n == pytest.approx(40.0, abs=0.1)
    assert after.samples == ended.samples + 500
    assert after.holds == (hold,)
    assert (after.mean_n, after.credited_s, after.approach_s) == (ended.mean_n, ended.credited_s, ended.approach_s)


def test_the_mean_of_several_holds_is_weighted_by_the_time_they_were_held():
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five()
    for _ in range(6):
        script.hold_for(60)
    first, second = script.figures.holds
    assert first.mean_n is not None
    assert second.mean_n is not None
    held_s = first.held_s + second.held_s
    expected = (first.mean_n * first.held_s + second.mean_n * second.held_s) / held_s
    assert script.figures.mean_n == pytest.approx(expected)
    assert first.held_s < first.contact_s, "finding 5 is contact, and not held"


def test_the_peak_of_a_hold_is_its_own():
    session = Script().press_at(5.0, 2.0).session
    pressed_before = replace(session, contact=replace(session.contact, peak_n=30.0))
    said = figures(pressed_before)
    assert said.peak_n == 30.0
    assert said.holds[0].peak_n == pytest.approx(5.0, abs=0.1)
