"""The simulated load cell: what a bridge and its converter make of the force at the tip.

Error budget of a sound cell, newtons, for loads up to 50 N within two minutes of the tare. It sums to at most
`ERROR_FLOOR_N + ERROR_SHARE * force`, the value a test may call "within the load cell's error":

    noise, five standard deviations of 20 mN    0.100
    zero drift after the tare                   0.020
    noise left in the tare's average            0.008
    rounding, converter and wire                0.006
    creep that has not recovered, of 50 N       0.015
    span and creep, of the force                0.13 %

Before the first tare the zero left from power-up (`POWER_UP_ZERO_N`) stands in place of drift and tare.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

ERROR_FLOOR_N = 0.15
"""The part of the error budget that does not depend on the force."""

ERROR_SHARE = 0.003
"""The part of the error budget that grows with the force."""

POWER_UP_ZERO_N = 0.02
"""Largest zero error at power-up, before any tare. A design choice."""

TEMPERATURE_DRIFT_N_PER_S = 0.02
"""How fast the zero walks away while the cell is outside its temperature range. A design choice."""

_BLOCK = 1024


class SensorFault(IntEnum):
    """Kinds of sensor fault, numbered as in event 06 of the tool profile."""

    OPEN = 1
    SHORT = 2
    STUCK = 3
    TEMPERATURE = 4


@dataclass(frozen=True, slots=True)
class Reading:
    """One conversion: newtons (NaN: no valid sample), whether beyond the capacity, and the noticed fault."""

    force_n: float
    saturated: bool
    fault: SensorFault | None


@dataclass(frozen=True, slots=True)
class CellTraits:
    """What distinguishes one load cell from another; the defaults are a good small cell (creep class C3).

    `span_error` and `creep` are shares of the force, `zero_drift_n` the largest excursion of a slow wander.
    """

    capacity_n: float = 200.0
    noise_n: float = 0.020
    span_error: float = 0.001
    creep: float = 0.0003
    creep_tau_s: float = 60.0
    zero_drift_n: float = 0.010
    zero_drift_period_s: float = 600.0
    step_n: float = 0.002


class LoadCell:
    """A load cell with its converter, deterministic from `seed`.

    Times are the tool's own µs and must not decrease.
    """

    def __init__(self, traits: CellTraits, seed: np.random.SeedSequence | int) -> None:
        self.traits = traits
        self._rng = np.random.default_rng(seed)
        self._span = 1.0 + traits.span_error * float(self._rng.uniform(-1.0, 1.0))
        self._zero_n = POWER_UP_ZERO_N * float(self._rng.uniform(-0.5, 0.5))
        self._phase = float(self._rng.uniform(0.0, 2.0 * math.pi))
        self._noise: list[float] = []
        self._creep_n = 0.0
        self._read_us: int | None = None
        self._last_n = 0.0
        self._fault: SensorFault | None = None
        self._fault_us = 0
        self._notice_us: int | None = None

    def fail(self, fault: SensorFault, at_us: int, *, noticed_after_us: int | None = 0) -> None:
        """Break from `at_us` on; the tool's self-check sees it `noticed_after_us` later, or never (None)."""
        self._fault, self._fault_us = fault, at_us
        self._notice_us = None if noticed_after_us is None else at_us + noticed_after_us

    def mend(self) -> None:
        """Be sound again."""
        self._fault = self._notice_us = None

    def read(self, true_force_n: float, at_us: int) -> Reading:
        """Convert the force at the tip, newtons; an open or shorted bridge gives no valid sample."""
        force_n = self._sound_n(true_force_n, at_us)
        fault = self._fault if self._fault is not None and at_us >= self._fault_us else None
        match fault:
            case None:
                pass
            case SensorFault.OPEN | SensorFault.SHORT:
                force_n = math.nan
            case SensorFault.STUCK:
                force_n = self._last_n
            case SensorFault.TEMPERATURE:
                force_n += TEMPERATURE_DRIFT_N_PER_S * (at_us - self._fault_us) / 1e6
        capacity_n = self.traits.capacity_n
        saturated = force_n > capacity_n or force_n < -capacity_n
        if saturated:
            force_n = math.copysign(capacity_n, force_n)
        if force_n == force_n:  # noqa: PLR0124 - the cheapest test for NaN, once a sample
            self._last_n = force_n
        noticed = fault is not None and self._notice_us is not None and at_us >= self._notice_us
        return Reading(force_n, saturated, fault if noticed else None)

    def _sound_n(self, true_force_n: float, at_us: int) -> float:
        traits = self.traits
        if self._read_us is not None:
            share = min(1.0, (at_us - self._read_us) / (traits.creep_tau_s * 1e6))
            self._creep_n += (traits.creep * true_force_n - self._creep_n) * share
        self._read_us = at_us
        if not self._noise:
            self._noise = (self._rng.standard_normal(_BLOCK) * traits.noise_n).tolist()
        wander = math.sin(2.0 * math.pi * at_us / (traits.zero_drift_period_s * 1e6) + self._phase)
        force_n = (
            true_force_n * self._span + self._creep_n + self._zero_n + traits.zero_drift_n * wander + self._noise.pop()
        )
        return round(force_n / traits.step_n) * traits.step_n
