"""A calibration in the engine alone: ramps with a tap at first pain and another at 5, and everything that may come."""

from dataclasses import replace
from itertools import pairwise
from math import inf
from statistics import fmean, stdev

import pytest

from protocols.calibrating import ramp_stop_n
from protocols.commands import Cue, LockSite, Message, Outcome, Phase, Question, ShowTarget, Tell
from protocols.events import HistoryLoaded, LinkRestored, PastContact, Press, Symptom, SymptomReported
from protocols.pacing import APPROACH_MARGIN
from protocols.plan import CALIBRATION_S, Band, Calibrate, Compress, Dose
from protocols.turn import Turn
from tests.engine_sessions import SITE, Script

PAIN_N, FIVE_N = 15.0, 18.0
ALONE = (Calibrate(),)
BEFORE_A_HOLD = (Calibrate(), Compress(Dose(credited_s=30)))


def begun(steps=ALONE, **changes) -> Script:
    return Script(steps=steps, **changes)


def to_felt(script: Script, force_n: float) -> Script:
    """Follow the present or the next ramp up to a felt force; the question at its stop is answered "not yet"."""

    def there() -> bool:
        if script.session.asking.question is Question.RATE_NOW and not script.session.ended:
            script.answer(4 if script.session.calibration.pain_n is not None else 2)
        return script.session.ended or (script.phase is Phase.RAMP and script.session.estimate.felt_n >= force_n)

    return script.follow(90, until=there)


def ramp(script: Script, pain_n: float = PAIN_N, five_n: float = FIVE_N) -> Script:
    to_felt(script, pain_n).tap()
    to_felt(script, five_n).tap()
    return script


def calibrated(steps=ALONE, **changes) -> Script:
    script = begun(steps, **changes)
    for _ in range(3):
        ramp(script)
    return script.follow(5)


def touched_before(seconds: int) -> Script:
    """Begin a calibration as if earlier ramps had taken so much contact."""
    script, total_ns = begun(), seconds * 1_000_000_000
    contact = replace(script.session.contact, total_ns=total_ns)
    tally = replace(script.session.tally, contact_before_ns=total_ns)
    script.session = replace(script.session, contact=contact, tally=tally)
    return script


def entered(script: Script, phase: Phase) -> list[float]:
    return [at_s for at_s, command in script.said if getattr(command, "phase", None) is phase]


def test_three_ramps_give_both_forces_three_times_and_are_the_whole_session():
    script = calibrated()
    found = script.figures.calibration
    assert script.ending == (Outcome.COMPLETE, "calibrated")
    # A press belongs to what was felt 0.6 s before it.
    assert found.ppt_n == pytest.approx([PAIN_N] * 3, abs=0.8)
    assert found.five_n == pytest.approx([FIVE_N] * 3, abs=0.8)
    assert (found.ppt_mean_n, found.ppt_sd_n) == (fmean(found.ppt_n), stdev(found.ppt_n))
    assert (found.five_mean_n, found.five_sd_n) == (fmean(found.five_n), stdev(found.five_n))
    assert [answer for answer in script.figures.answers if answer in {3, 5}] == [3, 5] * 3
    assert (script.figures.holds, script.figures.dose_s, script.figures.credited_s) == ((), 0, 0)
    assert script.figures.force_at_five_n == pytest.approx(FIVE_N, rel=0.1)


def test_ramps_start_30_s_apart_and_10_s_after_letting_go_and_the_person_is_told():
    script = calibrated()
    ramps, rests = entered(script, Phase.RAMP), entered(script, Phase.REST)
    assert len(ramps) == 3
    assert all(later - earlier >= 30 for earlier, later in pairwise(ramps))
    assert all(begun_s - rest_s >= 10 for rest_s, begun_s in zip(rests, ramps[1:], strict=True))
    told = [(at_s, tell.seconds) for at_s, tell in script.given(Tell) if tell.message is Message.RAMP_NEXT]
    assert [at_s for at_s, _ in told] == rests
    for (at_s, seconds), begun_s in zip(told, ramps[1:], strict=True):
        assert begun_s - at_s == pytest.approx(seconds, abs=1.5)


