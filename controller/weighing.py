"""`holdwell tool calibrate`: dead weights put on one after the other and taken off again, and what they showed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import isfinite
from typing import Final

from controller.errors import UsageError
from firmware_bridge.dead_weights import FEWEST_WEIGHTS, Fit, Point, fitted
from firmware_bridge.errors import RefusedError
from firmware_bridge.tool import ForceBlock, Signal, Tool
from firmware_bridge.units import NEWTONS_PER_KG

NOTHING_KG: Final = 0.0
AVERAGING_S: Final = 2.0
TARE_MS: Final = 1000
LEAST_READINGS: Final = 8
STEADY_N: Final = 0.5
"""Readings of one weight that lie further apart than this are of one that swings, unless the steps are that wide."""

Wait = Callable[[float], Awaitable[None]]
PutOn = Callable[[float], Awaitable[None]]


def masses_of(text: str) -> tuple[float, ...]:
    """Return masses in kg from text such as 1,2,5, in rising order. Raises UsageError."""
    try:
        masses = sorted(float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--masses-kg: '{text}' is no list of numbers; give one such as 1,2,3,4,5") from None
    if not all(isfinite(mass) and mass > 0 for mass in masses) or len(set(masses)) != len(masses):
        raise UsageError(f"--masses-kg: '{text}': each is to be more than 0, and given once")
    if len(masses) < FEWEST_WEIGHTS:
        raise UsageError(
            f"--masses-kg: '{text}': fewer than {FEWEST_WEIGHTS} do not show whether it is a straight line"
        )
    return tuple(masses)


@dataclass(slots=True)
class Weighing:
    """One calibration on a tool that is connected and not streaming. `put_on` has a mass in kg put on; 0: all off.

    `told` gets a line for each step.
    """

    tool: Tool
    put_on: PutOn
    wait: Wait
    told: Callable[[str], None]
    _readings: list[float]

    @classmethod
    def of(cls, tool: Tool, put_on: PutOn, wait: Wait, told: Callable[[str], None]) -> "Weighing":
        """Return one; its `heard` is to get the tool's signals."""
        return cls(tool, put_on, wait, told, [])

    def heard(self, signal: Signal) -> None:
        """Take what the tool says."""
        if isinstance(signal, ForceBlock):
            self._readings.extend(force_n for force_n in signal.forces_n if isfinite(force_n))

    async def run(self, masses_kg: tuple[float, ...]) -> Fit:
        """Tare, go up and down, and return the fit. Raises UsageError, ToolError."""
        await self.put_on(NOTHING_KG)
        try:
            await self.tool.tare(TARE_MS)
        except RefusedError as error:
            raise UsageError(f"{error}; then start again") from error
        await self.tool.start(self.tool.features.max_rate_hz)
        try:
            up = [await self._weighed(mass, "up") for mass in (NOTHING_KG, *masses_kg)]
            down = [await self._weighed(mass, "down") for mass in (*reversed(masses_kg), NOTHING_KG)]
        finally:
            await self.tool.stop()
        points = [
            Point(mass * NEWTONS_PER_KG, up_n, down_n)
            for mass, up_n, down_n in zip((NOTHING_KG, *masses_kg), up, reversed(down), strict=True)
        ]
        try:
            return fitted(points)
        except ValueError as error:
            raise UsageError(str(error)) from None

    async def _weighed(self, mass_kg: float, way: str) -> float:
        swing_n = max(STEADY_N, 2 * self.tool.features.resolution_n)
        while True:
            await self.put_on(mass_kg)
            self._readings.clear()
            await self.wait(AVERAGING_S)
            readings = list(self._readings)
            if len(readings) < LEAST_READINGS:
                raise UsageError(f"{self.tool.name} says too little: bring it nearer, and start again")
            if max(readings) - min(readings) <= swing_n:
                break
            self.told("It swings: let it come to rest.")
        mean_n = sum(readings) / len(readings)
        self.told(f"{mass_kg:g} kg, {way}: {mass_kg * NEWTONS_PER_KG:.2f} N on it, {mean_n:.2f} N said")
        return mean_n
