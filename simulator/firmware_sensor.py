"""The tool's force sensor: load cell, zero, tare (profile request 03), events of trouble (05 and 06)."""

import math
from dataclasses import dataclass
from enum import Enum

from firmware_bridge.tool import EventCode
from simulator.firmware_alarm import CONTACT_N
from simulator.load_cell import LoadCell, Reading, SensorFault

MOVED_N = 0.5
"""The force may not move by more than this during a tare."""

SATURATION_GAP_US = 1_000_000
"""Noise around the capacity is one saturation, not a hundred events. A design choice."""


class TareState(Enum):
    """How far a tare is."""

    AVERAGING = "averaging"
    DONE = "done"
    REFUSED = "refused"


@dataclass(slots=True)
class _Average:
    ends_us: int
    count: int = 0
    sum_n: float = 0.0
    low_n: float = math.inf
    high_n: float = -math.inf


class Sensor:
    """Newtons with the present zero. Times are the tool's own µs and do not decrease."""

    def __init__(self, cell: LoadCell) -> None:
        self._cell = cell
        self._average: _Average | None = None
        self._saturated_us: int | None = None
        self._zero_n = 0.0
        self.is_tared = False
        self.force_n = math.nan
        self.fault: SensorFault | None = None

    @property
    def is_unloaded(self) -> bool:
        """Whether it says for sure that nobody is touched; an invalid sample does not."""
        return self.fault is None and self.force_n < CONTACT_N

    @property
    def is_taring(self) -> bool:
        """Whether a tare is in progress."""
        return self._average is not None

    @property
    def offset_n(self) -> float:
        """The zero in use, newtons of the load cell."""
        return self._zero_n

    def read(self, true_force_n: float, now_us: int) -> Reading:
        """Convert a sample and take the zero off."""
        raw = self._cell.read(true_force_n, now_us)
        self.force_n = force_n = raw.force_n - self._zero_n
        return Reading(force_n, raw.saturated, raw.fault)

    def trouble(self, reading: Reading, now_us: int) -> list[tuple[EventCode, float]]:
        """Return the events of a fault or saturation that begins with this reading."""
        events: list[tuple[EventCode, float]] = []
        if reading.fault is not self.fault:
            if reading.fault is not None:
                events.append((EventCode.SENSOR_FAULT, reading.fault))
            self.fault = reading.fault
        if reading.saturated:
            if self._saturated_us is None or now_us - self._saturated_us >= SATURATION_GAP_US:
                events.append((EventCode.SATURATED, reading.force_n))
            self._saturated_us = now_us
        return events

    def start_tare(self, averaging_us: int, now_us: int) -> bool:
        """Begin to average; return False where a zero would be wrong: loaded, once it was tared."""
        if self.is_tared and not self.force_n <= CONTACT_N:
            return False
        self._average = _Average(now_us + averaging_us)
        return True

    def abandon_tare(self) -> None:
        """Keep the old zero."""
        self._average = None

    def tare(self, reading: Reading, now_us: int) -> TareState:
        """Take a reading into the average; done or refused, the tare is over."""
        average = self._average
        assert average is not None
        force_n = reading.force_n
        average.count += 1
        average.sum_n += force_n
        average.low_n, average.high_n = min(average.low_n, force_n), max(average.high_n, force_n)
        usable = reading.fault is None and not reading.saturated and not math.isnan(force_n)
        loaded = self.is_tared and force_n > CONTACT_N
        if not usable or loaded or average.high_n - average.low_n > MOVED_N:
            self._average = None
            return TareState.REFUSED
        if now_us < average.ends_us:
            return TareState.AVERAGING
        self._average = None
        self._zero_n += average.sum_n / average.count
        self.is_tared = True
        return TareState.DONE