def test_silence_is_about_pain_then_about_5_then_about_nothing():
    script = begun()
    awaited = [to_felt(script, PAIN_N).session.estimate.awaits]
    script.tap()
    awaited.append(script.follow(1.5).session.estimate.awaits)
    to_felt(script, FIVE_N).tap()
    awaited.append(script.session.estimate.awaits)
    script.follow(60, until=lambda: script.phase is Phase.RAMP)
    awaited.append(script.session.estimate.awaits)
    assert awaited == [3, 5, None, 3]
    assert script.session.estimate.ln_silent < 0, "what was felt in the ramp before is no silence of this one"


def test_the_question_is_first_for_pain_then_for_five():
    script = ramp(begun())
    asks = [(ask.question, ask.rating) for _, ask in script.given_asks() if ask.question is not Question.RATE_NOW]
    assert asks == [(Question.TAP_AT_PAIN, 3), (Question.TAP_AT_FIVE, 5)]
    assert script.session.asking.question is None


def test_a_later_ramp_is_fast_to_70_percent_and_slow_from_first_pain_on():
    script = ramp(begun())
    to_felt(script, 10.0)
    fast = script.aims(entered(script, Phase.RAMP)[1])
    five_n = script.session.estimate.five_n
    to_felt(script, PAIN_N).tap()
    tapped_s, aim_n = script.now_s, script.aim_n
    script.follow(1.0)
    assert max(fast) >= 0.5 * five_n
    assert entered(script, Phase.RAMP)[1] + 4.5 > tapped_s - (PAIN_N / 0.05 / five_n)
    assert script.aim_n <= 1.08 * aim_n


def test_pain_before_the_fast_part_is_over_makes_the_ramp_slow():
    script = begun()
    script.follow(20, until=lambda: script.aim_n > 3.5 and script.phase is Phase.RAMP)
    script.tap()
    aim_n = script.aim_n
    script.follow(1.0)
    assert script.aim_n <= 1.14 * aim_n


def test_a_second_press_right_after_the_first_meant_5_with_both():
    script = to_felt(begun(), PAIN_N)
    script.tap()
    script.follow(0.6).tap()
    assert script.phase is Phase.RELEASE
    script.follow(5)
    [found] = script.session.calibration.ramps
    assert found.ppt_n is None
    assert found.five_n == pytest.approx(PAIN_N, abs=1.0)


def test_the_press_for_pain_is_learned_once_it_is_sure():
    script = to_felt(begun(), PAIN_N)
    before = script.session.estimate.cloud
    script.tap()
    script.follow(0.6)
    assert script.session.estimate.cloud is before
    script.follow(0.3)
    assert script.session.estimate.cloud is not before
    assert script.session.estimate.force_n(3) == pytest.approx(PAIN_N, rel=0.15)


@pytest.mark.parametrize(("rating", "pained"), [(0, False), (2, False), (3, True), (4, True)])
def test_numbers_below_5_say_not_yet_or_that_pain_has_begun(rating, pained):
    script = to_felt(begun(), PAIN_N)
    script.answer(rating)
    assert (script.session.calibration.pain_n is not None) is pained
    awaited = Question.TAP_AT_FIVE if pained else Question.TAP_AT_PAIN
    assert (script.phase, script.session.asking.question) == (Phase.RAMP, awaited)


@pytest.mark.parametrize("said", [5, 7, 8, Press.SHORT, Press.LONG])
def test_no_question_stands_after_a_ramp(said):
    script = to_felt(begun(), PAIN_N)
    script.answer(3)
    script.follow(1)
    if isinstance(said, Press):
        script.tap(said)
    else:
        script.answer(said)
    assert script.phase in {Phase.RELEASE, Phase.PAUSED}
    assert script.closed()[-1] == script.now_s
    assert script.session.asking.question is None


def test_a_4_for_first_pain_is_put_below_the_force_that_was_felt():
    three, four = to_felt(begun(), PAIN_N), to_felt(begun(), PAIN_N)
    three.answer(3)
    four.answer(4)
    assert four.session.calibration.pain_n < three.session.calibration.pain_n


