"""What the person says, and what comes of it: presses, numbers, silence, too much, stop, symptoms, a slip."""

import asyncio
from collections.abc import Callable

import pytest

from controller.clock import SIMULATED_START, SimulatedClock
from controller.history import Whose, clear_site
from controller.journal import Journal
from protocols.commands import Arm, Ask, Cue, EnterPhase, LockSite, Message, Outcome, Phase, Question, ShowTarget, Tell
from protocols.events import Answered, Press, Pressed, StopRequested, WentOn
from protocols.plan import Dose
from protocols.site import Site
from tests.actor import Actor
from tests.whole_stack import SITE, Played, Stage, play

PATIENT = Dose(credited_s=30, time_at_pressure_s=120)
"""Time enough to come back, point by point, from a target that a pause has lowered."""


def typed(key: str, after_s: float = 3.0) -> Callable[[Stage], object]:
    async def script(stage: Stage) -> None:
        await stage.in_hold(after_s)
        stage.note("typed")
        stage.notes["felt_n"] = stage.session.estimate.felt_n
        stage.notes["credit_s"] = stage.session.credit.seconds
        stage.keys.press(key)

    return script


def asked(played: Played, question: Question) -> list[float]:
    return [at_s for at_s, command in played.given(Ask) if command.question is question]


def test_the_tap_at_five_sets_limit_and_target():
    played = play()
    tap = next(event for event in played.events if isinstance(event, Pressed))
    assert tap.via == "tool"
    assert played.figures.answers[0] == 5
    limits = [arm.force_limit_n for _, arm in played.given(Arm)]
    assert limits[-1] == pytest.approx(1.25 * played.figures.force_at_five_n, rel=0.1)


def test_every_answer_can_be_given_with_the_tools_button():
    played = play(person=Actor(), by_tool_only=True)
    presses = [event.press for event in played.events if isinstance(event, Pressed)]
    assert len(presses) >= 3
    assert not any(isinstance(event, Answered) for event in played.events)
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_double_press_in_a_hold_says_too_little_and_allows_more():
    async def script(stage: Stage) -> None:
        await stage.in_hold(4)
        stage.person.silent = True
        stage.note("pressed")
        stage.notes["aim_n"] = stage.session.pacing.aim_n
        stage.person.press(Press.DOUBLE, stage.now_ns + 50_000_000)
        await asyncio.sleep(5)
        stage.notes["later_n"] = stage.session.pacing.aim_n
        stage.person.silent = False

    played = play(script)
    assert "too-little" in played.figures.answers
    assert played.stage.notes["later_n"] > played.stage.notes["aim_n"]


def test_a_long_press_in_a_hold_eases_off_at_once():
    async def script(stage: Stage) -> None:
        await stage.in_hold(4)
        stage.notes["aim_n"] = stage.session.pacing.aim_n
        stage.person.press(Press.LONG, stage.now_ns + 50_000_000)
        await stage.until(lambda: "too-much" in stage.session.tally.answers)
        stage.note("understood")

    played = play(script)
    eased_s = played.cued(Cue.EASE_OFF, played.stage.notes["understood"] - 0.05)
    assert eased_s - played.stage.notes["understood"] < 0.05
    targets = [target.aim_n for at_s, target in played.given(ShowTarget, eased_s)]
    assert max(targets[:10]) < played.stage.notes["aim_n"]
    assert Phase.PAUSED not in played.phases


def test_a_second_too_much_in_a_hold_releases():
    async def script(stage: Stage) -> None:
        for wait_s in (4.0, 4.0):
            await stage.in_hold(wait_s)
            stage.person.press(Press.LONG, stage.now_ns + 50_000_000)
            await asyncio.sleep(2)

    played = play(script)
    assert Phase.PAUSED in played.phases


def test_a_seven_lowers_the_target_and_goes_on():
    played = play(typed("7"))
    typed_s = played.stage.notes["typed"]
    assert played.cued(Cue.EASE_OFF, typed_s) - typed_s < 0.1
    assert Phase.PAUSED not in played.phases
    assert played.figures.outcome is Outcome.COMPLETE


