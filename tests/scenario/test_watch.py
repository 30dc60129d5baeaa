"""A watch beside a session: cues that differ on the wrist, a call's buttons as answers, and never in the way."""

import asyncio
import re
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.watch_channel import WatchChannel
from firmware_bridge import wire_watch
from firmware_bridge.errors import WireError
from firmware_bridge.wearables.companion import Companion
from firmware_bridge.wearables.watch import PATTERNS_MS, WatchAnswer, WatchCue
from firmware_bridge.wearables.watches import AnyWatch
from protocols.commands import Ask, CloseQuestion, Cue, GiveCue, Question, SoundAlarm
from protocols.events import Press, Pressed, StopRequested, WentOn
from simulator.wearables.watches import SimulatedBangle, SimulatedInfiniTime
from tests.contract.tool_bench import now_ns
from tests.whole_stack import Stage, play


class OnWrist:
    """A watch and its companion in a script."""

    def __init__(self, kind) -> None:
        self.kind = kind
        self.told: list[str] = []
        self.watch = None
        self.channel = WatchChannel(now_ns)

    async def __call__(self, stage: Stage, trouble=None) -> None:
        async with self.kind(stage.radio) as self.watch:
            driver = AnyWatch(self.watch.name, self.channel.answered, stage.radio.backend)
            stage.runtime.add(channels=[self.channel], sources=[self.channel])
            running = [
                asyncio.create_task(Companion("Watch", driver, self.told.append).run()),
                asyncio.create_task(self.channel.run(driver)),
            ]
            try:
                if trouble is not None:
                    await trouble(stage, self.watch)
                await asyncio.sleep(1000)
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)


@cache
def without():
    return play()


def commands(played) -> list[tuple]:
    return [entry.commands for entry in played.entries if entry.commands]


def test_no_two_patterns_are_alike_in_number_and_length():
    for one, other in combinations(PATTERNS_MS.values(), 2):
        assert (len(one), max(one)) != (len(other), max(other))
    ease, release = PATTERNS_MS[WatchCue.EASE_OFF], PATTERNS_MS[WatchCue.RELEASE]
    assert len(ease) != len(release)
    assert max(release) >= 3 * max(ease)


def test_a_bangle_buzzes_the_pattern_of_each_cue():
    wrist = OnWrist(SimulatedBangle)
    played = play(wrist)
    assert played.code == 0
    buzzed = [[int(ms) for ms in re.findall(r"(?:buzz\(|setTimeout\(r,)(\d+)", line)] for line in wrist.watch.lines]
    assert list(PATTERNS_MS[WatchCue.PRESS_MORE]) in buzzed
    assert buzzed[-1] == list(PATTERNS_MS[WatchCue.DONE])
    assert all(tuple(pattern) in PATTERNS_MS.values() for pattern in buzzed)
    assert all(line.startswith("\x10Bangle.buzz(") for line in wrist.watch.lines)
    assert max(len(data) for _, _, data in wrist.watch.told) <= wire_watch.PIECE_BYTES
    cues = [command.cue for _, command in played.given(GiveCue) if not command.again]
    assert len(buzzed) >= 0.8 * sum(cue in {Cue.PRESS_MORE, Cue.EASE_OFF, Cue.DONE} for cue in cues)


def test_infinitime_gets_texts_and_pulses_for_what_must_be_felt():
    wrist = OnWrist(SimulatedInfiniTime)
    assert play(wrist).code == 0
    texts = [data for _, uuid, data in wrist.watch.told if uuid == wire_watch.NEW_ALERT]
    assert texts[-1] == b"\x00\x01\x00Holdwell\x00done, let go"
    assert any(data.startswith(b"\x03\x01\x00In your band?") for data in texts)
    assert [data for _, uuid, data in wrist.watch.told if uuid == wire_watch.ALERT_LEVEL] == [b"\x01"]


