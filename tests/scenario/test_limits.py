"""Limits of force, time and day, and the outcomes they lead to."""

import asyncio
from dataclasses import replace

import pytest

from controller.clock import SIMULATED_START, SimulatedClock
from controller.history import Whose
from controller.journal import Journal
from controller.preparation import REMEMBERED_PAUSE
from protocols.commands import Arm, EnterPhase, Message, Outcome, Phase, ShowTarget, Tell
from protocols.plan import Dose
from protocols.site import Site
from simulator.firmware_power import PowerTraits
from simulator.tool_traits import ToolTraits
from tests.actor import STEADY, Actor
from tests.whole_stack import Stage, play

TOUGH = replace(STEADY, name="tough", body=replace(STEADY.body, ppt_n=62.0, tolerance_n=80.0))


def test_a_whole_dose_is_complete():
    played = play()
    assert played.phases == [Phase.TARE, Phase.CONTACT, Phase.APPROACH, Phase.HOLD, Phase.RELEASE, Phase.ENDED]
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.COMPLETE, "dose", 0)
    assert played.figures.credited_s == 30
    assert not played.stage.tool.firmware.is_armed


def test_a_five_above_the_cap_ends_short():
    played = play(person=Actor(TOUGH))
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "cap", 3)
    assert played.first(Tell(Message.CAP_REACHED))
    assert max(max(packet.forces_n) for packet in played.packets) <= 60.0


@pytest.mark.parametrize(("name", "cap_n"), [("suboccipital-left", 35.0), ("levator-scapulae-right", 60.0)])
def test_no_force_above_the_cap_of_the_site(name, cap_n):
    played = play(person=Actor(TOUGH), site=Site.named(name))
    assert all(arm.force_limit_n <= cap_n for _, arm in played.given(Arm))
    assert all(target.aim_n <= cap_n for _, target in played.given(ShowTarget))
    assert max(max(packet.forces_n) for packet in played.packets) <= cap_n


def test_the_sternocleidomastoid_is_off_until_it_was_shown():
    played = play(site=Site.named("sternocleidomastoid-left"))
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "not-shown", 3)
    assert not played.packets


def held_at(force_n: float):
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.HOLD)
        stage.person.forced_n = force_n
        await stage.phase(Phase.RELEASE)
        stage.person.forced_n = 0.0

    return script


def test_time_at_pressure_is_limited():
    dose = Dose(credited_s=45, time_at_pressure_s=45)
    played = play(dose=dose)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "time-at-pressure", 3)
    assert 20 < played.figures.credited_s < 45


def test_contact_below_the_band_is_limited_too():
    played = play(held_at(7.0))
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "contact", 3)
    assert played.figures.contact_s == pytest.approx(SHORT_LIMIT_S, abs=0.6)


SHORT_LIMIT_S = Dose(credited_s=30).contact_limit_s


def test_an_approach_that_finds_no_five_is_limited():
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.APPROACH)
        stage.person.forced_n = 5.0
        await stage.phase(Phase.RELEASE)
        stage.person.forced_n = 0.0

    played = play(script)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "approach", 3)
    assert played.figures.approach_s == pytest.approx(50, abs=0.2)


def test_a_tool_that_is_never_placed_ends_short():
    person = Actor()
    person.blind = person.numb = True
    played = play(person=person)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "no-contact", 3)
    assert not played.stage.tool.firmware.is_armed


def test_two_holds_with_a_rest_between():
    played = play(dose=Dose(credited_s=30, holds=2, rest_s=20))
    assert played.phases.count(Phase.HOLD) == 2
    assert [hold.credited_s for hold in played.figures.holds] == [30, 30]
    assert (played.figures.credited_s, played.figures.dose_s, played.code) == (60, 60, 0)
    entered = {(command.phase, command.hold): at_s for at_s, command in played.given(EnterPhase)}
    assert entered[Phase.TARE, 2] - entered[Phase.REST, 1] == pytest.approx(20, abs=0.1)
    assert entered[Phase.CONTACT, 2] - entered[Phase.TARE, 2] == pytest.approx(0.5, abs=0.1)


def test_who_presses_through_the_rest_is_told_to_let_go():
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.REST)
        await asyncio.sleep(3)
        stage.person.forced_n = 6.0
        await asyncio.sleep(5)
        stage.person.forced_n = None

    played = play(script, dose=Dose(credited_s=30, holds=2, rest_s=15))
    assert played.code == 0


def test_eight_minutes_of_contact_in_a_day_are_the_most():
    journal = Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
    whose, clock, played = Whose("me", "sim:scenario"), SimulatedClock(), []
    for _ in range(20):
        played.append(
            play(journal=journal, whose=whose, start_after=clock, dose=Dose(credited_s=90, time_at_pressure_s=120))
        )
        if not played[-1].packets:
            break
        clock = SimulatedClock.after(played[-1].record.ended_at, REMEMBERED_PAUSE)
    journal.close()
    assert (played[-1].figures.outcome, played[-1].figures.reason, played[-1].code) == (Outcome.SHORT, "day-limit", 3)
    assert len(played) >= 4
    assert sum(each.figures.contact_s for each in played) <= 481.0, "letting go takes its time"


def test_a_known_force_at_five_makes_the_next_approach_shorter():
    journal = Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
    first = play(journal=journal)
    later = SimulatedClock.after(first.record.ended_at, REMEMBERED_PAUSE)
    second = play(journal=journal, start_after=later)
    journal.close()
    assert second.figures.outcome is Outcome.COMPLETE
    assert second.figures.approach_s < first.figures.approach_s


def test_a_low_battery_is_told_and_the_session_goes_on():
    traits = ToolTraits(power=PowerTraits(percent=15.6, life_s=3600.0))
    played = play(traits=traits)
    assert [message for _, message in played.given(Tell)].count(Tell(Message.BATTERY_LOW)) == 1
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_battery_that_dies_in_a_hold_ends_short():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.tool.firmware.switch_off(stage.tool._last_us)

    played = play(script)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "link", 4)
