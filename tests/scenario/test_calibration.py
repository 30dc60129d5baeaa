"""A calibration over the whole stack: person, tool, radio, link, runtime, journal."""

import asyncio
from itertools import pairwise

import pytest

from controller.clock import SIMULATED_START
from controller.history import load_history
from controller.journal import Journal
from protocols.commands import Ask, Cue, EnterPhase, Outcome, Phase, Question, ShowTarget
from protocols.events import Answered, Press, Pressed
from protocols.plan import Calibrate, Compress, Dose, Protocol
from protocols.site import REFERENCE_TIP_MM
from tests.actor import STEADY, Actor
from tests.whole_stack import SITE, WHOSE, Played, Stage, play

ALONE = Protocol("calibration", "Calibration", (Calibrate(),))
BEFORE_A_HOLD = Protocol("both", "Both", (Calibrate(), Compress(Dose(credited_s=30))))
PAIN_N = STEADY.body.ppt_n
FIVE_N = 16.8


def begins(played: Played, phase: Phase) -> list[float]:
    return [at_s for at_s, entered in played.given(EnterPhase) if entered.phase is phase]


def test_a_calibration_finds_the_persons_own_forces():
    played = play(protocol=ALONE)
    found = played.figures.calibration
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.COMPLETE, "calibrated", 0)
    assert found.ppt_mean_n == pytest.approx(PAIN_N, rel=0.08)
    assert found.five_mean_n == pytest.approx(FIVE_N, rel=0.08)
    assert found.ppt_sd_n < 1.0
    assert None not in (*found.ppt_n, *found.five_n)
    ramps = begins(played, Phase.RAMP)
    assert len(ramps) == 3
    assert all(later - earlier >= 30 for earlier, later in pairwise(ramps))
    assert played.figures.contact_s < 120
    assert max(target.aim_n for _, target in played.given(ShowTarget)) < 1.25 * FIVE_N
    assert "When it first becomes pain" in played.screen
    assert "Rest for about" in played.screen


def test_a_hold_follows_with_the_5_that_was_found():
    played = play(protocol=BEFORE_A_HOLD)
    assert (played.figures.outcome, played.figures.reason) == (Outcome.COMPLETE, "dose")
    assert played.figures.credited_s == 30
    hold_s, approach_s = begins(played, Phase.HOLD)[0], begins(played, Phase.APPROACH)[0]
    assert approach_s - begins(played, Phase.REST)[-1] >= 30
    assert hold_s - approach_s < 16
    asked = [ask.question for at_s, ask in played.given(Ask) if at_s >= approach_s]
    assert Question.TAP_AT_FIVE not in asked
    assert len(played.figures.calibration.five_n) == 3


def test_who_feels_the_tool_alone_is_led_no_higher_and_taps_too():
    played = play(person=Actor(), by_tool_only=True, protocol=ALONE)
    presses = [event.press for event in played.events if isinstance(event, Pressed)]
    assert presses.count(Press.SHORT) >= 4
    assert played.figures.outcome in {Outcome.COMPLETE, Outcome.SHORT}
    assert played.figures.calibration.five_n[1] == pytest.approx(FIVE_N, rel=0.12)
    assert played.figures.peak_n < 1.3 * FIVE_N


def test_silence_in_a_ramp_ends_in_release():
    person = Actor()
    person.silent = True
    played = play(person=person, protocol=ALONE)
    [asked_s] = [at_s for at_s, ask in played.given(Ask) if ask.question is Question.RATE_NOW and not ask.louder]
    assert played.cued(Cue.RELEASE) - asked_s == pytest.approx(6.0, abs=0.2)
    assert (played.figures.reason, played.code) == ("silence", 3)


def test_a_link_that_breaks_in_a_ramp_comes_back_to_the_same_ramp():
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.RAMP, 2)
        await asyncio.sleep(3)
        stage.lose_link()
        await asyncio.sleep(5)
        stage.bring_back()

    played = play(script, protocol=ALONE)
    assert Phase.PAUSED in played.phases
    assert played.cued(Cue.RELEASE, played.stage.notes["lost"]) - played.stage.notes["lost"] < 2.0
    assert len(played.figures.calibration.five_n) == 3
    assert played.figures.reason == "calibrated"


def test_an_8_in_a_ramp_releases_and_goes_on_more_gently():
    async def script(stage: Stage) -> None:
        await stage.until(lambda: stage.session.calibration.pain_n is not None)
        stage.note("said")
        stage.notes["felt_n"] = stage.session.estimate.felt_n
        stage.keys.press("8")

    played = play(script, protocol=ALONE)
    said_s = played.stage.notes["said"]
    assert played.cued(Cue.RELEASE, said_s) - said_s < 0.1
    again_s = next(at_s for at_s in begins(played, Phase.RAMP) if at_s > said_s)
    assert again_s - said_s >= 15
    said = [event.at_ns * 1e-9 for event in played.events if isinstance(event, Pressed | Answered)]
    answered_s = next(at_s for at_s in said if at_s > again_s)
    aims = [target.aim_n for at_s, target in played.given(ShowTarget, again_s) if at_s < answered_s]
    assert max(aims) <= 0.86 * played.stage.notes["felt_n"]


def test_the_next_calibration_is_compared_with_this_one():
    journal = Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
    try:
        first = play(protocol=ALONE, journal=journal).figures.calibration
        history = load_history(
            journal.engine, WHOSE, site=SITE, tip_diameter_mm=REFERENCE_TIP_MM, now=SIMULATED_START, at_ns=0
        )
        assert history.ppt_n == pytest.approx(first.ppt_mean_n, abs=1e-3)
        elsewhere = load_history(journal.engine, WHOSE, site=SITE, tip_diameter_mm=5.0, now=SIMULATED_START, at_ns=0)
        assert elsewhere.ppt_n is None
        second = play(protocol=ALONE, journal=journal, seed=2).figures.calibration
        assert second.ppt_change_n == pytest.approx(second.ppt_mean_n - first.ppt_mean_n, abs=1e-3)
    finally:
        journal.close()