def test_a_release_is_felt_within_a_moment():
    async def too_much(stage: Stage, _watch) -> None:
        await stage.in_hold()
        stage.person.forced_n = 60.0
        await stage.until(lambda: stage.session.standing.cue is Cue.RELEASE)
        stage.note("release")
        await asyncio.sleep(4)
        stage.person.forced_n = 0.0

    wrist = OnWrist(SimulatedBangle)
    played = play(lambda stage: wrist(stage, too_much))
    longs = [at_s for at_s, _, data in wrist.watch.told if b"buzz(600" in data]
    assert longs
    assert longs[0] - played.stage.notes["release"] < 0.3


async def loses(stage, watch):
    await stage.in_hold()
    stage.radio.out_of_range(watch.address)
    await asyncio.sleep(8)
    stage.radio.out_of_range(watch.address, out=False)


async def hangs(stage, watch):
    await stage.in_hold()
    stage.radio.faults.impair(watch.address, delay_s=30.0)


async def dies(stage, watch):
    await stage.in_hold()
    stage.radio.faults.power_cut(watch.address)


async def garbles(stage, watch):
    await stage.in_hold()
    for value in (b"", b"\x07", b"\x01\x01"):
        watch.send_raw(value)


@pytest.mark.parametrize("trouble", [loses, hangs, dies, garbles])
def test_whatever_it_does_the_commands_are_those_of_a_session_without_it(trouble):
    alone, wrist = without(), OnWrist(SimulatedInfiniTime)
    played = play(lambda stage: wrist(stage, trouble))
    assert commands(played) == commands(alone)
    assert played.figures == alone.figures
    if trouble in {loses, dies}:
        assert "Watch: lost; it is being sought. The hold goes on." in wrist.told


def test_a_decline_in_a_hold_is_too_much_and_lowers():
    async def declines(stage: Stage, watch) -> None:
        await stage.in_hold()
        stage.notes["aim_n"] = stage.session.pacing.aim_n
        stage.note("declined")
        watch.press(wire_watch.CallAnswer.DECLINE)

    wrist = OnWrist(SimulatedInfiniTime)
    played = play(lambda stage: wrist(stage, declines))
    (pressed,) = [event for event in played.events if isinstance(event, Pressed) and event.via == "watch"]
    assert pressed.press is Press.LONG
    assert "too-much" in played.figures.answers


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        (Question.RATE_NOW, WatchAnswer.ACCEPT, Pressed),
        (Question.RATE_NOW, WatchAnswer.DECLINE, Pressed),
        (Question.RATE_NOW, WatchAnswer.MUTE, None),
        (Question.ARE_YOU_THERE, WatchAnswer.ACCEPT, WentOn),
        (Question.ARE_YOU_THERE, WatchAnswer.DECLINE, StopRequested),
        (Question.GO_ON, WatchAnswer.ACCEPT, WentOn),
        (Question.GO_ON, WatchAnswer.DECLINE, StopRequested),
        (Question.TAP_AT_FIVE, WatchAnswer.ACCEPT, None),
        (Question.TAP_AT_FIVE, WatchAnswer.DECLINE, Pressed),
        (None, WatchAnswer.ACCEPT, None),
        (None, WatchAnswer.DECLINE, Pressed),
    ],
)
def test_what_a_button_says(question, answer, said):
    channel = WatchChannel(lambda: 5)
    if question is not None:
        channel.give(Ask(question), 1)
    channel.answered(answer)
    events = list(channel.events(7))
    assert [type(event) for event in events] == ([] if said is None else [said])
    assert all(event.at_ns == 7 for event in events)
    if answer is WatchAnswer.DECLINE and said is Pressed:
        assert events[0].press is Press.LONG
    channel.give(CloseQuestion(), 8)
    channel.answered(WatchAnswer.ACCEPT)
    assert list(channel.events(9)) == []


def test_an_alarm_is_a_release():
    channel = WatchChannel(lambda: 5)
    channel.give(GiveCue(Cue.PRESS_MORE, again=False), 1)
    channel.give(SoundAlarm(), 2)
    assert channel._cue == (WatchCue.RELEASE, "LET GO")


@given(st.binary(max_size=4))
def test_any_bytes_are_an_answer_or_the_one_error(data):
    try:
        assert len(data) == 1
        wire_watch.decode_answer(data)
    except (AssertionError, WireError):
        if len(data) == 1 and data[0] <= 2:
            raise