def test_a_5_without_pain_before_it_ends_the_ramp_with_no_force_for_pain():
    script = to_felt(begun(), FIVE_N)
    script.answer(5)
    assert script.phase is Phase.RELEASE
    script.follow(5)
    [found] = script.session.calibration.ramps
    assert (found.ppt_n, found.five_n) == (None, pytest.approx(FIVE_N, abs=1.5))
    assert script.phase is Phase.REST


def test_silence_at_the_stop_is_asked_about_and_ends_in_release():
    script = begun()
    script.follow(120, until=lambda: script.session.ended)
    [asked_s] = script.asked(Question.RATE_NOW)
    stop_n = script.session.estimate.quantile_n(5, 0.75)
    assert max(script.aims()) <= 1.02 * stop_n
    assert entered(script, Phase.RELEASE)[0] - asked_s == pytest.approx(6.0, abs=0.1)
    assert script.ending == (Outcome.SHORT, "silence")
    assert Cue.RELEASE in script.cues()


@pytest.mark.parametrize("press", [Press.LONG, Press.DOUBLE])
def test_too_much_ends_the_ramp_and_the_next_one_stays_below_until_an_answer(press):
    script = to_felt(begun(), PAIN_N)
    script.tap(press)
    assert script.phase is Phase.RELEASE
    script.follow(10, until=lambda: script.phase is Phase.REST)
    [found] = script.session.calibration.ramps
    assert (found.ppt_n, found.five_n) == (None, None)
    assert script.session.estimate.awaits is None
    script.follow(60, until=lambda: script.session.asking.question is Question.RATE_NOW)
    second_s = entered(script, Phase.RAMP)[1]
    assert max(script.aims(second_s)) <= PAIN_N + 0.3


def test_a_second_too_much_pauses_and_after_going_on_the_ramp_is_gentler():
    script = begun()
    for _ in range(2):
        to_felt(script, 9.0).tap(Press.LONG)
    felt_n = script.session.estimate.felt_n
    assert script.phase is Phase.PAUSED
    script.follow(16).go_on()
    script.follow(20, until=lambda: script.session.asking.question is Question.RATE_NOW)
    assert script.phase is Phase.RAMP
    assert max(script.aims(entered(script, Phase.RAMP)[-1])) <= 0.86 * felt_n


@pytest.mark.parametrize("rating", [8, 10])
def test_an_8_releases_and_the_same_ramp_begins_again(rating):
    script = to_felt(begun(), FIVE_N)
    script.answer(rating)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    script.follow(16).go_on()
    script.follow(10, until=lambda: script.phase is Phase.RAMP)
    assert script.session.calibration.ramps == ()
    assert script.session.asking.question is Question.TAP_AT_PAIN
    to_felt(script, 8.0).answer(8)
    script.follow(5)
    assert script.ending == (Outcome.STOPPED, "too-much")


def test_an_8_while_letting_go_counts_as_if_it_had_come_before():
    script = ramp(begun())
    script.answer(8)
    assert (script.phase, script.session.calibration.ramps) == (Phase.PAUSED, ())
    assert script.session.pacing.ceiling_n <= 0.85 * FIVE_N + 0.5


@pytest.mark.parametrize("press", [Press.LONG, Press.DOUBLE])
def test_too_much_pressed_while_letting_go_of_a_ramp_is_learned_and_keeps_the_next_one_lower(press):
    script = ramp(begun())
    calm_n = script.session.estimate.force_n(5)
    script.tap(press)
    assert script.phase is Phase.RELEASE
    assert script.session.estimate.force_n(5) < 0.99 * calm_n
    assert script.session.pacing.ceiling_n <= script.session.estimate.force_n(5)
    script.follow(60, until=lambda: script.phase is Phase.RAMP).follow(12)
    assert max(script.aims(after_s=script.now_s - 11)) <= script.session.pacing.ceiling_n + 0.01
    assert script.session.calibration.ramps[0].five_n == pytest.approx(FIVE_N, abs=1.0)


