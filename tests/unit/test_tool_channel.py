"""What goes to the tool: cues before questions, none of them lost, and the standing cue again after a question."""

import asyncio

import pytest

from controller.tool_channel import ToolChannel
from firmware_bridge.errors import LinkError
from firmware_bridge.tool import ToolCue
from protocols.commands import Arm, Ask, CloseQuestion, Cue, GiveCue, Question, SoundAlarm, Tare
from protocols.events import Armed, ArmRefused, TareRefused


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


class Driver:
    def __init__(self) -> None:
        self.is_connected = True


class SilentTool(Link):
    """A tool that leaves its first requests unanswered, with its link up."""

    def __init__(self, silent: int) -> None:
        super().__init__()
        self.tool = Driver()
        self.silent = silent
        self.asked = 0

    def _ask(self) -> None:
        self.asked += 1
        if self.asked <= self.silent:
            raise LinkError("HW-0001", "did not answer within 2 s")

    async def tare(self, averaging_ms: int) -> float:
        self._ask()
        return 0.0

    async def arm(self, force_limit_n: float, hold_limit_s: float) -> None:
        self._ask()

    async def stream(self) -> None:
        pass


async def answers(command, link) -> list:
    posted = []
    channel = ToolChannel(link, posted.append, lambda: 7)
    sending = asyncio.create_task(channel.requests())
    channel.give(command, 0)
    await channel.drained()
    sending.cancel()
    return posted


async def test_a_tare_without_an_answer_is_a_refusal_while_the_link_is_up():
    assert await answers(Tare(500), SilentTool(1)) == [TareRefused(7, "HW-0001: did not answer within 2 s")]


async def test_an_arming_without_an_answer_is_asked_once_more():
    assert await answers(Arm(20.0, 60.0), SilentTool(1)) == [Armed(7, 20.0, 60.0)]
    silent = SilentTool(9)
    assert await answers(Arm(20.0, 60.0), silent) == [ArmRefused(7, "HW-0001: did not answer within 2 s")]
    assert silent.asked == 2


@pytest.mark.parametrize("command", [Tare(500), Arm(20.0, 60.0)])
async def test_a_link_that_is_gone_says_so_itself(command):
    link = SilentTool(9)
    link.tool.is_connected = False
    assert await answers(command, link) == []
    assert link.asked == 1
