"""Newtons of pressing from what a load cell says: direction, calibration, and a zero that the app keeps."""

import asyncio
from math import copysign, isfinite, nan
from typing import Final

from firmware_bridge.errors import LinkError, RefusedError
from firmware_bridge.rig import Rig
from firmware_bridge.tool import Features

TARE_SWING_N: Final = 0.5
TARE_LOAD_N: Final = 2.0
"""A tare is refused when the force moved by more than this, or, after the first one, lies above it: as the profile."""

LEAST_READINGS: Final = 3
READINGS_LIMIT_S: Final = 2.0
"""Longest wait for the readings of a tare, beyond the time to average over."""

WRONG_STATE: Final = 4
"""The result that a tool of the profile answers then."""


class SoftScale:
    """The zero of one load cell. Forces that come in are the device's newtons, those that go out are of pressing."""

    def __init__(self, name: str, rig: Rig, features: Features) -> None:
        self._name = name
        self._factor = rig.factor
        self._capacity_n = features.capacity_n
        self._swing_n = max(TARE_SWING_N, 2 * features.resolution_n)
        self._zero_n: float | None = None
        self._has_zero = False
        self._turn = asyncio.Lock()
        self._readings: list[float] | None = None
        self._wanted = 0
        self._enough: asyncio.Future[None] | None = None

    @property
    def has_zero(self) -> bool:
        """Whether a zero was set and not lost since."""
        return self._has_zero

    def lose_zero(self) -> None:
        """Trust the zero no more: the device may have been switched off. Until the next one it is the best there is."""
        self._has_zero = False

    def weighed(self, raw_n: tuple[float, ...]) -> tuple[tuple[float, ...], bool]:
        """Return the forces, NaN where there is none, and whether any lies beyond the device's range."""
        forces_n, beyond = [], False
        for raw in raw_n:
            force_n = raw * self._factor if isfinite(raw) else nan
            if self._readings is not None and self._enough is not None:
                self._take(force_n)
            if abs(force_n) >= self._capacity_n:
                force_n, beyond = copysign(self._capacity_n, force_n), True
            forces_n.append(force_n - (self._zero_n or 0.0))
        return tuple(forces_n), beyond

    async def tare(self, averaging_s: float, period_s: float) -> float:
        """Average what comes for this long, make it the zero, and return it, newtons.

        Raises RefusedError when it moved or is under load, LinkError when too little comes.
        """
        async with self._turn:
            readings = self._readings = []
            self._wanted = max(LEAST_READINGS, round(averaging_s / period_s))
            self._enough = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(averaging_s + READINGS_LIMIT_S):
                    await self._enough
            except TimeoutError as error:
                raise LinkError(self._name, "says too little to set its zero; switch it off and on") from error
            finally:
                self._readings = self._enough = None
        return self._set(readings)

    def abandon(self, why: str) -> None:
        """Fail a tare that waits."""
        if self._enough is not None and not self._enough.done():
            self._enough.set_exception(LinkError(self._name, why))

    def _take(self, force_n: float) -> None:
        assert self._readings is not None
        assert self._enough is not None
        if self._enough.done():
            return
        self._readings.append(force_n)
        if len(self._readings) >= self._wanted:
            self._enough.set_result(None)

    def _set(self, readings: list[float]) -> float:
        mean_n = sum(readings) / len(readings)
        if not isfinite(mean_n) or max(readings) - min(readings) > self._swing_n:
            raise RefusedError(self._name, "tare", WRONG_STATE, "it moved; put it down and let go")
        if self._zero_n is not None and abs(mean_n - self._zero_n) > max(TARE_LOAD_N, self._swing_n):
            raise RefusedError(self._name, "tare", WRONG_STATE, "it is under load; put it down and let go")
        self._zero_n, self._has_zero = mean_n, True
        return mean_n
