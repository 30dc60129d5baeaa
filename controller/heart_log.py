"""A heart-rate wearable beside a session: its beats as events, and what they say before and after."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

from controller.summary import rounded
from firmware_bridge.wire_heart_rate import HeartRate
from protocols.commands import Command
from protocols.contact import CONTACT_N
from protocols.events import Event, HeartMeasured
from protocols.heart import heart_figures
from protocols.session import Session

REST_S: Final = 30.0
"""How long the heart is listened to at rest, before the tool is placed and after it was let go. A design choice."""

MOST_WAITING: Final = 256
STALE_NS: Final = 5_000_000_000


class HeartLog:
    """A source of HeartMeasured events, and a channel that sees when the tool touches. `now_ns` is the host's clock.

    `tell` gets a sentence for the person. `bpm`: the rate now, None where nothing was heard lately; it may be read
    in any thread.
    """

    def __init__(self, now_ns: Callable[[], int], tell: Callable[[str], None] = lambda _text: None) -> None:
        self._now_ns, self._tell = now_ns, tell
        self._waiting: list[HeartMeasured] = []
        self._before: list[float] = []
        self._after: list[float] = []
        self._touched = False
        self._newest_ns = 0
        self.bpm: int | None = None

    def heard(self, rate: HeartRate) -> None:
        """Take a measurement; called from the Bluetooth stack's callback."""
        at_ns = self._now_ns()
        self.bpm, self._newest_ns = rate.bpm, at_ns
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(HeartMeasured(at_ns, rate.bpm, rate.rr_s))
        # Without skin contact a strap invents beats.
        if rate.contact is not False:
            (self._after if self._touched else self._before).extend(rate.rr_s)

    def events(self, now_ns: int) -> Iterable[Event]:
        """Return what was measured by now."""
        if now_ns - self._newest_ns > STALE_NS:
            self.bpm = None
        waiting, self._waiting = self._waiting, []
        for measured in waiting:
            yield HeartMeasured(max(now_ns, measured.at_ns), measured.bpm, measured.rr_s)

    def give(self, command: Command, at_ns: int) -> None:
        """Need no command."""

    def see(self, session: Session) -> None:
        """Begin anew to collect what is after, as long as the tool touches."""
        if session.contact.force_n > CONTACT_N:
            self._touched = True
            self._after.clear()

    async def rest(self, skipped: asyncio.Event) -> None:
        """Wait for as long as a rest is listened to, or until it is skipped."""
        with suppress(TimeoutError):
            async with asyncio.timeout(REST_S):
                await skipped.wait()

    async def epilogue(self, skipped: asyncio.Event) -> dict[str, Any]:
        """Listen after the end, if anything was pressed and the heart is heard; return the figures for the summary."""
        if self._touched and self.bpm is not None:
            self._tell("Sit still for half a minute more: your heart after. q ends it at once.")
            await self.rest(skipped)
        return {"heart": self.figures()}

    def figures(self) -> dict[str, Any]:
        """Return the figures before the first contact and after the last, as JSON values."""
        parts = {"before": self._before, "after": self._after}
        return {when: rounded(asdict(heart_figures(tuple(rr_s)))) for when, rr_s in parts.items()}
