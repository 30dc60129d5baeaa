"""A simulated heart: beats whose intervals breathe."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class HeartTraits:
    """One heart at rest. Means and spreads as adults have: 60 to 80 a minute; RMSSD 42 ± 15 ms (Nunan 2010, review).

    `breathing_s`: how much an interval changes with the breath, `noise_s`: from beat to beat.
    """

    interval_s: float = 0.9
    breathing_s: float = 0.035
    breath_period_s: float = 4.0
    noise_s: float = 0.015


class Heart:
    """Beats, one after the other; deterministic from `seed`."""

    def __init__(self, traits: HeartTraits, seed: int) -> None:
        self._traits = traits
        self._rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0x48,)))
        self._phase = float(self._rng.uniform(0, 2 * math.pi))

    def next_interval_s(self, at_s: float) -> float:
        """Return how long after a beat at this time the next one comes."""
        traits = self._traits
        breath = math.sin(2 * math.pi * at_s / traits.breath_period_s + self._phase)
        noise = float(self._rng.normal(0.0, traits.noise_s))
        return max(0.4, traits.interval_s + traits.breathing_s * breath + noise)
