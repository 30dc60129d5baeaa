"""Carries the engine's commands to the tool: cues at once, requests one after the other."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from controller.ports import Post
from firmware_bridge.errors import RefusedError, ToolError
from firmware_bridge.tool import Tool, ToolCue
from protocols.commands import (
    TOO_COARSE,
    Arm,
    Ask,
    CloseQuestion,
    Command,
    Cue,
    Disarm,
    EndSession,
    GiveCue,
    Question,
    SoundAlarm,
    Tare,
)
from protocols.events import Armed, ArmRefused, Tared, TareRefused
from protocols.session import Session

logger = logging.getLogger(__name__)

LOUD = 255
CLEAR = 160
FAINT = 64
"""Strengths: what must be noticed, what changes, what merely still stands."""

ALARM_MS = 900
LOG_TARE_MS = 500
REQUEST_CAPACITY = 32
_CUES = {
    Cue.NONE: ToolCue.NONE,
    Cue.PRESS_MORE: ToolCue.PRESS_MORE,
    Cue.HOLD: ToolCue.HOLD,
    Cue.EASE_OFF: ToolCue.EASE_OFF,
    Cue.RELEASE: ToolCue.RELEASE,
    Cue.DONE: ToolCue.DONE,
}
_MUST_BE_NOTICED = frozenset({Cue.EASE_OFF, Cue.RELEASE, Cue.DONE})

_Play = tuple[ToolCue, int, int]


class ToolRequests(Protocol):
    """The part of a link that this channel needs."""

    @property
    def tool(self) -> Tool:
        """The driver, which knows whether it is connected."""

    async def tare(self, averaging_ms: int) -> float:
        """Set the zero; return the offset in newtons."""

    async def arm(self, force_limit_n: float, hold_limit_s: float) -> None:
        """Let the tool guard by itself."""

    async def disarm(self) -> None:
        """Let it stop guarding."""

    async def cue(self, cue: ToolCue, strength: int = 255, duration_ms: int = 0) -> None:
        """Play a cue."""

    async def stream(self) -> None:
        """Start streaming, and keep it going over drops."""


class ToolChannel:
    """A channel to the tool. `post` takes the tool's answers; run `cues` and `requests` as tasks."""

    def __init__(self, link: ToolRequests, post: Post, now_ns: Callable[[], int]) -> None:
        self._link, self._post, self._now_ns = link, post, now_ns
        self._cue: _Play | None = None
        self._question: _Play | None = None
        self._due = asyncio.Event()
        self._requests: asyncio.Queue[Tare | Arm | Disarm] = asyncio.Queue(REQUEST_CAPACITY)
        self._standing = ToolCue.NONE

    def give(self, command: Command, at_ns: int) -> None:
        """Queue what concerns the tool; a newer cue, or question, takes the place of one that is still waiting."""
        del at_ns
        match command:
            case GiveCue():
                self._standing = _CUES[command.cue]
                loud = LOUD if command.cue in _MUST_BE_NOTICED else FAINT if command.again else CLEAR
                self._play((self._standing, loud, 0))
            case SoundAlarm():
                self._play((ToolCue.RELEASE, LOUD, ALARM_MS))
            case Ask(question=Question.RATE_NOW | Question.TAP_AT_PAIN | Question.TAP_AT_FIVE):
                self._put((ToolCue.RATE_NOW, LOUD if command.louder else CLEAR, 0))
            case Ask(question=Question.ARE_YOU_THERE | Question.GO_ON):
                self._put((ToolCue.ATTENTION, LOUD, 0))
            case CloseQuestion():
                self._question = None
            case Tare() | Arm() | Disarm():
                self._requests.put_nowait(command)
            case EndSession(reason=reason) if reason == TOO_COARSE:
                # Nobody asks for a zero any more, but what is logged should have one.
                self._requests.put_nowait(Tare(LOG_TARE_MS))
            case _:
                pass

    def see(self, session: Session) -> None:
        """Need nothing of the state."""

    async def cues(self) -> None:
        """Send cues for ever; what a broken link swallows is repeated by the engine each second."""
        while True:
            await self._due.wait()
            self._due.clear()
            # A cue never waits behind a question, and one step may give both.
            cue, self._cue = self._cue, None
            if cue is not None:
                await self._sent(cue)
            question, self._question = self._question, None
            if question is not None and await self._sent(question):
                await self._sent((self._standing, 0, 0))

    async def requests(self) -> None:
        """Send requests for ever, one after the other, and post what came of each."""
        while True:
            command = await self._requests.get()
            try:
                await self._request(command)
            except RefusedError as error:
                self._refused(command, str(error))
            except ToolError as error:
                if self._link.tool.is_connected:
                    self._refused(command, str(error))
                else:
                    # The link says so itself, and the engine tares and arms anew once it is back.
                    logger.info("%s not sent: %s", type(command).__name__, error)
            finally:
                self._requests.task_done()

    async def drained(self) -> None:
        """Wait until every request was sent."""
        await self._requests.join()

    async def _request(self, command: Tare | Arm | Disarm) -> None:
        match command:
            case Tare():
                offset_n = await self._link.tare(command.averaging_ms)
                self._post(Tared(self._now_ns(), offset_n))
                if not self._link.tool.features.can_arm:
                    # The engine goes straight on to contact.
                    await self._link.stream()
            case Arm():
                await self._arm(command)
                self._post(Armed(self._now_ns(), command.force_limit_n, command.hold_limit_s))
                await self._link.stream()
            case Disarm():
                await self._link.disarm()

    async def _arm(self, command: Arm) -> None:
        try:
            await self._link.arm(command.force_limit_n, command.hold_limit_s)
        except RefusedError:
            raise
        except ToolError:
            # A refusal to arm ends a hold: one answer that went missing is not worth that.
            if not self._link.tool.is_connected:
                raise
            await self._link.arm(command.force_limit_n, command.hold_limit_s)

    def _refused(self, command: Tare | Arm | Disarm, why: str) -> None:
        match command:
            case Tare():
                self._post(TareRefused(self._now_ns(), why))
            case Arm():
                self._post(ArmRefused(self._now_ns(), why))
            case Disarm():
                logger.warning("%s", why)

    def _play(self, play: _Play) -> None:
        self._cue = play
        self._due.set()

    def _put(self, question: _Play) -> None:
        self._question = question
        self._due.set()

    async def _sent(self, play: _Play) -> bool:
        cue, strength, duration_ms = play
        try:
            await self._link.cue(cue, strength, duration_ms)
        except ToolError as error:
            logger.debug("cue %s not sent: %s", cue.name, error)
            return False
        return True
