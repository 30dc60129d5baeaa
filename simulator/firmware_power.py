"""The tool's battery, and when it switches itself off (tool profile, events 07 and 08)."""

from dataclasses import dataclass
from enum import IntEnum

from firmware_bridge.tool import EventCode

LOW_PERCENT = 15
EMPTY_PERCENT = 2

NOTICE_US = 5_000_000
"""How long before switching off the tool says so. A design choice."""

_LOOK_US = 1_000_000


class OffReason(IntEnum):
    """Why it will switch off, numbered as in event 08."""

    IDLE = 1
    BATTERY = 2
    USER = 3


@dataclass(frozen=True, slots=True)
class PowerTraits:
    """Charge at power-up, how long a full battery lasts, and when an unused tool goes off (0: never)."""

    percent: float = 100.0
    life_s: float = 40 * 3600.0
    idle_off_s: float = 0.0


class Power:
    """Follows charge and use. Times are the tool's own µs and do not decrease."""

    def __init__(self, traits: PowerTraits) -> None:
        self._traits = traits
        self._percent = traits.percent
        self._on_us: int | None = None
        self._used_us = 0
        self._look_us = 0
        self._off_us: int | None = None
        self._said_low = False

    @property
    def percent(self) -> int:
        """Charge left, 0 to 100."""
        return max(0, round(self._percent))

    @property
    def is_low(self) -> bool:
        """Whether the person should charge it."""
        return self.percent <= LOW_PERCENT

    def used(self, now_us: int) -> None:
        """Note that somebody uses the tool."""
        self._used_us = now_us

    def is_due(self, now_us: int) -> bool:
        """Whether it is time for `looked`: once a second."""
        return now_us >= self._look_us

    def looked(self, now_us: int) -> list[tuple[EventCode, float]]:
        """Bring charge and idleness up to date; return the events that follow, each once."""
        if self._on_us is None:
            self._on_us = self._used_us = now_us
        self._look_us = now_us + _LOOK_US
        traits = self._traits
        self._percent = traits.percent - (now_us - self._on_us) * 100.0 / (traits.life_s * 1e6)
        events: list[tuple[EventCode, float]] = []
        if self.is_low and not self._said_low:
            self._said_low = True
            events.append((EventCode.BATTERY_LOW, self.percent))
        if self.percent <= EMPTY_PERCENT:
            events += self.go_off(OffReason.BATTERY, now_us)
        elif traits.idle_off_s and now_us - self._used_us >= traits.idle_off_s * 1e6:
            events += self.go_off(OffReason.IDLE, now_us)
        return events

    def go_off(self, reason: OffReason, now_us: int) -> list[tuple[EventCode, float]]:
        """Decide to switch off; return the event that says so, or none if that was decided before."""
        if self._off_us is not None:
            return []
        self._off_us = now_us + NOTICE_US
        return [(EventCode.POWERS_OFF, reason)]

    def is_off(self, now_us: int) -> bool:
        """Whether it has switched off."""
        return self._off_us is not None and now_us >= self._off_us
