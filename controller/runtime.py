"""Runs one session: everything that happens goes into one inbox, and one task alone calls `step`.

    link ──┐                                   ┌─► tool (cues, requests)
    ticker ┼─► inbox ─► engine: step ─ commands┼─► channels (display, simulated person)
    keys ──┘                                   └─► journal, last

Commands go out before they are journalled, and no channel can hold another up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from controller.clock import Clock
from controller.inbox import Inbox
from controller.journal import Journal
from controller.link_events import event_of
from controller.ports import Channel, Source
from controller.summary import summary_of
from controller.tool_channel import ToolChannel
from firmware_bridge.link import Link
from firmware_bridge.link_news import LinkNews, Restored, StillAway
from protocols.commands import Outcome
from protocols.engine import step
from protocols.events import Event, HistoryLoaded, InputEnded, StopRequested, Ticked, ToolFailed
from protocols.figures import Figures, figures
from protocols.session import Session

logger = logging.getLogger(__name__)

TICK_S = 0.05
QUIET_NS = 60_000_000
"""Time passes with every event; a tick is posted only when nothing came for this long. So a limit of time is noticed
at most 110 ms late."""

DRAIN_S = 2.5
"""How long the last requests to a tool, disarming above all, may take."""

SILENT_NS = 2_000_000_000
"""A tool that has said nothing for this long cannot tell whether it is pressed."""

IN_VAIN_NS = 60_000_000_000
"""How long the alarm goes on for somebody who does not let go after the session's end."""

LAST_PACKET_S = 0.3


class Runtime:
    """One session from its history to its summary.

    Post events with `post` at any time; hand link news to `heard`. `keep_logging`: an event until which samples are
    logged even if the engine has ended (a recording that plays on); its end is told to the engine. `failure`: why
    there is no tool, now or any more, a sentence; empty while there is one. `on_away` gets it too.
    `epilogue`: what is still measured after the end, as keys of the summary; its event is set when that is enough.
    """

    def __init__(self, session: Session, clock: Clock, journal: Journal) -> None:
        self.session = session
        self.inbox = Inbox(clock.now_ns)
        self._clock, self._journal = clock, journal
        self._channels: list[Channel] = []
        self._sources: list[Source] = []
        self.failure = ""
        self.on_away: Callable[[str], None] | None = None
        self.epilogue: Callable[[asyncio.Event], Awaitable[dict[str, Any]]] | None = None
        self._tool_name = ""
        self._over = asyncio.Event()
        self._tool_gone = asyncio.Event()
        self._enough = asyncio.Event()

    @property
    def figures(self) -> Figures:
        """What has come of the session so far."""
        return figures(self.session)

    def add(self, *, channels: Sequence[Channel] = (), sources: Sequence[Source] = ()) -> None:
        """Add those who tell the person, and those who are asked what the person says."""
        self._channels += channels
        self._sources += sources

    def post(self, event: Event) -> None:
        """Put an event into the inbox."""
        self.inbox.post(event)

    def heard(self, news: LinkNews) -> None:
        """Take what the link tells; called from the Bluetooth stack's callback, so it only queues."""
        match news:
            case StillAway():
                self.failure = news.reason
                if self.on_away is not None:
                    self.on_away(news.reason)
            case Restored():
                self.failure = ""
            case _:
                pass
        event = event_of(news, self._tool_name, self._clock.now_ns())
        if event is not None:
            self.post(event)

    async def run(self, link: Link, history: HistoryLoaded, keep_logging: asyncio.Event | None = None) -> Figures:
        """Run to the end and return the figures. The journal must have begun; it is finished, not closed."""
        self._tool_name = link.tool.name
        tool = ToolChannel(link, self.post, self._clock.now_ns)
        self._channels.insert(0, tool)
        self._take(history)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._engine(), name="engine"),
                tasks.create_task(self._ticker(), name="ticker"),
                tasks.create_task(tool.cues(), name="outputs: cues"),
                tasks.create_task(tool.requests(), name="outputs: requests"),
                tasks.create_task(link.run(), name="link"),
            ]
            if keep_logging is None:
                await self._over.wait()
            else:
                await self._until_logged(keep_logging)
            if not self._tool_gone.is_set():
                try:
                    async with asyncio.timeout(DRAIN_S):
                        await tool.drained()
                except TimeoutError:
                    logger.warning("the tool did not take its last requests in time")
            more = {} if self.epilogue is None else await self.epilogue(self._enough)
            for task in running:
                task.cancel()
        return self._finish(more)

    def _take(self, event: Event) -> None:
        if self.session.ended and isinstance(event, StopRequested):
            # Nothing but a recording plays on now, and who wanted the end of the session wants no more of it.
            self._enough.set()
        self.session, commands = step(self.session, event)
        at_ns = event.at_ns
        for command in commands:
            for channel in self._channels:
                try:
                    channel.give(command, at_ns)
                except Exception:
                    logger.exception("a channel failed at %s", command)
        self._journal.append(event, commands)
        for channel in self._channels:
            try:
                channel.see(self.session)
            except Exception:
                logger.exception("a channel failed to show the state")
        if isinstance(event, ToolFailed):
            self.failure = event.reason
            self._tool_gone.set()
        if self.session.ended and (not self.session.contact.pressed or self._blind()):
            self._over.set()

    def _blind(self) -> bool:
        """Return whether waiting for a release is in vain."""
        ending = self.session.ending
        failed = ending is not None and ending.reason == "sensor"
        return failed or self._silent() or self._alarmed_in_vain()

    def _alarmed_in_vain(self) -> bool:
        # From here the tool, which is still armed, alarms by itself as soon as the heartbeat ends.
        return self.session.now_ns - self.session.phase_ns > IN_VAIN_NS

    def _silent(self) -> bool:
        newest_ns = self.session.contact.last_ns
        return newest_ns is None or self._clock.now_ns() - newest_ns > SILENT_NS

    async def _engine(self) -> None:
        while True:
            self._take(await self.inbox.take())

    async def _ticker(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now_ns = self._clock.now_ns()
            for source in self._sources:
                for event in source.events(now_ns):
                    self.post(event)
            if now_ns - self.session.now_ns >= QUIET_NS:
                self.post(Ticked(now_ns))

    async def _until_logged(self, keep_logging: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (keep_logging, self._tool_gone, self._enough)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._enough.is_set():
            return
        # The last packet may still be on its way.
        await asyncio.sleep(LAST_PACKET_S)
        if not self.session.ended:
            self.post(InputEnded(self._clock.now_ns()))
        await self._over.wait()

    def _finish(self, more: dict[str, Any]) -> Figures:
        result = figures(self.session)
        self._journal.finish(result.outcome or Outcome.STOPPED, result.reason, summary_of(result) | more)
        return result
