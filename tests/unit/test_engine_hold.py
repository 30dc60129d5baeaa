"""dose.md: answers and questions in a hold, limits of time, several holds, outcomes."""

from itertools import pairwise
from math import nan

import pytest

from protocols.commands import Arm, Cue, Disarm, Message, Outcome, Phase, Question
from protocols.events import (
    BatteryLow,
    HistoryLoaded,
    InputEnded,
    PastContact,
    Press,
    ToolConnected,
    ToolFailed,
)
from protocols.plan import Dose
from protocols.session import Session
from protocols.site import Site
from tests.engine_sessions import SITE, TOOL, Script


def in_hold(dose=None) -> Script:
    return (Script() if dose is None else Script(dose)).to_five().hold_for(4)


@pytest.mark.parametrize("rating", [7, 10])
def test_an_answer_above_the_band_lowers_the_target_at_once_to_the_lower_edge_and_a_half(rating):
    script = in_hold()
    felt_n, aim_n = script.session.estimate.felt_at(script.now_ns - 1_000_000_000), script.aim_n
    script.answer(rating)
    lowered_n = min(0.98 * min(felt_n, aim_n), script.session.estimate.force_n(5))
    assert min(script.session.pacing.ceiling_n, aim_n) <= lowered_n + 1e-9
    assert (script.phase is Phase.PAUSED) == (rating >= 8)


def test_after_too_much_the_target_rises_only_after_another_answer_that_allows_it():
    script = in_hold()
    script.answer(7)
    lowered_n, at_s = script.aim_n, script.now_s
    assert script.cue is Cue.EASE_OFF
    script.follow(8)
    assert max(script.aims(at_s)) <= lowered_n + 0.01
    script.answer(4)
    script.follow(3)
    assert script.aim_n > lowered_n


def test_the_target_rises_at_most_5_percent_above_the_force_of_the_last_answer():
    script = in_hold()
    script.follow(3)
    felt_n = script.session.estimate.felt_at(script.now_ns - 1_000_000_000)
    script.answer(2)
    at_s = script.now_s
    script.follow(9)
    assert 1.03 * felt_n < max(script.aims(at_s)) <= 1.05 * felt_n + 0.01


def test_a_second_too_much_in_a_hold_releases():
    script = in_hold()
    script.tap(Press.LONG)
    script.follow(4)
    assert script.phase is Phase.HOLD
    script.tap(Press.LONG)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)


def test_too_much_above_the_shown_band_releases_the_first_time():
    script = in_hold()
    script.ramp(script.session.pacing.high_n + 0.5, 0.5)
    script.tap(Press.LONG)
    assert script.phase is Phase.PAUSED


def test_a_7_lowers_the_target_each_time_and_the_third_in_a_row_releases():
    script = in_hold()
    for _ in range(2):
        aim_n = script.aim_n
        script.answer(7)
        assert (script.phase, script.cue) == (Phase.HOLD, Cue.EASE_OFF)
        assert script.aim_n < aim_n
        script.follow(4)
        assert script.aim_n < aim_n
    script.answer(7)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)


def test_a_7_after_an_answer_in_band_is_a_first_one_again():
    script = in_hold()
    for answer in (7, 7, 5, 7, 7, 6, 7):
        script.answer(answer)
        script.follow(4)
    assert script.phase is Phase.HOLD


def test_in_a_hold_short_means_in_band_and_double_too_little():
    script = in_hold()
    aim_n = script.aim_n
    script.tap()
    script.follow(2)
    script.tap(Press.DOUBLE)
    script.follow(3)
    assert script.session.tally.answers[1:] == ("in-band", "too-little")
    assert script.aim_n > aim_n
    assert script.phase is Phase.HOLD


def test_questions_are_10_s_apart_four_a_minute_and_only_inside_the_shown_band():
    script = Script(Dose(credited_s=90)).to_five()
    script.hold_for(70)
    asked = script.asked(Question.RATE_NOW)
    assert len(asked) >= 2
    assert all(b - a >= 10.0 for a, b in pairwise(asked))
    assert all(len([b for b in asked if a <= b < a + 60]) <= 4 for a in asked)
    outside = Script(Dose(credited_s=90)).to_five()
    outside.press_at(outside.session.pacing.low_n - 3.0, 15.0)
    assert outside.asked(Question.RATE_NOW) == []


def test_a_question_is_asked_louder_after_3_s_and_taken_back_after_6():
    script = in_hold()
    script.follow(14, until=lambda: script.session.asking.question is Question.RATE_NOW)
    asked_s = next(at_s for at_s, ask in script.given_asks() if ask.question is Question.RATE_NOW)
    script.follow(asked_s + 6.2 - script.now_s)
    louder = [at_s for at_s, ask in script.given_asks() if ask.louder]
    assert louder == [pytest.approx(asked_s + 3.0, abs=0.06)]
    assert script.session.asking.question is None
    assert script.closed()[-1] == pytest.approx(asked_s + 6.0, abs=0.06)


