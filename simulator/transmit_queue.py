"""What one side of a connection has sent and the other has not got yet, in order."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

KEPT_NOTIFICATIONS = 12
"""How many notifications a device keeps while they cannot be sent: 0.6 s of a tool's packets.

A design choice: Bluetooth stacks of small devices have buffers for some 3 to 20. What is in them is the link layer's,
so it is the newest that firmware has to drop; sequence numbers tell.
"""


@dataclass(frozen=True, slots=True)
class _Sent:
    due_s: float
    arrive: Callable[[], None]
    is_notification: bool


class TransmitQueue:
    """One direction of one connection. Nothing overtakes: what is due waits for what was sent before it.

    `is_cut`: whether nothing passes now. What is sent then waits for `resume`, as a link layer repeats a packet
    until it is acknowledged; only notifications are limited, for nothing else comes unasked.
    """

    def __init__(self, is_cut: Callable[[], bool]) -> None:
        self._is_cut = is_cut
        self._waiting: deque[_Sent] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def send(self, arrive: Callable[[], None], delay_s: float = 0.0, *, is_notification: bool = False) -> None:
        """Have `arrive` called, `delay_s` seconds from now or as soon after as the way is open."""
        loop = asyncio.get_running_loop()
        is_cut = self._is_cut()
        if not (self._waiting or is_cut or delay_s):
            loop.call_soon(arrive)
            return
        if is_cut and is_notification and self._notifications() >= KEPT_NOTIFICATIONS:
            return
        self._waiting.append(_Sent(loop.time() + delay_s, arrive, is_notification))
        self.resume()

    def resume(self) -> None:
        """Go on, unless the way is still cut."""
        if self._waiting and self._timer is None and not self._is_cut():
            self._timer = asyncio.get_running_loop().call_at(self._waiting[0].due_s, self._pass_on)

    def discard(self) -> None:
        """Throw away what waits."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pass_on(self) -> None:
        self._timer = None
        if self._is_cut():
            return
        # A loop may call a little early: what the timer was set for goes in any case.
        due_s = max(asyncio.get_running_loop().time(), self._waiting[0].due_s)
        while self._waiting and self._waiting[0].due_s <= due_s:
            self._waiting.popleft().arrive()
        self.resume()

    def _notifications(self) -> int:
        return sum(sent.is_notification for sent in self._waiting)