def test_a_second_too_much_while_letting_go_of_a_ramp_pauses_until_the_person_goes_on():
    script = ramp(begun())
    script.tap(Press.LONG)
    script.tap(Press.LONG)
    assert (script.phase, script.session.pause.why) == (Phase.PAUSED, "too-much")
    assert script.session.ending is None, "the ramp is to be gone through again"
    assert script.session.calibration.ramps == ()


def test_a_7_while_letting_go_of_a_ramp_keeps_the_next_one_lower():
    script = ramp(begun())
    calm_n = script.session.estimate.force_n(5)
    script.answer(7)
    assert script.phase is Phase.RELEASE
    assert script.session.pacing.ceiling_n < calm_n


def test_too_much_after_the_last_ramp_is_learned():
    script = begun()
    for _ in range(3):
        ramp(script)
    before = script.session.estimate.cloud
    script.tap(Press.LONG)
    assert script.session.estimate.cloud is not before
    assert script.session.tally.answers[-1] == "too-much"
    assert script.follow(5).ending == (Outcome.COMPLETE, "calibrated")


def test_a_6_above_a_band_of_4_to_5_allows_no_more_force():
    script = begun((Calibrate(Dose(band=Band(4, 5))),))
    to_felt(script, PAIN_N).tap()
    to_felt(script, FIVE_N).tap(Press.LONG)
    ceiling_n = script.session.pacing.ceiling_n
    script.follow(60, until=lambda: script.phase is Phase.RAMP)
    script.follow(40, until=lambda: script.session.estimate.felt_n > 0.98 * ceiling_n).follow(1.5)
    assert script.phase is Phase.RAMP
    script.answer(6)
    assert script.session.pacing.ceiling_n <= ceiling_n


def test_a_short_press_while_letting_go_of_a_ramp_means_nothing():
    script = ramp(begun())
    before = script.session.estimate.cloud
    script.tap()
    assert script.session.estimate.cloud is before
    assert script.phase is Phase.RELEASE


def test_a_hold_after_ramps_begins_at_most_5_percent_above_the_last_5():
    script = begun(BEFORE_A_HOLD)
    for five_n in (18.0, 20.0, 16.0):
        ramp(script, 14.0, five_n)
    script.follow(90, until=lambda: script.phase is Phase.APPROACH)
    assert script.session.pacing.ceiling_n == pytest.approx(1.05 * script.session.calibration.ramps[-1].five_n)


def test_a_stop_a_symptom_and_ctrl_c_end_as_in_a_hold():
    script = to_felt(begun(), PAIN_N)
    script.stop()
    assert script.phase is Phase.PAUSED
    script.follow(2).stop()
    assert script.ending == (Outcome.STOPPED, "person")
    script = to_felt(begun(), PAIN_N)
    script.give(SymptomReported(script.now_ns, Symptom.NUMBNESS))
    assert script.given(LockSite)
    assert script.follow(5).ending == (Outcome.STOPPED, "symptom-numbness")
    script = to_felt(begun(), PAIN_N)
    script.stop("ctrl-c")
    assert script.phase is Phase.RELEASE
    assert script.follow(5).ending == (Outcome.STOPPED, "ctrl-c")


def test_a_slip_begins_the_ramp_again_without_its_first_tap():
    script = to_felt(begun(), PAIN_N)
    script.tap()
    script.let_go(2)
    assert script.session.pause.why == "slip"
    script.follow(3)
    assert (script.phase, script.session.hold) == (Phase.RAMP, 1)
    assert script.session.calibration.pain_n is None
    assert script.session.asking.question is Question.TAP_AT_PAIN
    ramp(script).follow(5)
    assert len(script.session.calibration.ramps) == 1


def test_a_touch_in_a_rest_is_no_ramp():
    script = ramp(begun())
    script.follow(20, until=lambda: script.phase is Phase.REST)
    script.press_at(4.0, 1).let_go(1).stop("ctrl-c")
    assert script.ending == (Outcome.STOPPED, "ctrl-c")
    assert len(script.figures.calibration.five_n) == 1


