"""The one place, beside the event loop, that knows what time it is."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

NS_PER_S = 1_000_000_000

SIMULATED_START = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
"""Where a simulated calendar begins, so that the same seed gives the same session."""


class Clock(Protocol):
    """What everything else asks for the time."""

    def now_ns(self) -> int:
        """Return the time of the running loop in integer nanoseconds; its origin means nothing."""

    def utc_now(self) -> datetime:
        """Return the date, aware, UTC."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """Real time."""

    def now_ns(self) -> int:
        """Return the time of the running loop."""
        return round(asyncio.get_running_loop().time() * NS_PER_S)

    def utc_now(self) -> datetime:
        """Return the date of the system."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """Virtual time: the loop's own, and a calendar that begins at `start`."""

    start: datetime = SIMULATED_START

    def now_ns(self) -> int:
        """Return the time of the running loop."""
        return round(asyncio.get_running_loop().time() * NS_PER_S)

    def utc_now(self) -> datetime:
        """Return the simulated date; before and after the loop runs, its start."""
        try:
            elapsed_s = asyncio.get_running_loop().time()
        except RuntimeError:
            elapsed_s = 0.0
        return self.start + timedelta(seconds=elapsed_s)

    @classmethod
    def after(cls, latest: datetime | None, pause: timedelta) -> Self:
        """Return a clock that begins at the fixed date, or `pause` after the latest remembered session."""
        return cls(SIMULATED_START if latest is None else max(SIMULATED_START, latest + pause))
