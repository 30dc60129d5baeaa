"""dose.md: slips, lost links, silence, "too much", stop and the one "go on"."""

from dataclasses import replace

import pytest

from protocols.commands import Arm, Cue, Disarm, Message, Outcome, Phase, Question, Tare
from protocols.events import (
    AlarmCause,
    Armed,
    ArmRefused,
    InboxOverflowed,
    LinkRestored,
    Press,
    Sampled,
    Tared,
    TareRefused,
    ToolAlarmed,
    ToolConnected,
    ToolFailed,
)
from protocols.plan import Dose
from tests.engine_sessions import TOOL, Script


def in_hold(dose=None, **changes) -> Script:
    script = Script(dose, **changes) if dose is not None else Script(**changes)
    return script.to_five().hold_for(4)


def test_a_gap_under_one_second_is_part_of_the_contact_and_a_longer_one_is_a_slip():
    script = in_hold()
    script.let_go(0.9).press_at(19.0, 0.5)
    assert script.phase is Phase.HOLD
    script.let_go(1.2)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.PRESS_MORE)
    assert script.told(Message.SLIPPED)


def test_after_a_slip_the_way_back_begins_with_a_light_touch():
    script = in_hold()
    aim_n, credit_s, slipped_s = script.aim_n, script.credit_s, script.now_s
    script.let_go(1.5)
    assert script.aims()[-1] < 6.0
    script.follow(4.0)
    assert script.phase is Phase.APPROACH
    script.follow(20, until=lambda: script.phase is Phase.HOLD)
    assert script.phase is Phase.HOLD
    # Until the slip is noticed, a second later, the aim goes on.
    assert max(script.aims(slipped_s + 1.1)) <= 1.02 * aim_n
    assert script.credit_s == credit_s


def test_a_slip_of_15_s_ends_the_hold():
    script = in_hold().let_go(15.5)
    assert script.phase is Phase.PAUSED
    script.let_go(3.0)
    assert script.ending == (Outcome.SHORT, "slip")


def test_a_slip_in_the_first_of_two_holds_ends_that_hold_alone_and_the_session_is_short():
    script = in_hold(Dose(credited_s=30, holds=2, rest_s=15)).let_go(17.5)
    assert script.phase is Phase.REST
    script.follow(25, until=lambda: script.phase is Phase.HOLD)
    assert script.session.hold == 2
    script.hold_for(120)
    assert [hold.complete for hold in script.figures.holds] == [False, True]
    assert script.ending == (Outcome.SHORT, "slip")


def test_under_half_a_second_without_samples_nothing_changes_then_the_target_is_frozen_then_release():
    script = in_hold()
    aim_n, credit_s = script.aim_n, script.credit_s
    script.silence(1.45)
    assert (script.phase, script.aim_n, script.credit_s) == (Phase.HOLD, aim_n, credit_s)
    script.silence(0.1)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    assert script.told(Message.LINK_LOST)


def test_samples_that_come_half_a_second_late_earn_nothing_and_move_no_target():
    script = in_hold()
    aim_n, credit_s = script.aim_n, script.credit_s
    for i in range(20):
        script.now_ns += 50_000_000
        first_ns = script.now_ns - 600_000_000
        script.give(Sampled(script.now_ns, first_ns, 10_000_000, tuple(15.0 + 0.01 * (i % 5 + k) for k in range(5))))
    assert (script.phase, script.aim_n, script.credit_s) == (Phase.HOLD, aim_n, credit_s)


def test_a_link_back_within_60_s_below_2_n_is_armed_and_approached_to_90_percent_with_credit_kept():
    script = in_hold()
    aim_n, credit_s = script.aim_n, script.credit_s
    script.silence(30)
    script.press_at(10.0, 2.0)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    back_s = script.now_s
    script.let_go(0.3)
    assert script.given(Arm, back_s)
    assert script.phase is Phase.CONTACT
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    assert script.phase is Phase.HOLD
    assert max(script.aims(back_s)) <= 0.9 * aim_n + 0.01
    assert script.credit_s == credit_s
    assert len(script.figures.holds) == 1