def test_a_lost_link_pauses_and_the_ramp_begins_again_from_a_light_touch():
    script = to_felt(begun(), PAIN_N)
    script.silence(1.6)
    assert (script.phase, script.cue) == (Phase.PAUSED, Cue.RELEASE)
    script.give(LinkRestored(script.now_ns))
    script.let_go(1.5)
    back_s = script.now_s
    script.follow(10, until=lambda: script.phase is Phase.RAMP)
    assert script.aims(back_s)[0] <= 4.1
    assert script.session.calibration.ramps == ()


def test_contact_in_all_ramps_is_at_most_two_minutes():
    script = touched_before(90)
    script.follow(60, until=lambda: script.phase is Phase.RELEASE)
    assert script.session.contact.total_ns == pytest.approx(CALIBRATION_S * 1e9, abs=2e8)
    script.follow(5)
    assert script.ending == (Outcome.SHORT, "ramps")


def test_a_ramp_is_not_begun_that_the_two_minutes_do_not_hold():
    script = touched_before(95)
    to_felt(script, FIVE_N).answer(5)
    script.follow(60)
    assert script.ending == (Outcome.SHORT, "ramps")
    assert len(script.figures.calibration.five_n) == 1


def test_the_longest_ramp_is_the_longest_approach():
    script = begun((Calibrate(Dose(approach_s=10)),))
    script.follow(30, until=lambda: script.session.ended)
    assert script.ending == (Outcome.SHORT, "approach")
    assert script.figures.contact_s < 13


def test_a_5_above_the_cap_ends_short_and_says_why():
    script = begun((Calibrate(Dose(force_limit_n=12)),))
    script.follow(60, until=lambda: script.session.asking.question is Question.RATE_NOW)
    script.answer(2)
    assert script.told(Message.CAP_REACHED)
    assert script.follow(5).ending == (Outcome.SHORT, "cap")
    assert max(script.aims()) <= APPROACH_MARGIN * 12 + 0.01


def test_nothing_is_credited_and_every_target_is_under_the_limit():
    script = calibrated()
    for _, _, after, commands in script.steps:
        assert after.credit.seconds == 0.0
        for command in commands:
            if isinstance(command, ShowTarget):
                assert command.aim_n <= APPROACH_MARGIN * after.guard.limit_n + 0.01


def test_the_limit_is_that_of_the_5_from_the_next_ramp_on():
    script = ramp(begun())
    five_n = script.session.calibration.five_n
    script.follow(60, until=lambda: script.phase is Phase.RAMP and script.session.hold == 2)
    assert script.session.guard.limit_n == pytest.approx(1.25 * five_n)


def test_a_limit_kept_up_for_who_was_led_above_it_is_not_that_of_the_next_ramp():
    script = begun()
    script.follow(20, until=lambda: script.phase is Phase.RAMP)
    script.follow(2.5).answer(5)
    found_n = script.session.found_limit_n
    assert script.session.guard.limit_n > 1.05 * found_n
    script.follow(60, until=lambda: script.phase is Phase.RAMP)
    assert script.session.guard.limit_n == pytest.approx(found_n)


@pytest.mark.parametrize("five_n", [10, 15, 20])
@pytest.mark.parametrize("what", [7, Press.LONG])
def test_too_much_in_a_later_ramp_raises_no_limit(five_n, what):
    script = Script(steps=(Calibrate(Dose()),))
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 0.9 * five_n)
    script.tap()
    script.follow(3, until=lambda: script.session.estimate.felt_n >= five_n)
    script.tap()
    script.follow(40, until=lambda: script.phase is Phase.RAMP)
    script.follow(60, until=lambda: script.session.estimate.felt_n >= five_n)
    limit_n = script.session.found_limit_n
    script.say(what)
    assert script.session.found_limit_n <= min(limit_n, 1.2501 * script.session.estimate.five_n)


