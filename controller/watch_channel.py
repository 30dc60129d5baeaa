"""A watch beside a session: cues on the wrist, and the buttons of a call as answers."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from firmware_bridge.errors import BridgeError
from firmware_bridge.wearables.watch import Watch, WatchAnswer, WatchCue
from protocols.commands import Ask, CloseQuestion, Command, Cue, GiveCue, Question, SoundAlarm
from protocols.events import Event, Press, Pressed, StopRequested, WentOn
from protocols.session import Session

logger = logging.getLogger(__name__)

AGAIN_NS: Final = 2_000_000_000
"""While a release stands it is felt again this often: the pattern itself takes 2 s."""

VIA: Final = "watch"
_CUES: Final = {
    Cue.PRESS_MORE: WatchCue.PRESS_MORE,
    Cue.EASE_OFF: WatchCue.EASE_OFF,
    Cue.RELEASE: WatchCue.RELEASE,
    Cue.DONE: WatchCue.DONE,
}
_TEXTS: Final = {
    Question.RATE_NOW: "In your band? Decline: too much",
    Question.ARE_YOU_THERE: "Are you there?",
    Question.GO_ON: "Go on, gently? Decline: end",
}
"""Questions that a call's buttons can answer; the others want a moment, not a yes."""


class WatchChannel:
    """A channel to a watch, and the source of its answers. Run `run` as a task."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._due = asyncio.Event()
        self._cue: tuple[WatchCue, str] | None = None
        self._call: str | None = None
        self._question: Question | None = None
        self._released_ns = -AGAIN_NS
        self._said: list[Pressed | WentOn | StopRequested] = []

    def give(self, command: Command, at_ns: int) -> None:
        """Queue what concerns the wrist; a newer cue takes the place of one that is still waiting."""
        match command:
            case GiveCue() if command.cue in _CUES:
                cue = _CUES[command.cue]
                if not command.again or (cue is WatchCue.RELEASE and at_ns - self._released_ns >= AGAIN_NS):
                    self._put(cue, at_ns)
            case SoundAlarm():
                self._put(WatchCue.RELEASE, at_ns)
            case Ask():
                self._question = command.question
                self._call = _TEXTS.get(command.question)
                self._due.set()
            case CloseQuestion():
                self._question = self._call = None
            case _:
                pass

    def see(self, session: Session) -> None:
        """Need nothing of the state."""

    def answered(self, answer: WatchAnswer) -> None:
        """Take a button; called from the Bluetooth stack's callback.

        A decline is never less than "too much" or "stop"; an accept without a question says nothing.
        """
        now_ns = self._now_ns()
        waits = self._question in {Question.ARE_YOU_THERE, Question.GO_ON}
        match answer:
            case WatchAnswer.DECLINE if waits:
                self._said.append(StopRequested(now_ns, VIA))
            case WatchAnswer.DECLINE:
                self._said.append(Pressed(now_ns, now_ns, Press.LONG, VIA))
            case WatchAnswer.ACCEPT if waits:
                self._said.append(WentOn(now_ns, VIA))
            case WatchAnswer.ACCEPT if self._question is Question.RATE_NOW:
                self._said.append(Pressed(now_ns, now_ns, Press.SHORT, VIA))
            case _:
                pass

    def events(self, now_ns: int) -> Iterable[Event]:
        """Return what the buttons have said by now."""
        said, self._said = self._said, []
        return [replace(event, at_ns=now_ns) for event in said]

    async def run(self, watch: Watch) -> None:
        """Send for ever; what a watch does not take is lost, for the next cue matters more."""
        while True:
            await self._due.wait()
            self._due.clear()
            cue, self._cue = self._cue, None
            call, self._call = self._call, None
            try:
                if cue is not None:
                    await watch.cue(*cue)
                if call is not None and watch.asks:
                    await watch.cue(WatchCue.QUESTION, call)
            except BridgeError as error:
                logger.debug("not felt on the watch: %s", error)

    def _put(self, cue: WatchCue, at_ns: int) -> None:
        if cue is WatchCue.RELEASE:
            self._released_ns = at_ns
        self._cue = (cue, cue.value)
        self._due.set()