def test_a_link_away_for_60_s_ends_short_as_the_tools_failure():
    script = in_hold().silence(62)
    assert script.ending == (Outcome.SHORT, "link")
    assert script.figures.tool_failed


def test_a_tool_that_lost_its_zero_is_disarmed_and_tared_before_it_is_armed():
    script = in_hold().silence(3)
    back_s = script.now_s
    script.now_ns += 1
    script.give(LinkRestored(script.now_ns, rebooted=True))
    script.let_go(0.3)
    kinds = [type(c) for at_s, c in script.said if at_s >= back_s and isinstance(c, Disarm | Tare | Arm)]
    assert kinds[:3] == [Disarm, Tare, Arm]


def test_an_armed_answer_that_is_late_does_not_skip_the_tare():
    script = in_hold().silence(3)
    script.replies_to_requests = False
    script.give(LinkRestored(script.now_ns, rebooted=True))
    script.let_go(0.3)
    assert script.phase is Phase.TARE
    script.give(Armed(script.now_ns, 30.0, 100.0))
    assert script.phase is Phase.TARE
    script.give(Tared(script.now_ns, 0.0))
    script.give(Armed(script.now_ns, 30.0, 100.0))
    assert script.phase is Phase.CONTACT


def test_a_tool_that_rebooted_within_a_hold_pauses_for_its_zero_is_lost():
    script = in_hold()
    script.give(LinkRestored(script.now_ns, rebooted=True))
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)


def test_a_tool_that_cannot_arm_comes_back_too():
    script = in_hold(tool=replace(TOOL, can_arm=False))
    script.silence(3).let_go(0.5)
    assert script.phase is Phase.CONTACT
    assert not script.given(Arm)


def test_a_link_lost_while_the_tool_is_not_yet_back_on_the_site_keeps_the_target_to_come_back_to():
    script = in_hold()
    aim_n = script.aim_n
    script.silence(3).let_go(0.5)
    assert script.phase is Phase.CONTACT
    script.silence(3).let_go(0.5)
    script.follow(40, until=lambda: script.phase is Phase.HOLD)
    assert 0.74 * aim_n < script.aim_n <= 0.81 * aim_n + 0.01


def test_a_link_lost_in_the_rest_shortens_no_rest_and_adds_no_hold():
    script = Script(Dose(credited_s=30, holds=2, rest_s=30)).to_five().hold_for(120, until_release=True)
    script.follow(4, until=lambda: script.phase is Phase.REST)
    rest_s = script.now_s
    script.silence(5).let_go(20)
    assert script.phase is Phase.REST
    script.follow(20, until=lambda: script.phase is Phase.CONTACT)
    assert script.now_s - rest_s == pytest.approx(30.0, abs=0.1)
    script.hold_for(150)
    assert script.ending == (Outcome.COMPLETE, "dose")
    assert len(script.figures.holds) == 2


def test_two_questions_unanswered_in_a_row_release_and_ask_are_you_there():
    script = in_hold()
    script.hold_for(60, answer=None)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    assert len(script.asked(Question.ARE_YOU_THERE)) == 1
    asked = script.asked(Question.RATE_NOW)
    assert asked[-1] - asked[-2] >= 10.0
    script.go_on()
    script.let_go(0.5)
    assert script.phase is Phase.CONTACT
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    assert script.phase is Phase.HOLD


def test_one_answer_between_two_unanswered_questions_is_enough():
    script = in_hold()
    script.follow(14, until=lambda: len(script.asked(Question.RATE_NOW)) == 1)
    script.follow(6.2)
    assert script.session.asking.unanswered == 1
    script.answer(5)
    assert script.session.asking.unanswered == 0


def test_a_slip_between_two_unanswered_questions_does_not_forgive_the_first():
    script = in_hold()
    script.follow(14, until=lambda: len(script.asked(Question.RATE_NOW)) == 1)
    script.follow(6.2)
    script.let_go(1.2)
    assert script.session.asking.unanswered == 1


