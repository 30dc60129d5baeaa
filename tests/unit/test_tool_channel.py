"""What goes to the tool: cues before questions, none of them lost, and the standing cue again after a question."""

import asyncio

import pytest

from controller.tool_channel import ToolChannel
from firmware_bridge.errors import LinkError
from firmware_bridge.tool import ToolCue
from protocols.commands import Ask, CloseQuestion, Cue, GiveCue, Question, SoundAlarm


class Link:
    def __init__(self) -> None:
        self.played: list[tuple[ToolCue, int]] = []
        self.broken = False

    async def cue(self, cue: ToolCue, strength: int = 255, duration_ms: int = 0) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise LinkError("HW-0001", "gone")
        self.played.append((cue, strength))


async def played(*commands, link=None):
    link = link or Link()
    channel = ToolChannel(link, lambda _event: None, lambda: 0)
    sending = asyncio.create_task(channel.cues())
    for command in commands:
        channel.give(command, 0)
    for _ in range(20):
        await asyncio.sleep(0)
    sending.cancel()
    return [cue for cue, _ in link.played]


@pytest.mark.parametrize(
    ("question", "cue"),
    [
        (Question.TAP_AT_FIVE, ToolCue.RATE_NOW),
        (Question.RATE_NOW, ToolCue.RATE_NOW),
        (Question.ARE_YOU_THERE, ToolCue.ATTENTION),
        (Question.GO_ON, ToolCue.ATTENTION),
    ],
)
@pytest.mark.parametrize("asked_first", [False, True])
async def test_a_step_that_cues_and_asks_does_both_and_the_cue_stands(question, cue, asked_first):
    commands = [GiveCue(Cue.RELEASE), Ask(question)]
    order = await played(*(commands[::-1] if asked_first else commands))
    assert order == [ToolCue.RELEASE, cue, ToolCue.RELEASE]


async def test_a_newer_cue_takes_the_place_of_one_that_waits():
    assert await played(GiveCue(Cue.PRESS_MORE), GiveCue(Cue.RELEASE)) == [ToolCue.RELEASE]


async def test_a_question_that_was_closed_meanwhile_is_not_put():
    assert await played(GiveCue(Cue.HOLD), Ask(Question.RATE_NOW), CloseQuestion()) == [ToolCue.HOLD]


async def test_an_alarm_is_a_release():
    assert await played(SoundAlarm()) == [ToolCue.RELEASE]


async def test_a_broken_link_ends_nothing():
    link = Link()
    link.broken = True
    assert await played(GiveCue(Cue.HOLD), Ask(Question.RATE_NOW), link=link) == []
