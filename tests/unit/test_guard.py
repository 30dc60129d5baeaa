"""dose.md, the guard table, row by row; through the engine, so that what it causes is tested too."""

from dataclasses import replace
from math import inf, nan

import pytest

from protocols.commands import Cue, EndSession, LockSite, Message, Outcome, Phase, Tell
from protocols.events import AlarmCause, Sampled, Symptom, SymptomReported, Ticked, ToolAlarmed
from protocols.guard import Guard, Verdict
from protocols.plan import Dose
from protocols.site import Site
from tests.engine_sessions import SITE, TOOL, Script


def test_force_above_the_limit_eases_off_in_that_step_and_releases_after_half_a_second():
    script = Script().to_five()
    limit_n = script.session.guard.limit_n
    script.packet(20.0, 20.1, limit_n + 1.0, 20.0, 20.1)
    assert script.cue is Cue.EASE_OFF
    script.press_at(limit_n + 1.0, 0.45)
    assert script.phase is Phase.HOLD
    script.press_at(limit_n + 1.0, 0.15)
    assert (script.phase, script.cue) == (Phase.RELEASE, Cue.RELEASE)
    script.let_go(3)
    assert script.ending == (Outcome.STOPPED, "force-limit")
    assert not script.figures.tool_failed


def test_felt_force_above_the_estimated_force_at_eight_releases_after_half_a_second():
    guard = replace(Guard(limit_n=50.0), last_ns=0)
    guard, verdict = guard.raw(10, (20.0, 20.1), 10_000_000, TOOL, 19.0, 19.5)
    assert verdict is Verdict.EASE_OFF
    guard, verdict = guard.raw(600_000_000, (20.2,), 10_000_000, TOOL, 19.0, 19.5)
    assert verdict is Verdict.RELEASE_OVER_LIMIT
    _, verdict = guard.raw(700_000_000, (20.3,), 10_000_000, TOOL, 19.0, 18.5)
    assert verdict is Verdict.FINE


def test_an_estimated_chance_of_eight_above_5_percent_eases_off():
    script = Script().to_five()
    below_eight_n = script.session.estimate.force_n(8) * 0.97
    assert below_eight_n < script.session.guard.limit_n
    script.press_at(below_eight_n, 1.5).press_at(below_eight_n, 1.0)
    assert 0.05 < script.session.beliefs[-1].p_eight < 0.5
    assert script.session.verdict is Verdict.EASE_OFF
    assert script.cue is Cue.EASE_OFF
    script.press_at(18.0, 4.0)
    assert script.session.beliefs[-1].p_eight < 0.05
    assert script.cue is not Cue.EASE_OFF


def test_in_the_approach_the_chance_of_eight_is_the_one_given_the_silence():
    slow, fast = Script(), Script()
    slow.follow(60, until=lambda: slow.force_n >= 30.0)
    assert slow.cue is not Cue.EASE_OFF
    fast.ramp(9.0, 3.0).ramp(30.0, 2.5).press_at(30.0, 1.5)
    assert fast.phase is Phase.APPROACH
    assert fast.cue is Cue.EASE_OFF


def test_force_that_rises_faster_than_10_n_per_s_for_300_ms_eases_off():
    script = Script().to_five()
    script.press_at(12.0, 3.0)
    script.ramp(14.5, 0.25).press_at(14.5, 0.3)
    assert script.cue is not Cue.EASE_OFF
    script.press_at(12.0, 2.0)
    script.ramp(17.0, 0.4)
    assert script.cue is Cue.EASE_OFF


def test_a_rise_is_judged_only_in_contact():
    script = Script()
    script.let_go(1.0).ramp(1.9, 0.1).let_go(1.0)
    assert script.session.verdict is Verdict.FINE


@pytest.mark.parametrize("flag", ["saturated", "fault"])
@pytest.mark.parametrize("touching", [True, False])
def test_a_saturated_or_faulty_sensor_releases_and_stops(flag, touching):
    script = Script()
    if touching:
        script.to_five()
    script.packet(2.0, 2.1, 2.0, 2.1, 2.0, **{flag: True})
    assert script.phase is Phase.RELEASE
    script.let_go(3.0)
    assert script.ending == (Outcome.STOPPED, "saturated" if flag == "saturated" else "sensor")
    assert script.figures.tool_failed


