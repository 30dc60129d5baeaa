"""Each row of dose.md's guard that comes from the force itself: limits, sensor, zero, a hand that does not let go."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from controller.history import Whose
from protocols.commands import Cue, Disarm, EnterPhase, GiveCue, Message, Outcome, Phase, SoundAlarm, Tare, Tell
from protocols.events import AlarmCause, ToolAlarmed
from protocols.plan import Dose
from simulator.load_cell import SensorFault
from tests.actor import STEADY, Actor
from tests.whole_stack import Played, Stage, play

STUBBORN = replace(STEADY, name="stubborn", hand=replace(STEADY.hand, heeds_release=False))
"""Presses on whatever is said, as somebody does who fell asleep on a ball."""


def step_at(played: Played, over_n: float) -> float:
    """Return when the first packet with a force above this was taken."""
    return next(packet.at_ns * 1e-9 for packet in played.packets if max(packet.forces_n) > over_n)


async def push(stage: Stage, force_n: float) -> None:
    await stage.in_hold()
    stage.note("pushed")
    stage.person.pushed_n = force_n
    await stage.phase(Phase.RELEASE)
    await asyncio.sleep(2)
    stage.person.pushed_n = 0.0


def test_force_over_the_limit_eases_off_in_that_very_step_and_releases():
    played = play(lambda stage: push(stage, 10.0))
    limit_n = played.session.guard.limit_n
    over_s = step_at(played, limit_n)
    cues = [command.cue for at_s, command in played.given(GiveCue, over_s - 1e-6)][:2]
    assert cues[0] in (Cue.EASE_OFF, Cue.RELEASE)
    first_s = played.given(GiveCue, over_s - 1e-6)[0][0]
    assert first_s == pytest.approx(over_s, abs=1e-6)
    assert played.cued(Cue.RELEASE, over_s) - over_s <= 0.6
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "force-limit", 3)


def test_force_over_the_limit_raises_the_tools_own_alarm_within_a_tenth_of_a_second():
    played = play(lambda stage: push(stage, 10.0))
    alarmed_s = next(at_ns * 1e-9 for at_ns, actuate in played.stage.person.felt if actuate.alarm)
    assert alarmed_s - played.stage.notes["pushed"] <= 0.1
    causes = [event.cause for event in played.events if isinstance(event, ToolAlarmed)]
    assert causes == [AlarmCause.FORCE_LIMIT]


def test_a_force_that_rises_too_fast_eases_off_and_goes_on():
    async def script(stage: Stage) -> None:
        await stage.until(lambda: stage.session.phase is Phase.APPROACH and stage.session.force_n > 6)
        stage.note("shoved")
        for _ in range(40):
            stage.person.pushed_n += 0.15
            await asyncio.sleep(0.01)
        for _ in range(200):
            stage.person.pushed_n = max(stage.person.pushed_n - 0.05, 0.0)
            await asyncio.sleep(0.01)

    played = play(script)
    eased_s = played.cued(Cue.EASE_OFF, played.stage.notes["shoved"])
    assert 0.25 <= eased_s - played.stage.notes["shoved"] <= 0.6
    assert played.figures.outcome is Outcome.COMPLETE


@pytest.mark.parametrize("fault", [SensorFault.OPEN, SensorFault.SHORT])
def test_a_broken_sensor_releases_and_ends(fault):
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("broken")
        stage.tool.firmware.cell.fail(fault, 0)

    played = play(script)
    assert played.cued(Cue.RELEASE) - played.stage.notes["broken"] < 0.3
    assert played.events[-1].at_ns * 1e-9 - played.stage.notes["broken"] < 5.0, "nobody waits to see a release"
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "sensor", 4)
    assert any(actuate.alarm for _, actuate in played.stage.person.felt)


def test_a_stuck_sensor_that_does_not_know_it_releases_and_ends():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("broken")
        stage.tool.firmware.cell.fail(SensorFault.STUCK, 0, noticed_after_us=None)

    played = play(script)
    assert played.cued(Cue.RELEASE) - played.stage.notes["broken"] == pytest.approx(1.1, abs=0.15)
    assert played.events[-1].at_ns * 1e-9 - played.stage.notes["broken"] < 5.0, "nobody waits to see a release"
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "sensor", 4)


def test_a_saturated_sensor_releases_and_ends():
    played = play(lambda stage: push(stage, 250.0))
    assert played.cued(Cue.RELEASE) - played.stage.notes["pushed"] < 0.2
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "saturated", 4)


def test_a_tool_that_was_tared_under_load_is_found_out():
    async def script(stage: Stage) -> None:
        stage.person.forced_n = 8.0
        await stage.phase(Phase.CONTACT)
        stage.person.forced_n = 0.0
        stage.note("lifted")

    played = play(script)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "tared-under-load", 3)
    assert played.events[-1].at_ns * 1e-9 - played.stage.notes["lifted"] < 3


async def shift_zero(stage: Stage) -> None:
    await stage.in_hold()
    stage.tool.firmware.cell._zero_n += 1.5


def test_a_zero_that_is_off_after_release_makes_the_hold_suspect():
    played = play(shift_zero)
    assert [message for _, message in played.given(Tell)].count(Tell(Message.ZERO_OFF)) == 1
    assert [hold.suspect for hold in played.figures.holds] == [True]
    assert played.code == 0


def test_after_a_zero_that_is_off_the_next_hold_begins_with_a_tare():
    played = play(shift_zero, dose=Dose(credited_s=30, holds=2, rest_s=15))
    assert [hold.suspect for hold in played.figures.holds] == [True, False]
    between = played.phases[played.phases.index(Phase.REST) :]
    assert between[:3] == [Phase.REST, Phase.TARE, Phase.CONTACT]
    assert len(played.given(Tare)) == 2


def test_a_hand_that_does_not_let_go_is_alarmed_every_second_until_it_does():
    person = Actor(STUBBORN)

    async def script(stage: Stage) -> None:
        await stage.phase(Phase.RELEASE)
        stage.note("release")
        await asyncio.sleep(8.3)
        person.forced_n = 0.0
        stage.note("let go")

    played = play(script, person=person)
    alarms_s = [at_s for at_s, _ in played.given(SoundAlarm)]
    assert alarms_s[0] - played.stage.notes["release"] == pytest.approx(3.0, abs=0.15)
    assert len(alarms_s) == 6
    assert all(after - before == pytest.approx(1.0, abs=0.11) for before, after in itertools.pairwise(alarms_s))
    assert alarms_s[-1] < played.stage.notes["let go"] + 0.1
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0), "even if the release is slow"


def test_the_tool_alarms_by_itself_at_its_hold_limit_when_nobody_lets_go():
    person = Actor(STUBBORN)

    async def script(stage: Stage) -> None:
        await stage.until(lambda: any(isinstance(event, ToolAlarmed) for event in stage.taken))
        person.forced_n = 0.0

    played = play(script, person=person)
    causes = [event.cause for event in played.events if isinstance(event, ToolAlarmed)]
    assert causes == [AlarmCause.HOLD_LIMIT]
    assert played.figures.outcome is Outcome.COMPLETE


def test_a_hand_that_never_lets_go_and_a_link_that_dies_still_end():
    person = Actor(STUBBORN)

    async def script(stage: Stage) -> None:
        await stage.phase(Phase.RELEASE)
        await asyncio.sleep(5)
        stage.lose_link()

    played = play(script, person=person)
    assert played.given(SoundAlarm)
    assert played.session.ended


def test_a_hand_that_never_lets_go_is_alarmed_for_two_minutes_and_then_left_to_the_tool():
    played = play(person=Actor(STUBBORN))
    release_s = played.first(EnterPhase(Phase.RELEASE, 1))
    assert played.events[-1].at_ns * 1e-9 - release_s == pytest.approx(120.0, abs=0.3)
    assert played.given(SoundAlarm)[-1][0] - release_s > 118
    assert played.session.contact.pressed
    assert not played.given(Disarm), "the tool alarms by itself once the app is gone"


def test_once_the_session_is_over_a_tool_that_is_not_heard_any_more_is_not_waited_for():
    async def script(stage: Stage) -> None:
        await stage.until(lambda: stage.session.ended)
        stage.lose_link()
        await asyncio.sleep(60)

    played = play(script, person=Actor(STUBBORN))
    assert played.session.contact.pressed
    assert played.events[-1].at_ns * 1e-9 - played.stage.notes["lost"] == pytest.approx(2.0, abs=0.2)


def test_after_a_stop_a_session_that_is_pressed_on_is_still_told_to_release():
    person = Actor(STUBBORN)

    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.keys.press("s")
        await asyncio.sleep(6)
        person.forced_n = 0.0

    played = play(script, person=person, whose=Whose("me", "sim:stubborn"))
    assert played.figures.outcome is Outcome.STOPPED
    assert len(played.given(SoundAlarm)) >= 3
