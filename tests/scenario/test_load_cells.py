"""Whole sessions on other makers' load cells, which have no button, no cues, and cannot guard."""

import asyncio
from itertools import pairwise

import pytest

from controller.sign_watch import SignWatch
from controller.words import reason_words
from protocols.commands import Arm, Cue, Message, Outcome, Phase, Tare, Tell
from protocols.events import LinkRestored, Sampled, Tared
from tests.actor import Actor
from tests.whole_stack import Stage, play

CREDITING = ["ball", "progressor", "whc06"]


@pytest.mark.parametrize("tool", CREDITING)
def test_a_whole_dose(tool):
    played = play(tool=tool)
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)
    assert played.figures.credited_s == pytest.approx(30.0)
    assert bool(played.given(Arm)) == (tool == "ball")
    assert ("the tool's button" in played.screen) == (tool == "ball")
    assert played.figures.packets_lost == 0


def test_a_tool_too_coarse_refuses_and_says_why():
    played = play(tool="force-board")
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.STOPPED, "too-coarse", 4)
    assert played.figures.credited_s == 0
    assert played.phases == [Phase.ENDED]
    assert "steps too wide to tell one point of discomfort from the next" in reason_words(played.figures.reason)


async def absent(stage: Stage, seconds: float) -> None:
    await stage.in_hold()
    stage.lose_link()
    await asyncio.sleep(seconds)
    stage.bring_back()


@pytest.mark.parametrize("tool", ["progressor", "whc06"])
def test_a_link_that_is_lost_and_back_in_a_hold_costs_no_dose(tool):
    played = play(lambda stage: absent(stage, 4.0), tool=tool)
    notes = played.stage.notes
    assert 1.0 < played.cued(Cue.RELEASE, after_s=notes["lost"]) - notes["lost"] < 2.0
    (restored,) = [event for event in played.events if isinstance(event, LinkRestored)]
    # Of a Progressor nobody knows whether it was off: its zero is set again, with nothing on it.
    assert restored.rebooted == (tool == "progressor")
    assert bool(played.given(Tare, notes["back"])) == restored.rebooted
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_zero_is_not_set_while_the_person_presses_on():
    async def clings(stage: Stage) -> None:
        # As a hook and a tip weigh: with no zero at all every force would be as much too high.
        stage.tool.offset_n = 6.0
        await stage.in_hold()
        stage.person.blind = True
        stage.person.forced_n = 16.0
        stage.lose_link()
        await asyncio.sleep(4)
        stage.bring_back()
        await asyncio.sleep(10)
        stage.note("let go")
        stage.person.forced_n = 0.0
        await asyncio.sleep(8)
        stage.person.forced_n = None
        stage.person.blind = False

    played = play(clings, tool="progressor")
    notes = played.stage.notes
    # What was pressed meanwhile was told by the zero from before.
    pressed = [
        force_n
        for event in played.packets
        if notes["back"] + 3 < event.first_ns * 1e-9 < notes["let go"] - 0.5
        for force_n in event.forces_n
    ]
    assert pressed
    assert all(force_n == pytest.approx(16.0, abs=0.5) for force_n in pressed)
    told = [tell.message for _, tell in played.given(Tell, notes["back"])]
    assert {Message.LINK_BACK, Message.TARE_AGAIN} <= set(told)
    assert all(tared.at_ns * 1e-9 > notes["let go"] for tared in played.events[100:] if isinstance(tared, Tared))
    assert played.figures.reason not in {"tared-under-load", "force-limit", "sensor"}


def test_a_scale_heard_one_time_in_twenty_earns_nothing_and_says_why():
    async def fades(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("fades")
        stage.radio.faults.impair(stage.tool.address, unheard_share=0.95)

    played = play(fades, tool="whc06")
    fades_s = played.stage.notes["fades"]
    credit = played.credit_over_time()
    assert credit[-1][1] - next(seconds for at_s, seconds in credit if at_s >= fades_s) < 0.5
    why = played.stage.runtime.failure
    assert "heard too seldom to credit a hold" in why
    assert "bring it nearer" in why
    assert why in played.screen
    assert (played.figures.reason, played.code) == ("link", 4)


@pytest.mark.parametrize("heard", [0.9, 0.7])
def test_time_between_readings_that_were_not_heard_earns_nothing(heard):
    async def noisy(stage: Stage) -> None:
        stage.radio.faults.impair(stage.tool.address, unheard_share=1 - heard)

    played = play(noisy, tool="whc06", seed=2)
    times = [event.first_ns * 1e-9 for event in played.packets]
    unheard_s = sum(after - before for before, after in pairwise(times) if after - before > 0.2)
    credit = played.credit_over_time()
    hold = [(at_s, seconds) for at_s, seconds in credit if seconds > 0]
    assert unheard_s > 1
    assert hold[-1][1] <= hold[-1][0] - hold[0][0]
    packets = [event for event in played.events if isinstance(event, Sampled)]
    for (before_s, before), (after_s, after) in pairwise(credit):
        lost = [event.lost for event in packets if before_s < event.at_ns * 1e-9 <= after_s]
        if lost and all(lost):
            assert after == before


@pytest.mark.parametrize("tool", CREDITING)
def test_too_much_lets_go_on_any_tool(tool):
    async def too_much(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("forced")
        stage.person.forced_n = 40.0
        await asyncio.sleep(3)
        stage.person.forced_n = 0.0

    played = play(too_much, tool=tool, person=Actor(has_button=tool == "ball"))
    forced_s = played.stage.notes["forced"]
    assert played.cued(Cue.RELEASE, after_s=forced_s) - forced_s < 1.0


def test_a_cell_that_reads_a_push_as_a_pull_ends_it_and_says_how_to_turn_it():
    address = []

    async def turned(stage: Stage) -> None:
        address.append(stage.tool.address)
        stage.runtime.add(channels=[SignWatch(stage.runtime.on_away, stage.tool.address)])
        stage.tool._sign = -1.0

    played = play(turned, tool="progressor")
    assert played.figures.reason == "tared-under-load"
    assert f"holdwell tool set {address[0]} --invert" in played.screen