def test_an_eight_once_releases_and_goes_on_later_and_lower():
    played = play(typed("8"))
    notes = played.stage.notes
    assert played.cued(Cue.RELEASE, notes["typed"]) - notes["typed"] < 0.1
    offered_s = asked(played, Question.GO_ON)[0]
    assert 15.0 <= offered_s - notes["typed"] < 15.2
    went_on_s = next(event.at_ns * 1e-9 for event in played.events if isinstance(event, WentOn))
    assert went_on_s > offered_s
    assert not [event for event in played.events if isinstance(event, Pressed) and event.at_ns * 1e-9 > offered_s], (
        "who hears the app does not answer the tool's call as well"
    )
    phases = played.given(EnterPhase, went_on_s)
    approach_s = next(at_s for at_s, entered in phases if entered.phase is Phase.APPROACH)
    hold_s = next(at_s for at_s, entered in phases if entered.phase is Phase.HOLD)
    aims = [target.aim_n for at_s, target in played.given(ShowTarget, approach_s) if at_s <= hold_s]
    assert max(aims) <= 0.85 * notes["felt_n"] * 1.02
    credit = dict(played.credit_over_time())
    assert credit[max(at_s for at_s in credit if at_s <= hold_s)] >= notes["credit_s"], "credit is kept"
    assert played.figures.outcome is Outcome.COMPLETE


def test_an_eight_twice_ends_the_session():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.keys.press("8")
        await stage.phase(Phase.PAUSED)
        await stage.in_hold()
        stage.keys.press("9")

    played = play(script)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "too-much", 3)


def test_a_ten_in_the_approach_releases():
    async def script(stage: Stage) -> None:
        await stage.until(lambda: stage.session.phase is Phase.APPROACH and stage.session.force_n > 7)
        stage.keys.press("t")

    played = play(script)
    assert played.phases[: played.phases.index(Phase.PAUSED) + 1][-2:] == [Phase.APPROACH, Phase.PAUSED]


def test_silence_in_the_approach_ends_short():
    person = Actor()
    person.silent = True
    played = play(person=person)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "silence", 3)
    question_s = asked(played, Question.RATE_NOW)[0]
    assert played.cued(Cue.RELEASE) - question_s == pytest.approx(6.0, abs=0.1)
    louder = [at_s for at_s, command in played.given(Ask) if command.louder]
    assert louder[0] - question_s == pytest.approx(3.0, abs=0.1)


async def fall_silent(stage: Stage) -> None:
    await stage.in_hold(1.0)
    stage.person.silent = True


def test_two_unanswered_questions_in_a_hold_pause_and_then_end_short():
    played = play(fall_silent)
    assert Phase.PAUSED in played.phases
    questions_s = asked(played, Question.RATE_NOW)
    there_s = asked(played, Question.ARE_YOU_THERE)[0]
    assert len(set(questions_s)) == 4, "two, each asked once more"
    assert played.cued(Cue.RELEASE) == there_s
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "silence", 3)
    assert played.events[-1].at_ns * 1e-9 - there_s < 61


def test_i_am_here_resumes_a_silent_hold():
    async def script(stage: Stage) -> None:
        await fall_silent(stage)
        await stage.phase(Phase.PAUSED)
        await asyncio.sleep(3)
        stage.person.silent = False
        stage.keys.press("\n")

    played = play(script, dose=PATIENT)
    assert played.phases.count(Phase.HOLD) == 2
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_short_press_says_i_am_here_too():
    async def script(stage: Stage) -> None:
        await fall_silent(stage)
        await stage.phase(Phase.PAUSED)
        await asyncio.sleep(3)
        stage.person.press(Press.SHORT, stage.now_ns + 50_000_000)
        await stage.phase(Phase.CONTACT)
        stage.person.silent = False

    assert play(script, dose=PATIENT).figures.outcome is Outcome.COMPLETE


def test_are_you_there_reaches_a_person_through_the_tool_alone():
    async def script(stage: Stage) -> None:
        await fall_silent(stage)
        await stage.phase(Phase.PAUSED)
        stage.person.silent = False

    played = play(script, by_tool_only=True, dose=PATIENT)
    assert asked(played, Question.ARE_YOU_THERE)
    assert played.phases.count(Phase.HOLD) == 2
    assert played.figures.outcome is Outcome.COMPLETE


def test_go_on_reaches_a_person_through_the_tool_alone():
    played = play(typed("8"), by_tool_only=True, dose=PATIENT)
    assert asked(played, Question.GO_ON)
    assert played.phases.count(Phase.HOLD) == 2
    assert played.figures.outcome is Outcome.COMPLETE


def slip_for(seconds: float) -> Callable[[Stage], object]:
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("slipped")
        stage.person.blind = stage.person.numb = True
        stage.person.slip(stage.now_ns)
        await asyncio.sleep(seconds)
        stage.person.blind = stage.person.numb = False
        stage.person.place_again()

    return script


