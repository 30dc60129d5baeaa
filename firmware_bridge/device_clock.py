"""A tool's microsecond counter, in host time.

Theory. A packet whose last sample has device time d arrives at a = offset + d (1 + drift) + delay, host time,
with a delay that is never negative and often near its least: radio events, bursts, a busy host. So only the
*earliest* arrivals tell the time: the line sought is the highest that no point (d, a - d) lies below. The
lowest point of each of the last 30 seconds that had packets is kept. The line's slope is that of the edge of
their lower convex hull above their middle (Moon, Skelly, Towsley: Estimation and removal of clock skew from
network delay measurements, INFOCOM 1999), limited to what two crystals can differ; its height is that of the
lowest point. What remains is the least delay itself, which no receiver can tell from an offset.
"""

from dataclasses import dataclass
from typing import Final

MAX_DRIFT_PPM: Final = 250
"""Two crystals of 200 and 50 ppm at their worst; a steeper slope is a change of delay, not of clocks."""

MAX_LATE_NS: Final = 10_000_000_000
"""A packet later than this was not late: the counter began anew. Longer than any backlog of a link."""

MAX_EVENT_AGE_NS: Final = 120_000_000_000
"""Events wait in the tool while no client is there; one that looks older than this has an unknown age."""


@dataclass(slots=True)
class DeviceClock:
    """Maps one tool's u32 counter to host nanoseconds. Its state is values: `copy.copy` gives a twin."""

    _origin_us: int = 0
    _origin_ns: int = 0
    _newest_us: int | None = None
    _floor_ns: int = -(1 << 63)
    _drift_ppb: int = 0
    _height_ns: int = 0
    _lows: tuple[tuple[int, int], ...] = ()

    @property
    def drift_ppm(self) -> float:
        """How much slower the tool's crystal runs than the host's, parts per million; 0 until it is known."""
        return self._drift_ppb / 1000

    def restarted(self, device_us: int, arrived_ns: int) -> bool:
        """Say whether this counter can only be one that began anew. Changes nothing."""
        if self._newest_us is None:
            return False
        newest_us, at_us = self._newest_us, self._unwrapped(device_us, arrived_ns)
        too_late = arrived_ns - self._mapped(at_us) > MAX_LATE_NS
        return too_late or at_us < newest_us - _MAX_BACKWARD_US

    def map(self, first_us: int, period_us: int, arrived_ns: int, count: int = 1) -> tuple[int, int]:
        """Give the host time of a packet's first sample and from each to the next, nanoseconds.

        `first_us`: the raw counter. `arrived_ns`: host time of arrival; must not decrease. `count`: samples
        in the packet. No sample lies after `arrived_ns` or before a sample mapped earlier. A counter that
        began anew starts the clock anew.
        """
        if self.restarted(first_us, arrived_ns):
            self.restart()
        span_us = period_us * (count - 1)
        last_us = self._learn((first_us + span_us) % _RANGE_US, arrived_ns)
        last_ns = min(max(self._mapped(last_us), self._floor_ns), arrived_ns)
        first_ns = min(max(self._mapped(last_us - span_us), self._floor_ns), last_ns)
        period_ns = period_us * 1000 if count == 1 else (last_ns - first_ns) // (count - 1)
        self._floor_ns = last_ns
        return first_ns, period_ns

    def map_event(self, device_us: int, arrived_ns: int) -> int:
        """Give the host time of something the tool tells late, such as a press; never after `arrived_ns`.

        Teaches the clock nothing, for events may have waited. Without a clock yet it is the time of arrival.
        """
        if self._newest_us is None:
            return arrived_ns
        at_ns = self._mapped(self._unwrapped(device_us, arrived_ns))
        return min(at_ns, arrived_ns) if arrived_ns - at_ns <= MAX_EVENT_AGE_NS else arrived_ns

    def restart(self) -> None:
        """Forget the counter but not how far samples were mapped: host time goes on."""
        self._newest_us, self._lows = None, ()
        self._drift_ppb = self._height_ns = 0

    def _learn(self, device_us: int, arrived_ns: int) -> int:
        if self._newest_us is None:
            self._origin_us, self._origin_ns = device_us, arrived_ns
            self._newest_us, self._height_ns = device_us, 0
            self._lows = ((0, 0),)
            return device_us
        at_us = self._unwrapped(device_us, arrived_ns)
        self._newest_us = max(self._newest_us, at_us)
        elapsed_ns = (at_us - self._origin_us) * 1000
        late_ns = arrived_ns - self._origin_ns - elapsed_ns
        before_ns, before_late_ns = self._lows[-1]
        if elapsed_ns // _SECOND_NS == before_ns // _SECOND_NS:
            if late_ns < before_late_ns:
                self._lows = (*self._lows[:-1], (elapsed_ns, late_ns))
        else:
            kept = self._lows[1 - _LOWS_KEPT :]
            oldest_ns = elapsed_ns - _OLDEST_LOW_NS
            self._lows = (*(low for low in kept if low[0] >= oldest_ns), (elapsed_ns, late_ns))
            self._fit()
        self._height_ns = min(self._height_ns, late_ns - _tilt(elapsed_ns, self._drift_ppb))
        return at_us

    def _fit(self) -> None:
        # The newest second has one packet only as yet: its point says nothing about the slope.
        settled = self._lows[:-1]
        if settled and settled[-1][0] - settled[0][0] >= _LEAST_SPAN_NS:
            slope_ppb = _hull_slope_ppb(settled)
            self._drift_ppb = max(-_MAX_DRIFT_PPB, min(slope_ppb, _MAX_DRIFT_PPB))
        self._height_ns = min(late_ns - _tilt(at_ns, self._drift_ppb) for at_ns, late_ns in self._lows)

    def _mapped(self, at_us: int) -> int:
        elapsed_ns = (at_us - self._origin_us) * 1000
        return self._origin_ns + elapsed_ns + _tilt(elapsed_ns, self._drift_ppb) + self._height_ns

    def _unwrapped(self, device_us: int, arrived_ns: int) -> int:
        # Of all the counter's turns the latest that is not in the future, as far as this clock can tell.
        assert self._newest_us is not None
        since_ns = max(0, arrived_ns - self._mapped(self._newest_us))
        slack_ns = _SLACK_NS + since_ns * 2 * MAX_DRIFT_PPM // 1_000_000
        latest_us = self._newest_us + (since_ns + slack_ns) // 1000
        return latest_us - (latest_us - device_us) % _RANGE_US


