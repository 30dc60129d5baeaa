"""The bounded queue into the engine. What does not fit is counted, and the count is an event itself.

Only packets and ticks are bounded: they come by themselves, many a second. What a person says, and what the tool or its
link says of itself, is rare, and is never dropped.
"""

import asyncio
from collections.abc import Callable

from protocols.events import Event, InboxOverflowed, Sampled, Ticked

CAPACITY = 512
"""Some 10 s of packets and ticks: who is that far behind must not go on pacing."""


class Inbox:
    """Many may post, one takes."""

    def __init__(self, now_ns: Callable[[], int], capacity: int = CAPACITY) -> None:
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self._now_ns, self._capacity = now_ns, capacity
        self._dropped = 0

    def post(self, event: Event) -> None:
        """Put an event in, or count it as dropped when there is no room for its kind."""
        if isinstance(event, Sampled | Ticked) and self._queue.qsize() >= self._capacity:
            self._dropped += 1
        else:
            self._queue.put_nowait(event)

    async def take(self) -> Event:
        """Return the next event; after an overflow that is the overflow."""
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return InboxOverflowed(self._now_ns(), dropped)
        return await self._queue.get()
