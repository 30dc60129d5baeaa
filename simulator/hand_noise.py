"""The unsteadiness of a hand: slow wander and tremor, as a factor around 1."""

import math

import numpy as np

from simulator.traits import HandTraits

WANDER_TAU_S = 0.15
"""Two equal low-passes of this time constant put 80 % of the wander's power below 1 Hz (ADR 15)."""

_BLOCK = 1024


class HandNoise:
    """A factor to multiply the steady force with; its standard deviation does not depend on the step."""

    def __init__(self, traits: HandTraits, rng: np.random.Generator) -> None:
        self._rng = rng
        self._wander = traits.wander
        self._tremor = traits.tremor * math.sqrt(2.0)
        self._turn_per_s = 2.0 * math.pi * traits.tremor_hz
        self._phase = float(rng.uniform(0.0, 2.0 * math.pi))
        self._normals: list[float] = []
        self._fast = float(rng.standard_normal())
        self._slow = self._fast
        self._dt_s = self._keep = self._kick = self._scale = 0.0

    def advance(self, dt_s: float) -> float:
        """Return the factor this much later, seconds."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            keep = self._keep = math.exp(-dt_s / WANDER_TAU_S)
            self._kick = math.sqrt(1.0 - keep * keep)
            # The variance of an order-2 autoregression with a double root, inverted: unit variance comes out.
            self._scale = (1.0 + keep) / math.sqrt(1.0 + keep * keep)
        if not self._normals:
            self._normals = self._rng.standard_normal(_BLOCK).tolist()
        keep = self._keep
        self._fast = keep * self._fast + self._kick * self._normals.pop()
        self._slow = keep * self._slow + (1.0 - keep) * self._fast
        self._phase = (self._phase + self._turn_per_s * dt_s) % (2.0 * math.pi)
        return 1.0 + self._wander * self._scale * self._slow + self._tremor * math.sin(self._phase)