def test_a_sensor_at_its_end_is_certainly_pressed_and_alarms_like_any_release():
    script = Script().to_five()
    for _ in range(200):
        script.packet(*(200.0,) * 5, saturated=True)
    assert script.phase is Phase.RELEASE
    assert len(script.alarms()) >= 6
    script.let_go(3.0)
    assert script.ending == (Outcome.STOPPED, "saturated")


def test_a_sensor_that_does_not_change_for_a_second_in_contact_is_dead():
    script = Script().to_five()
    for _ in range(19):
        script.packet(*(19.0,) * 5)
    assert script.phase is Phase.HOLD
    for _ in range(3):
        script.packet(*(19.0,) * 5)
    assert script.phase is Phase.RELEASE
    script.silence(1.6)
    assert script.ending == (Outcome.STOPPED, "sensor")


def test_a_failed_sensor_that_goes_on_saying_the_same_does_not_keep_the_session_open():
    script = Script().to_five()
    for _ in range(100):
        script.packet(*(19.0,) * 5)
    assert script.ending == (Outcome.STOPPED, "sensor")
    assert script.cue is Cue.RELEASE
    assert script.alarms()


def test_no_change_means_nothing_out_of_contact_or_with_a_coarse_sensor():
    script = Script()
    for _ in range(60):
        script.packet(*(0.0,) * 5)
    assert script.phase is Phase.CONTACT
    # A tool too coarse to credit is logged on, and guarded.
    for resolution_n, worst in ((1.0, Verdict.FINE), (0.1, Verdict.RELEASE_SENSOR)):
        tool, guard = replace(TOOL, resolution_n=resolution_n), Guard().limited(50.0)
        for k in range(30):
            guard, verdict = guard.raw(k * 50_000_000, (19.0,) * 5, 10_000_000, tool, inf, 0.0)
        assert verdict is worst


def test_the_same_force_before_and_after_a_gap_is_no_dead_sensor():
    script = Script().to_five()
    script.packet(*(19.0,) * 5)
    script.silence(1.2)
    script.packet(*(19.0,) * 5, lost=24)
    assert script.phase is Phase.HOLD


def test_samples_that_are_no_number_ease_off_and_after_half_a_second_are_a_failed_sensor():
    script = Script().to_five()
    script.packet(19.0, nan, 19.0, 19.1, 19.0)
    assert script.cue is Cue.EASE_OFF
    script.press_at(19.0, 2.0)
    assert script.session.verdict is Verdict.FINE
    for _ in range(11):
        script.packet(*(nan,) * 5)
    assert script.phase is Phase.RELEASE
    assert script.session.ending.reason == "sensor"


def test_what_is_no_number_does_not_spoil_the_watch_on_rises():
    guard, _ = Guard(limit_n=50.0).raw(0, (nan, nan), 10_000_000, TOOL, 90.0, 0.0)
    for i in range(1, 20):
        guard, verdict = guard.raw(i * 50_000_000, (19.0, 19.01), 10_000_000, TOOL, 90.0, 0.0)
        assert verdict is Verdict.FINE


def test_felt_force_below_minus_1_n_is_a_tare_under_load():
    script = Script().to_five()
    script.press_at(-1.5, 4.0)
    assert script.told(Message.TARE_AGAIN)
    script.press_at(0.0, 3.0)
    assert script.ending == (Outcome.STOPPED, "tared-under-load")


def test_a_zero_off_by_more_than_1_n_marks_the_hold_and_is_set_before_the_next():
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five()
    script.hold_for(100, until_release=True)
    script.ramp(1.5, 0.5).press_at(1.5, 3.0)
    assert script.phase is Phase.REST
    assert script.told(Message.ZERO_OFF)
    assert script.figures.holds[0].suspect
    script.press_at(1.5, 16.0)
    assert script.phases[-2:] == [Phase.TARE, Phase.CONTACT]
    assert not script.session.zero_off


def test_still_pressed_3_s_after_a_release_cue_alarms_each_second_until_it_is_not():
    script = Script().to_five()
    script.answer(9)
    released_s = script.now_s
    script.press_at(10.0, 6.5)
    first, *rest = script.alarms()
    assert first - released_s == pytest.approx(3.0, abs=0.06)
    assert [b - a for a, b in zip([first, *rest], rest, strict=False)] == pytest.approx([1.0] * len(rest), abs=0.06)
    assert len(rest) == 3
    script.let_go(3.0)
    assert len(script.alarms()) == 4


def test_a_standing_cue_goes_out_once_a_second():
    script = Script().to_five()
    script.press_at(17.0, 0.3)
    script.answer(9)
    said_s = script.now_s
    script.press_at(10.0, 4.02)
    again = [at_s for at_s, cue in script.given_cues(said_s + 0.01) if cue.again]
    assert again == pytest.approx([said_s + k for k in (1, 2, 3, 4)], abs=0.06)