def test_a_slip_of_half_a_second_is_one_contact():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.person.forced_n = 0.0
        await asyncio.sleep(0.5)
        stage.person.forced_n = None

    played = play(script)
    assert Phase.PAUSED not in played.phases
    assert played.figures.outcome is Outcome.COMPLETE


def test_a_slip_of_five_seconds_pauses_and_goes_on():
    played = play(slip_for(5.0))
    assert played.first(Tell(Message.SLIPPED)) - played.stage.notes["slipped"] == pytest.approx(1.0, abs=0.15)
    assert played.phases.count(Phase.HOLD) == 2
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_slip_of_twenty_seconds_ends_the_hold():
    played = play(slip_for(20.0))
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "slip", 3)
    slipped_s = played.first(Tell(Message.SLIPPED))
    assert played.events[-1].at_ns * 1e-9 - slipped_s == pytest.approx(15.0, abs=1.0)


def test_a_stop_may_be_gone_on_from_after_a_while():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.person.silent = True
        stage.keys.press(" ")
        await stage.phase(Phase.PAUSED)
        await asyncio.sleep(5)
        stage.keys.press("\n")
        await asyncio.sleep(1)
        assert stage.session.phase is Phase.PAUSED, "not before 15 s"
        await asyncio.sleep(10)
        stage.person.silent = False
        stage.keys.press("\n")

    played = play(script, dose=PATIENT)
    assert played.phases.count(Phase.HOLD) == 2
    assert played.figures.outcome is Outcome.COMPLETE


@pytest.mark.parametrize("key", [" ", "q", "\x1b"])
def test_a_stop_and_another_end_the_session(key):
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.keys.press(key)
        await asyncio.sleep(2)
        stage.note("again")
        stage.keys.press(key)

    played = play(script)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "person", 3)
    assert played.events[-1].at_ns * 1e-9 - played.stage.notes["again"] < 3


def test_a_stop_that_only_the_tool_is_gone_on_from_is_the_reason_when_no_answer_follows():
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.APPROACH)
        await asyncio.sleep(4)
        stage.keys.press("q")

    played = play(script, by_tool_only=True)
    assert any(isinstance(event, Pressed) for event in played.events), "gone on by the tool's button"
    assert asked(played, Question.RATE_NOW)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "person", 3)


@pytest.mark.parametrize("phase", [Phase.TARE, Phase.CONTACT, Phase.APPROACH, Phase.HOLD, Phase.RELEASE])
def test_ctrl_c_ends_in_order_in_every_phase(phase):
    async def script(stage: Stage) -> None:
        await stage.phase(phase)
        await asyncio.sleep(0.3)
        stage.note("stopped")
        stage.runtime.post(StopRequested(stage.now_ns, "ctrl-c"))

    played = play(script)
    ended_s = played.events[-1].at_ns * 1e-9
    assert ended_s - played.stage.notes["stopped"] < 4
    assert not played.stage.tool.firmware.is_armed
    if phase in (Phase.APPROACH, Phase.HOLD):
        assert played.cued(Cue.RELEASE) - played.stage.notes["stopped"] < 0.05
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "ctrl-c", 3)


def test_a_symptom_stops_and_locks_the_site_for_the_next_session_until_it_is_cleared():
    journal = Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
    whose = Whose("me", "sim:scenario")
    first = play(typed("s"), journal=journal, whose=whose)
    assert (first.figures.outcome, first.figures.reason, first.code) == (Outcome.STOPPED, "symptom-other", 3)
    assert len(first.given(LockSite)) == 1
    assert first.first(Tell(Message.ADVICE)) - first.stage.notes["typed"] < 0.1

    later = SimulatedClock.after(first.record.ended_at, SIMULATED_START - SIMULATED_START)
    second = play(journal=journal, whose=whose, start_after=later)
    assert (second.figures.outcome, second.figures.reason, second.code) == (Outcome.SHORT, "locked", 3)
    assert not second.packets

    elsewhere = play(journal=journal, whose=whose, start_after=later, site=Site.named("upper-trapezius-right"))
    assert elsewhere.figures.outcome is Outcome.COMPLETE
    somebody = play(journal=journal, whose=Whose("you", "sim:scenario"), start_after=later)
    assert somebody.figures.outcome is Outcome.COMPLETE

    clear_site(journal.engine, whose, SITE, later.start)
    third = play(journal=journal, whose=whose, start_after=later)
    assert third.figures.outcome is Outcome.COMPLETE
    journal.close()
