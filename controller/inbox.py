"""The bounded queue into the engine. What does not fit is counted, and the count is an event itself."""

import asyncio
from collections.abc import Callable

from protocols.events import Event, InboxOverflowed

CAPACITY = 512
"""Some 10 s of packets and ticks: who is that far behind must not go on pacing."""


class Inbox:
    """Many may post, one takes."""

    def __init__(self, now_ns: Callable[[], int], capacity: int = CAPACITY) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue(capacity)
        self._now_ns = now_ns
        self._dropped = 0

    def post(self, event: Event) -> None:
        """Put an event in, or count it as dropped when there is no room."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._dropped += 1

    async def take(self) -> Event:
        """Return the next event; after an overflow that is the overflow."""
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return InboxOverflowed(self._now_ns(), dropped)
        return await self._queue.get()

    @property
    def is_empty(self) -> bool:
        """Whether everything was taken."""
        return self._queue.empty() and not self._dropped