@pytest.mark.parametrize("symptom", [Symptom.DIZZINESS, Symptom.NUMBNESS])
def test_a_symptom_releases_stops_advises_and_locks_the_site(symptom):
    script = Script().to_five()
    commands = script.give(SymptomReported(script.now_ns, symptom))
    assert LockSite(SITE, symptom) in commands
    assert Tell(Message.ADVICE) in commands
    assert script.cue is Cue.RELEASE
    script.follow(4)
    assert script.ending == (Outcome.STOPPED, f"symptom-{symptom}")


def test_a_symptom_reported_after_the_end_still_locks_the_site():
    script = Script()
    script.stop("ctrl-c")
    commands = script.give(SymptomReported(script.now_ns, Symptom.VISION))
    assert LockSite(SITE, Symptom.VISION) in commands
    assert not any(isinstance(command, EndSession) for command in commands)
    assert script.ending == (Outcome.STOPPED, "ctrl-c")


def test_the_guard_goes_on_after_the_end():
    script = Script()
    script.stop("ctrl-c")
    script.press_at(80.0, 4.5)
    assert script.session.ended
    assert script.cues()[-1] is Cue.RELEASE
    assert len(script.alarms()) >= 1
    assert script.ends() == 1


def test_an_old_or_doubled_packet_may_ease_off_but_never_ends_an_ease_off():
    script = Script().to_five()
    limit_n = script.session.guard.limit_n
    old_ns = script.now_ns - 200_000_000
    script.press_at(limit_n + 2.0, 0.3)
    for _ in range(6):
        script.press_at(limit_n + 2.0, 0.05)
        script.give(Sampled(script.now_ns, old_ns, 10_000_000, (15.0,) * 5))
        assert script.session.verdict >= Verdict.EASE_OFF
        assert script.cue in {Cue.EASE_OFF, Cue.RELEASE}
    assert script.phase is Phase.RELEASE
    other = Script().to_five()
    other.give(Sampled(other.now_ns, other.now_ns - 200_000_000, 10_000_000, (60.0,) * 5))
    assert other.cue is Cue.EASE_OFF


def test_a_packet_from_the_future_does_not_make_the_true_ones_old():
    script = Script().to_five()
    script.give(Sampled(script.now_ns, script.now_ns + 60_000_000_000, 10_000_000, (19.0,) * 5))
    samples = script.session.samples
    script.press_at(19.0, 1.0)
    assert script.session.samples == samples + 100


@pytest.mark.parametrize(
    ("cause", "ending"),
    [
        (AlarmCause.FORCE_LIMIT, (Outcome.STOPPED, "force-limit")),
        (AlarmCause.HOLD_LIMIT, (Outcome.SHORT, "contact")),
        (AlarmCause.SENSOR_FAULT, (Outcome.STOPPED, "sensor")),
    ],
)
def test_the_tools_own_alarm_ends_the_session(cause, ending):
    script = Script().to_five()
    script.give(ToolAlarmed(script.now_ns, cause))
    assert script.cue is Cue.RELEASE
    script.follow(4)
    assert script.ending == ending


def test_time_alone_changes_no_verdict():
    script = Script().to_five()
    verdict = script.session.verdict
    script.give(Ticked(script.now_ns))
    assert script.session.verdict is verdict


def test_a_failed_sensor_stays_the_reason_when_somebody_then_stops():
    script = Script()
    script.packet(0.0, 0.0, 0.0, 0.0, 0.0, fault=True)
    assert script.phase is Phase.RELEASE
    script.stop("ctrl-c")
    assert script.ending == (Outcome.STOPPED, "sensor")
    assert script.figures.tool_failed


def test_danger_in_a_release_is_answered_even_while_the_zero_is_looked_at():
    script = Script()
    script.packet(inf, inf, inf, 0.0, inf)
    assert script.phase is Phase.RELEASE
    assert script.cue is Cue.RELEASE


def test_no_aim_is_shown_near_a_limit_that_a_tiny_tip_makes_very_low():
    script = Script(tool=replace(TOOL, tip_diameter_mm=0.5), site=Site.named("suboccipital-left"))
    script.follow(3)
    assert 0.0 < script.session.guard.limit_n < 4.0
    assert max(script.aims()) <= 0.95 * script.session.guard.limit_n + 0.01