_RANGE_US: Final = 1 << 32
_SECOND_NS: Final = 1_000_000_000
# Half a minute of packets; older ones only to bridge a gap, the longest that a link is waited for and more.
_LOWS_KEPT: Final = 30
_OLDEST_LOW_NS: Final = 150 * _SECOND_NS
# Under this the jitter of two lowest points would be taken for drift; 250 ppm of it are 2 ms.
_LEAST_SPAN_NS: Final = 8 * _SECOND_NS
_MAX_DRIFT_PPB: Final = MAX_DRIFT_PPM * 1000
_SLACK_NS: Final = 500_000_000
_MAX_BACKWARD_US: Final = 1_000_000


def _tilt(elapsed_ns: int, drift_ppb: int) -> int:
    return elapsed_ns * drift_ppb // 1_000_000_000


def _hull_slope_ppb(points: tuple[tuple[int, int], ...]) -> int:
    """Give the slope, ppb, of the lower hull's edge above the mean of the abscissas."""
    hull: list[tuple[int, int]] = []
    for point in points:
        while len(hull) > 1 and _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    middle_ns = sum(at_ns for at_ns, _ in points) // len(points)
    right = next(index for index in range(1, len(hull)) if hull[index][0] >= middle_ns)
    (left_ns, left_late_ns), (right_ns, right_late_ns) = hull[right - 1], hull[right]
    return (right_late_ns - left_late_ns) * 1_000_000_000 // (right_ns - left_ns)


def _turns_down(start: tuple[int, int], middle: tuple[int, int], end: tuple[int, int]) -> bool:
    rise = (middle[1] - start[1]) * (end[0] - start[0])
    return rise >= (end[1] - start[1]) * (middle[0] - start[0])