def test_silence_after_are_you_there_ends_short():
    script = in_hold().hold_for(60, answer=None).let_go(60)
    assert script.ending == (Outcome.SHORT, "silence")
    assert not script.figures.tool_failed


@pytest.mark.parametrize("stops", [False, True])
def test_after_an_8_or_a_stop_the_person_may_go_on_after_15_s_at_85_percent_with_credit_kept(stops):
    script = in_hold()
    lag_ns = 0 if stops else 1_000_000_000
    felt_n, credit_s = script.session.estimate.felt_at(script.now_ns - lag_ns), script.credit_s
    script.stop() if stops else script.answer(8)
    released_s = script.now_s
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    script.let_go(14.0)
    script.go_on()
    script.let_go(0.5)
    assert script.phase is Phase.PAUSED, "no earlier than after 15 s"
    script.let_go(1.0)
    assert script.asked(Question.GO_ON) == [pytest.approx(released_s + 15.0, abs=0.06)]
    script.go_on()
    script.let_go(0.2)
    again_s = script.now_s
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    script.hold_for(5, answer=None)
    assert max(script.aims(again_s)) <= 0.85 * felt_n * 1.01
    assert script.session.holds == ()
    assert script.credit_s >= credit_s


@pytest.mark.parametrize("second", ["answer", "stop"])
def test_a_second_8_or_stop_ends_the_session(second):
    script = in_hold()
    script.answer(9)
    script.let_go(16)
    script.go_on()
    script.follow(30, until=lambda: script.phase is Phase.HOLD)
    script.answer(8) if second == "answer" else script.stop()
    assert script.phase is Phase.RELEASE
    script.follow(4)
    assert script.ending == (Outcome.STOPPED, "too-much" if second == "answer" else "person")


@pytest.mark.parametrize(
    ("answer", "ending"),
    [(None, (Outcome.STOPPED, "person")), (2, (Outcome.SHORT, "silence"))],
)
def test_an_approach_that_nobody_answers_after_a_stop_ended_by_the_stop(answer, ending):
    script = Script().follow(8)
    assert script.phase is Phase.APPROACH
    script.stop()
    script.let_go(16)
    script.go_on()
    script.follow(60, until=lambda: script.session.asking.question is Question.RATE_NOW)
    if answer is not None:
        script.follow(1.5)
        script.answer(answer)
        script.follow(60, until=lambda: script.session.asking.question is Question.RATE_NOW)
    script.follow(20, until=lambda: script.session.ended)
    assert script.ending == ending


def test_nobody_who_says_nothing_after_an_8_goes_on():
    script = in_hold()
    script.answer(8)
    script.let_go(61)
    script.let_go(3)
    assert script.ending == (Outcome.STOPPED, "too-much")


def test_an_8_in_a_slip_or_a_lost_link_needs_go_on_too():
    for interrupt in (lambda s: s.let_go(1.3), lambda s: s.silence(1.6)):
        script = in_hold()
        interrupt(script)
        script.answer(9)
        assert script.cue is Cue.RELEASE
        script.let_go(5)
        assert script.phase is Phase.PAUSED
        assert len(script.session.strikes) == 1


def test_too_much_in_a_slip_releases():
    script = in_hold().let_go(1.3)
    script.tap(Press.LONG)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)


def test_an_8_between_two_holds_ends_the_session():
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five().hold_for(120, until_release=True)
    script.follow(4, until=lambda: script.phase is Phase.REST)
    script.answer(9)
    script.let_go(3)
    assert script.ending == (Outcome.STOPPED, "too-much")


def test_ctrl_c_ends_in_order_and_can_not_be_gone_on_from():
    script = in_hold()
    script.stop("ctrl-c")
    assert (script.phase, script.cue) == (Phase.RELEASE, Cue.RELEASE)
    script.follow(4)
    assert script.ending == (Outcome.STOPPED, "ctrl-c")