def test_a_hold_follows_after_a_rest_with_its_5_known():
    script = calibrated(BEFORE_A_HOLD)
    assert [tell.message for _, tell in script.given(Tell)][-1] is Message.HOLD_NEXT
    rest_s = entered(script, Phase.REST)[-1]
    script.follow(60, until=lambda: script.phase is Phase.HOLD)
    assert entered(script, Phase.APPROACH)[-1] - rest_s >= 30
    assert not script.asked(Question.TAP_AT_FIVE, rest_s), "the 5 is known"
    assert entered(script, Phase.HOLD)[-1] - entered(script, Phase.APPROACH)[-1] < 16
    script.hold_for(90, until_release=True).follow(5)
    figures = script.figures
    assert (figures.outcome, figures.reason, figures.dose_s) == (Outcome.COMPLETE, "dose", 30)
    assert figures.credited_s == 30
    assert len(figures.holds) == 1
    assert len(figures.calibration.five_n) == 3
    assert figures.contact_s > figures.holds[0].contact_s + 30


def test_a_hold_whose_calibration_found_no_5_looks_for_it():
    script = begun((Calibrate(ramps=1), Compress(Dose(credited_s=30))))
    to_felt(script, 9.0).tap(Press.LONG)
    script.follow(90, until=lambda: script.phase is Phase.APPROACH)
    assert script.session.asking.question is Question.TAP_AT_FIVE
    assert script.session.estimate.awaits == 5.0


def test_the_change_is_against_the_last_calibration_here():
    script = calibrated(history=HistoryLoaded(0, ppt_n=12.0))
    found = script.figures.calibration
    assert found.ppt_change_n == pytest.approx(found.ppt_mean_n - 12.0)
    for unusable in (0.0, -3.0, inf):
        assert calibrated(history=HistoryLoaded(0, ppt_n=unusable)).figures.calibration.ppt_change_n is None


@pytest.mark.parametrize(
    ("used_s", "steps", "refused"),
    [(419, ALONE, False), (421, ALONE, True), (359, BEFORE_A_HOLD, False), (376, BEFORE_A_HOLD, True)],
)
def test_the_day_holds_a_calibration_too(used_s, steps, refused):
    other = replace(SITE, side="right")
    script = begun(steps, history=HistoryLoaded(0, contacts=(PastContact(other, used_s, 3600.0),)))
    assert script.session.ended is refused
    assert not refused or script.ending == (Outcome.SHORT, "day-limit")


def test_a_zero_that_was_off_after_a_ramp_makes_the_calibration_suspect():
    script = ramp(begun())
    script.press_at(1.6, 3)
    assert script.session.calibration.ramps[0].suspect
    assert script.figures.calibration.suspect


def test_an_answer_below_5_lets_the_ramp_rise_5_percent_whatever_is_believed():
    script = to_felt(begun(), PAIN_N)
    felt_n = script.session.estimate.felt_at(script.now_ns - 1_000_000_000)
    script.answer(2)
    assert script.session.calibration.allowed_n == pytest.approx(1.05 * felt_n)
    believed_n, limit_n = script.session.estimate.quantile_n(5, 0.75), script.session.guard.limit_n

    def stop_n(allowed_n: float, ceiling_n: float = inf) -> float:
        calibration = replace(script.session.calibration, allowed_n=allowed_n)
        pacing = replace(script.session.pacing, ceiling_n=ceiling_n)
        turn = Turn(replace(script.session, calibration=calibration, pacing=pacing), script.now_ns)
        return ramp_stop_n(turn, script.session.estimate)[0]

    assert stop_n(believed_n - 1) == believed_n
    assert stop_n(believed_n + 1) == believed_n + 1
    assert stop_n(believed_n + 1, ceiling_n=9.0) == 9.0
    assert stop_n(2 * limit_n) == pytest.approx(APPROACH_MARGIN * limit_n)


@pytest.mark.parametrize(("light_n", "hard_n"), [(3.0, 5.0), (4.0, 4.0), (4.0, 6.0)])
def test_a_target_that_was_eased_off_to_nothing_rises_again(light_n, hard_n):
    script = Script(steps=(Calibrate(),))
    script.let_go(1).press_at(light_n, 1.5).let_go(1.3)
    script.tap(Press.LONG)
    script.let_go(16)
    script.go_on()
    script.let_go(2)
    script.press_at(light_n, 1.0)
    script.tap()
    script.press_at(hard_n, 5)
    script.ramp(0.4, 1.0).press_at(0.4, 0.5)
    assert script.phase is Phase.RAMP
    script.press_at(1.0, 0.3)
    assert script.aim_n >= 0.0
