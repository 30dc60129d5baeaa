"""Weights of a Progressor as blocks of evenly spaced samples: what is missing shows, what comes twice is left out."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from firmware_bridge.wire_progressor import Weight

PERIOD_US: Final = 12_500
"""80 Hz."""

UNEVEN: Final = 1.5
"""Weights further apart than this many periods have others missing between them."""


@dataclass(frozen=True, slots=True)
class Run:
    """Evenly spaced samples, the device's newtons; `lost`: how many packets are missing before it, at least."""

    first_us: int
    period_us: int
    raw_n: tuple[float, ...]
    lost: int


class ProgressorStream:
    """The memory of one stream; the device's counter begins at 0 with each."""

    def __init__(self) -> None:
        self._last_us: int | None = None
        self._in_packet = 1

    def runs(self, weights: tuple[Weight, ...]) -> list[Run]:
        """Return what is new in a notification, in order."""
        fresh = self._newer(weights)
        found: list[Run] = []
        start = 0
        for end in range(1, len(fresh) + 1):
            if end == len(fresh) or _gap_us(fresh[end - 1], fresh[end]) > UNEVEN * PERIOD_US:
                found.append(self._run(fresh[start:end]))
                start = end
        self._in_packet = len(weights)
        return found

    def _newer(self, weights: tuple[Weight, ...]) -> list[Weight]:
        last_us, fresh = self._last_us, []
        for weight in weights:
            if last_us is None or not _is_behind(weight.device_us, last_us):
                fresh.append(weight)
                last_us = weight.device_us
        return fresh

    def _run(self, weights: list[Weight]) -> Run:
        first_us, last_us = weights[0].device_us, weights[-1].device_us
        lost = 0
        if self._last_us is not None:
            missing = round(((first_us - self._last_us) % _RANGE_US) / PERIOD_US) - 1
            # One that began anew tells nothing of what is missing.
            if 0 < missing <= _MOST_MISSING:
                lost = max(1, round(missing / self._in_packet))
        self._last_us = last_us
        span_us = sum(_gap_us(before, after) for before, after in pairwise(weights))
        period_us = round(span_us / (len(weights) - 1)) if len(weights) > 1 else PERIOD_US
        return Run(first_us, period_us, tuple([weight.force_n for weight in weights]), lost)


_RANGE_US: Final = 1 << 32
_LATE_US: Final = 1_000_000
"""A weight that is older than the newest by less than this came late, or twice; by more, the counter began anew."""
_MOST_MISSING: Final = 10_000


def _gap_us(before: Weight, after: Weight) -> int:
    return (after.device_us - before.device_us) % _RANGE_US


def _is_behind(device_us: int, newest_us: int) -> bool:
    return (newest_us - device_us) % _RANGE_US < _LATE_US