def test_an_overflow_pauses():
    script = in_hold()
    script.give(InboxOverflowed(script.now_ns, 4))
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    script.press_at(10.0, 1.0)
    assert script.phase is Phase.PAUSED
    script.let_go(0.3)
    assert script.phase is Phase.CONTACT


def test_an_overflow_while_the_zero_is_set_asks_for_it_again():
    script = Script(ready=False)
    script.replies_to_requests = False
    script.give(ToolConnected(0, TOOL))
    assert len(script.given(Tare)) == 1
    script.give(InboxOverflowed(0, 1))
    assert len(script.given(Tare)) == 2


def test_a_stop_counts_before_a_slip_and_a_failed_tool_before_both():
    script = in_hold()
    script.give(InboxOverflowed(script.now_ns, 4))
    script.stop()
    script.press_at(5.0, 0.2)
    script.give(ToolFailed(script.now_ns, "gone"))
    assert script.ending == (Outcome.SHORT, "link")
    assert script.figures.tool_failed


def test_a_tool_that_will_not_tare_is_asked_again_and_given_up_in_the_end():
    script = Script(ready=False)
    script.replies_to_requests = False
    script.give(ToolConnected(0, TOOL))
    for _ in range(21):
        script.give(TareRefused(script.now_ns, "moved"))
        script.silence(2.1)
    assert len(script.given(Tare)) > 10
    assert script.ending == (Outcome.STOPPED, "tare")


def test_a_tool_that_will_not_arm_in_a_hold_ends_it():
    script = in_hold()
    script.give(ArmRefused(script.now_ns, "loaded"))
    script.follow(4)
    assert script.ending == (Outcome.STOPPED, "arm")


@pytest.mark.parametrize("slipped", [False, True])
def test_a_tool_that_guards_no_more_pauses_and_is_armed_before_the_next_contact(slipped):
    script = in_hold()
    if slipped:
        script.let_go(1.3)
    script.give(ToolAlarmed(script.now_ns, AlarmCause.HEARTBEAT_LOST))
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    alarmed_s = script.now_s
    script.let_go(0.3)
    assert script.phase is Phase.CONTACT
    assert script.given(Arm, alarmed_s)


def test_a_tool_that_rebooted_in_a_slip_is_tared_and_armed():
    script = in_hold().let_go(1.3)
    restored_s = script.now_s
    script.give(LinkRestored(script.now_ns, rebooted=True))
    script.let_go(0.3)
    assert script.given(Tare, restored_s)
    assert script.given(Arm, restored_s)
    assert script.phase is Phase.CONTACT


@pytest.mark.parametrize("zero_set", [False, True])
def test_a_tool_that_answers_neither_tare_nor_arm_is_asked_again_and_given_up_after_a_minute(zero_set):
    script = Script(ready=False)
    script.replies_to_requests = False
    script.give(ToolConnected(0, TOOL))
    if zero_set:
        script.give(Tared(0, 0.0))
    script.silence(50)
    assert len(script.given(Tare)) == 9
    assert not script.session.ended
    script.silence(20)
    assert script.ending == (Outcome.STOPPED, "tare")
    assert script.figures.tool_failed


def test_a_link_that_is_back_in_a_tare_disarms_first_for_an_armed_tool_refuses():
    script = in_hold().silence(3)
    script.replies_to_requests = False
    script.let_go(0.3)
    assert script.phase is Phase.TARE
    back_s = script.now_s
    script.now_ns += 1
    script.give(LinkRestored(script.now_ns))
    kinds = [type(c) for at_s, c in script.said if at_s >= back_s and isinstance(c, Disarm | Tare)]
    assert kinds[-2:] == [Disarm, Tare]
    refused_s = script.now_s
    script.give(TareRefused(script.now_ns, "armed"))
    script.let_go(2.2)
    assert script.given(Disarm, refused_s + 0.01)


