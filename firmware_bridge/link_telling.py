"""What a link tells of its tool, in order: nothing before Connected, no packet between LinkDropped and Restored."""

import asyncio
from collections.abc import Callable
from typing import Final

from firmware_bridge.arrivals import Arrivals
from firmware_bridge.heartbeat import Heartbeat
from firmware_bridge.link_news import Connected, Failed, LinkDropped, OnNews, Restored, StillAway
from firmware_bridge.tool import EventCode, Features, ForceBlock, ToolEvent


class Telling:
    """Turns one tool's packets and events, and the state of its link, into news.

    `now_ns` is the host's clock, the time at which what comes has arrived. `heart` stops when what comes says that
    the tool guards no more. `streams` is set while packets come.
    """

    def __init__(self, on_news: OnNews, now_ns: Callable[[], int], heart: Heartbeat) -> None:
        self.streams = asyncio.Event()
        self.arrivals = Arrivals()
        self._on_news = on_news
        self._now_ns = now_ns
        self._heart = heart
        self._was_connected = False
        self._is_up = False
        self._away = ""
        self._held: list[tuple[ToolEvent, int]] = []

    @property
    def was_connected(self) -> bool:
        """Whether the tool was ever connected."""
        return self._was_connected

    def connected(self, features: Features, sample_period_ns: int) -> None:
        """Tell of the first connection."""
        self._was_connected = self._is_up = True
        self._on_news(Connected(features, sample_period_ns))

    def down(self) -> None:
        """Tell, once, that the link is gone."""
        self.streams.clear()
        if self._is_up:
            self._is_up = False
            self._on_news(LinkDropped())

    def restored(self, *, rebooted: bool) -> None:
        """Tell, once, that the link is back."""
        self._away = ""
        if not self._is_up:
            self._is_up = True
            self._on_news(Restored(rebooted))

    def away(self, reason: str) -> None:
        """Tell why the link is not back yet, unless that was told before."""
        if reason != self._away:
            self._away = reason
            self._on_news(StillAway(reason))

    def failed(self, reason: str) -> None:
        """Tell that there will be no link any more."""
        self._on_news(Failed(reason))

    def block(self, block: ForceBlock) -> None:
        """Take a packet of force; the first after a drop says whether the tool was switched on anew."""
        arrived_ns = self._now_ns()
        if not self.streams.is_set():
            self.streams.set()
            if not self._is_up:
                self._resume(block, arrived_ns)
        timed = self.arrivals.timed_block(block, arrived_ns)
        if timed is None:
            return
        self._on_news(timed)
        held, self._held = self._held, []
        for event, event_arrived_ns in held:
            self._tell(event, event_arrived_ns)

    def event(self, event: ToolEvent) -> None:
        """Take what the tool says by itself."""
        # Only a packet of force says whether the tool's counter is the one known. Before the first there may be
        # none for long: then a press waits, for it may be an old one, and a warning does not.
        is_urgent = not self.arrivals.has_begun and event.code is not EventCode.BUTTON
        if self.streams.is_set() or is_urgent:
            self._tell(event, self._now_ns())
        else:
            self._held.append((event, self._now_ns()))

    def _resume(self, block: ForceBlock, arrived_ns: int) -> None:
        had_begun = self.arrivals.has_begun
        rebooted = self.arrivals.resume(block, arrived_ns)
        if not rebooted:
            self._heart.urge()
        elif had_begun:
            self._heart.end()
        self.restored(rebooted=rebooted)

    def _tell(self, event: ToolEvent, arrived_ns: int) -> None:
        timed = self.arrivals.timed_event(event, arrived_ns)
        if timed is None:
            return
        if event.code in _DISARMING:
            self._heart.end()
        self._on_news(timed)


_DISARMING: Final = frozenset(
    {EventCode.FORCE_LIMIT, EventCode.HOLD_LIMIT, EventCode.HEARTBEAT_LOST, EventCode.SENSOR_FAULT}
)