def test_a_complete_dose_ends_complete_even_if_the_release_is_slow():
    script = in_hold().hold_for(120, until_release=True)
    assert script.cue is Cue.DONE
    script.press_at(15.0, 8.0)
    assert script.alarms()
    script.follow(4)
    assert script.ending == (Outcome.COMPLETE, "dose")
    assert script.figures.credited_s == 30
    assert script.given(Disarm)


def test_credit_stays_below_the_time_in_the_hold():
    script = Script().to_five()
    began_s = script.now_s
    script.hold_for(15)
    assert 3.0 < script.credit_s < script.now_s - began_s


def test_a_sample_that_is_no_number_earns_nothing_on_either_side():
    script = in_hold()
    script.press_at(19.0, 0.5)
    before_s = script.credit_s
    script.packet(19.01, nan, 19.0, nan, nan)
    p_band = script.session.beliefs[-1].p_band
    assert script.credit_s - before_s == pytest.approx(0.01 * p_band, rel=0.05)


def test_what_was_lost_earns_nothing_however_short():
    script = in_hold()
    script.press_at(19.0, 0.5)
    before_s = script.credit_s
    script.now_ns += 50_000_000
    script.packet(19.0, 19.01, lost=1)
    p_band = script.session.beliefs[-1].p_band
    assert script.credit_s - before_s == pytest.approx(0.01 * p_band, rel=0.05)


@pytest.mark.parametrize(
    ("dose", "reason"),
    [
        (Dose(credited_s=30, time_at_pressure_s=30), "time-at-pressure"),
        (Dose(credited_s=90, time_at_pressure_s=90, approach_s=20), "time-at-pressure"),
    ],
)
def test_the_time_at_pressure_is_limited(dose, reason):
    script = Script(dose).to_five().hold_for(150)
    assert script.ending == (Outcome.SHORT, reason)


def test_contact_in_all_is_limited_to_time_at_pressure_and_approach():
    script = Script(Dose(credited_s=30, approach_s=20)).to_five()
    script.press_at(14.0, 48.0)
    script.follow(4)
    assert script.ending == (Outcome.SHORT, "contact")
    assert script.figures.contact_s == pytest.approx(47 + 20, abs=1.5)


def test_eight_minutes_in_24_hours_count_earlier_sessions_and_the_present_one():
    other = Site.named("levator-scapulae-left")
    history = HistoryLoaded(0, contacts=(PastContact(other, 420.0, 3600.0),))
    script = Script(history=history).to_five()
    script.press_at(14.0, 60.0 - script.figures.contact_s + 0.1)
    script.follow(4)
    assert script.ending == (Outcome.SHORT, "day-limit")
    assert script.figures.contact_s == pytest.approx(60.0, abs=1.0)


def test_a_session_does_not_begin_where_the_8_minutes_would_cut_off_its_dose():
    other = Site.named("levator-scapulae-left")
    for known_n, least_s in ((None, 60.0), (20.0, 45.0)):
        for left_s, begins in ((least_s, True), (least_s - 1.0, False)):
            past = (PastContact(other, 480.0 - left_s, 3600.0),)
            script = Script(history=HistoryLoaded(0, contacts=past, force_at_five_n=known_n))
            assert (script.session.tool is not None) is begins


def test_no_next_hold_begins_that_the_8_minutes_do_not_leave_time_for():
    other = Site.named("levator-scapulae-left")
    history = HistoryLoaded(0, contacts=(PastContact(other, 375.0, 3600.0),))
    script = Script(Dose(credited_s=30, holds=2, rest_s=15), history=history).to_five()
    script.press_at(14.0, 20.0)
    script.hold_for(200)
    assert script.ending == (Outcome.SHORT, "day-limit")
    assert [hold.complete for hold in script.figures.holds] == [True]


def test_each_of_several_holds_has_its_own_dose_with_a_rest_between():
    script = Script(Dose(credited_s=30, holds=3, rest_s=15)).to_five().hold_for(400)
    assert script.ending == (Outcome.COMPLETE, "dose")
    assert [hold.credited_s for hold in script.figures.holds] == [30, 30, 30]
    assert (script.figures.dose_s, script.figures.credited_s) == (90, 90)
    rests = [i for i, phase in enumerate(script.phases) if phase is Phase.REST]
    assert len(rests) == 2
    assert script.figures.contact_s == pytest.approx(sum(hold.contact_s for hold in script.figures.holds), abs=0.1)