def test_a_limit_that_the_tool_did_not_confirm_is_sent_again_every_two_seconds_and_once_the_link_is_back():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20.0)
    script.replies_to_requests = False
    script.answer(5)
    script.press_at(19.0, 2.0)
    assert script.session.guard.limit_n == script.session.found_limit_n
    sent_s = script.given(Arm)[-1][0] - 0.01
    assert len(script.given(Arm, sent_s)) == 1
    script.give(LinkRestored(script.now_ns))
    assert len(script.given(Arm, sent_s)) == 2
    script.press_at(19.0, 2.1)
    assert len(script.given(Arm, sent_s)) == 3
    script.give(Armed(script.now_ns, script.session.guard.limit_n + 0.005, 100.0))
    script.press_at(19.0, 3.0)
    script.give(LinkRestored(script.now_ns))
    assert len(script.given(Arm, sent_s)) == 3


def test_slips_of_a_minute_in_all_end_the_hold():
    script = in_hold()
    for _ in range(4):
        script.let_go(14.0).press_at(5.0, 0.5)
        assert script.phase is Phase.APPROACH
    script.let_go(13.0)
    assert script.phase is not Phase.APPROACH
    script.let_go(3.0)
    assert script.ending == (Outcome.SHORT, "slip")


def test_an_8_after_letting_go_of_an_unfinished_approach_is_about_the_force_before():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 15.0)
    felt_n = script.session.estimate.felt_n
    script.let_go(4.5)
    assert script.session.estimate.felt_at(script.now_ns - 1_000_000_000) < 2.0
    script.answer(8)
    assert script.session.pacing.ceiling_n <= 0.85 * felt_n * 1.02


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_a_tool_that_goes_silent_while_the_person_lets_go_has_failed_too(seconds):
    script = in_hold()
    script.stop(by="ctrl-c")
    script.press_at(script.force_n, seconds or 0.05)
    assert script.phase is Phase.RELEASE
    script.silence(3.0)
    assert script.ending == (Outcome.STOPPED, "ctrl-c")
    assert script.figures.tool_failed
    assert script.told(Message.LINK_LOST)


def test_a_dose_that_was_done_stays_done_if_the_tool_goes_silent_then():
    script = in_hold()
    script.hold_for(80, until_release=True)
    assert script.phase is Phase.RELEASE
    script.silence(3.0)
    assert script.ending == (Outcome.COMPLETE, "dose")
    assert not script.figures.tool_failed
    assert script.told(Message.LINK_LOST)


def test_a_tool_that_goes_silent_before_its_zero_was_looked_at_has_failed_too():
    script = in_hold()
    script.stop(by="ctrl-c")
    script.let_go(0.3)
    assert script.phase is Phase.RELEASE
    script.silence(3.0)
    assert script.ending == (Outcome.STOPPED, "ctrl-c")
    assert script.figures.tool_failed


def test_silence_after_too_much_in_the_approach_is_silence_and_no_stop():
    script = Script()
    script.follow(60, until=lambda: script.phase is Phase.APPROACH)
    script.follow(6)
    script.let_go(1.5).answer(9)
    script.let_go(16)
    script.go_on()
    script.let_go(0.3)
    script.follow(80, until=lambda: script.session.ended)
    assert script.ending == (Outcome.SHORT, "silence")


def test_too_much_on_the_way_back_ends_the_way_back():
    script = in_hold(Dose(credited_s=60))
    script.silence(1.6)
    script.let_go(1)
    script.follow(20, until=lambda: script.phase is Phase.APPROACH and script.session.estimate.felt_n >= 12)
    assert script.phase is Phase.APPROACH
    felt_n, told_s = script.session.estimate.felt_n, script.now_s
    script.answer(7)
    ceiling_n = script.session.pacing.ceiling_n
    assert ceiling_n <= 0.98 * felt_n
    script.follow(4)
    assert max(script.aims(told_s)) <= ceiling_n + 0.01
    assert script.phase is Phase.HOLD