@pytest.mark.parametrize(
    ("history", "site", "reason"),
    [
        (HistoryLoaded(0, locked=(SITE,)), SITE, "locked"),
        (HistoryLoaded(0), Site.named("sternocleidomastoid-left"), "not-shown"),
        (HistoryLoaded(0, contacts=(PastContact(SITE, 60.0, 3600.0),)), SITE, "same-site"),
        (HistoryLoaded(0, contacts=(PastContact(SITE, 60.0, 3600.0),), tender_since=True), SITE, "same-site"),
        (HistoryLoaded(0, contacts=(PastContact(SITE, 470.0, 3600.0),), tender_since=False), SITE, "day-limit"),
    ],
)
def test_a_session_that_must_not_begin_ends_short_before_the_tool(history, site, reason):
    script = Script(history=history, site=site)
    assert script.ending == (Outcome.SHORT, reason)
    assert script.session.tool is None


def test_a_session_told_of_no_history_is_still_refused_where_the_site_was_not_shown():
    script = Script(ready=False)
    script.session = Session.begin(script.session.protocol, Site.named("sternocleidomastoid-left"))
    script.give(ToolConnected(0, TOOL))
    assert script.ending == (Outcome.SHORT, "not-shown")


def test_a_second_history_or_tool_changes_nothing():
    script = in_hold()
    limit_n = script.session.guard.limit_n
    script.give(HistoryLoaded(script.now_ns, locked=(SITE,)))
    script.give(ToolConnected(script.now_ns, TOOL))
    assert (script.phase, script.session.guard.limit_n) == (Phase.HOLD, limit_n)


def test_a_failed_tool_ends_at_once_and_counts_before_everything():
    script = in_hold()
    script.stop("ctrl-c")
    script.give(ToolFailed(script.now_ns, "gone"))
    assert script.ending == (Outcome.SHORT, "link")
    assert script.figures.tool_failed


def test_a_stop_in_the_release_of_a_complete_dose_counts_as_a_stop():
    script = in_hold().hold_for(120, until_release=True)
    script.stop("ctrl-c")
    script.follow(4)
    assert script.ending == (Outcome.STOPPED, "ctrl-c")


def test_a_recording_that_ends_in_a_hold_ends_short_but_not_one_that_is_complete():
    script = in_hold()
    script.give(InputEnded(script.now_ns))
    script.follow(4)
    assert script.ending == (Outcome.SHORT, "recording-ended")
    complete = in_hold().hold_for(120, until_release=True)
    complete.give(InputEnded(complete.now_ns))
    complete.follow(4)
    assert complete.ending == (Outcome.COMPLETE, "dose")


def test_a_recording_that_ends_between_two_holds_ends_the_session():
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five().hold_for(120, until_release=True)
    script.give(InputEnded(script.now_ns))
    script.follow(5)
    assert script.ending == (Outcome.SHORT, "recording-ended")


def test_an_ended_session_keeps_phase_outcome_credit_and_holds():
    script = in_hold().hold_for(120)
    kept = script.session
    script.press_at(30.0, 2.0)
    script.answer(9)
    script.go_on()
    script.stop()
    script.give(ToolFailed(script.now_ns, "gone"))
    now = script.session
    assert (now.phase, now.ending, now.credit.seconds, now.holds) == (
        Phase.ENDED,
        kept.ending,
        30,
        kept.holds,
    )
    assert script.cue is Cue.RELEASE


def test_a_low_battery_is_told():
    script = in_hold()
    script.give(BatteryLow(script.now_ns, 7))
    assert script.told(Message.BATTERY_LOW)


def test_in_a_hold_the_aim_stays_12_percent_under_the_limit():
    script = Script(Dose(credited_s=30, force_limit_n=18.0)).to_five(15.5)
    script.hold_for(15, answer=2)
    assert 15.0 < max(script.aims(script.now_s - 5)) <= 0.88 * 18.0 + 0.01


@pytest.mark.parametrize(("rating", "kept"), [(10**18, 10), (-7, 0)])
def test_an_answer_off_the_scale_is_taken_for_its_end(rating, kept):
    script = in_hold()
    script.answer(rating)
    script.follow(1)
    assert script.session.tally.answers[-1] == kept


def test_a_tool_that_may_be_pressed_unseen_is_not_disarmed():
    script = in_hold()
    stopped_s = script.now_s
    script.silence(1.0)
    script.stop("ctrl-c")
    script.silence(2.0)
    assert script.ending == (Outcome.STOPPED, "ctrl-c")
    assert not script.given(Disarm, stopped_s)
    before = Script()
    before.stop("ctrl-c")
    assert before.given(Disarm)


def resting(rest_s=15) -> Script:
    script = in_hold(Dose(credited_s=30, holds=2, rest_s=rest_s)).hold_for(120, until_release=True).let_go(3)
    assert script.phase is Phase.REST
    return script


def test_the_next_hold_waits_until_the_tool_is_seen_not_pressed():
    script = resting().silence(20)
    assert script.phase is Phase.REST
    script.let_go(0.2)
    assert script.phase is Phase.CONTACT


def test_a_rest_that_nobody_can_see_any_more_ends_as_a_lost_link():
    script = resting().silence(80)
    assert script.ending == (Outcome.SHORT, "link")


@pytest.mark.parametrize("pauses", [0, 4])
def test_a_tool_that_is_pressed_for_a_minute_of_the_rest_ends_the_session(pauses):
    script = resting(90)
    for _ in range(pauses):
        script.press_at(15.0, 12.0).let_go(1.2)
    script.press_at(15.0, 61.0 - 12.0 * pauses)
    assert script.ending == (Outcome.STOPPED, "not-let-go")
    assert script.alarms()


def test_pressing_on_in_a_rest_takes_no_more_than_the_8_minutes_leave():
    other = Site.named("levator-scapulae-left")
    history = HistoryLoaded(0, contacts=(PastContact(other, 370.0, 3600.0),))
    script = Script(Dose(credited_s=30, holds=2, rest_s=15), history=history).to_five()
    script.hold_for(120, until_release=True).let_go(3)
    assert script.phase is Phase.REST
    script.press_at(15.0, 110.0 - script.figures.contact_s + 1.0)
    assert script.ending == (Outcome.STOPPED, "not-let-go")


def test_a_first_hold_that_is_never_let_go_is_not_a_complete_session():
    script = in_hold(Dose(credited_s=30, holds=2, rest_s=15)).hold_for(120, until_release=True)
    script.press_at(15.0, 61.0)
    assert script.ending == (Outcome.STOPPED, "not-let-go")


def test_the_hold_limit_of_the_tool_counts_from_the_touch_that_runs():
    other = Site.named("levator-scapulae-left")
    history = HistoryLoaded(0, contacts=(PastContact(other, 420.0, 3600.0),))
    script = Script(history=history).to_five()
    first, *_, last = [arm for _, arm in script.given(Arm)]
    assert first.hold_limit_s == pytest.approx(65.0)
    assert last.hold_limit_s == pytest.approx(65.0, abs=0.1)


def test_after_an_answer_above_the_band_the_cue_is_ease_off_for_half_a_second_and_until_the_aim():
    script = in_hold()
    script.press_at(script.aim_n, 1.0)
    script.answer(7)
    lowered_n = script.session.pacing.ceiling_n
    script.press_at(lowered_n - 2.0, 0.4)
    assert script.cue is Cue.EASE_OFF
    script.press_at(lowered_n - 2.0, 0.3)
    assert script.cue is not Cue.EASE_OFF
    other = in_hold()
    other.answer(7)
    other.press_at(other.aim_n * 1.005, 3.0)
    assert other.cue is Cue.EASE_OFF


def test_the_force_that_was_too_much_is_not_shown_as_inside_and_earns_nothing():
    script = in_hold()
    script.press_at(19.0, 2.0)
    too_much_n = script.session.estimate.felt_at(script.now_ns - 1_000_000_000)
    script.answer(7)
    credit_s = script.credit_s
    script.press_at(too_much_n, 3.0)
    assert script.session.pacing.high_n < too_much_n
    assert script.credit_s == credit_s
    script.follow(4)
    assert script.credit_s > credit_s


def test_an_answer_that_repeats_itself_teaches_nothing_but_too_much_counts():
    script = in_hold()
    script.answer(5)
    learned = script.session.estimate
    answers = script.session.tally.answers
    for _ in range(10):
        script.answer(5)
        script.tap()
        script.tap(Press.DOUBLE)
    assert script.session.estimate == learned
    assert script.session.tally.answers == answers
    aim_n = script.aim_n
    script.answer(7)
    assert script.session.tally.answers[-1] == 7
    assert script.session.estimate.five_n < learned.five_n, "too much is learned however soon it comes"
    assert script.aim_n < aim_n
    script.follow(2.1)
    script.answer(5)
    assert script.session.estimate.five_n != learned.five_n


def test_the_first_5_counts_right_after_a_lower_answer():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20.0)
    script.answer(4)
    learned = script.session.estimate
    script.answer(4)
    assert script.session.estimate == learned
    script.tap()
    assert script.phase is Phase.HOLD


def test_the_8_minutes_must_leave_time_for_all_holds():
    other = Site.named("levator-scapulae-left")
    history = HistoryLoaded(0, contacts=(PastContact(other, 375.0, 3600.0),))
    assert Script(Dose(credited_s=30, holds=2, rest_s=15), history=history).session.tool is not None
    refused = Script(Dose(credited_s=30, holds=3, rest_s=15), history=history)
    assert refused.ending == (Outcome.SHORT, "day-limit")
