"""Simulated hands, measured as the published studies did."""

from math import exp, log, nan
from statistics import fmean

import numpy as np

from protocols.commands import Cue
from simulator.hand import Hand
from simulator.measured_bodies import drawn
from simulator.population import DEFAULT_POPULATION, Population
from simulator.published import CORRECTION, SAG, SAG_BINS_S, STEADINESS, Compared, sag_figures
from simulator.traits import HandTraits

PRESSED_N = 25.0
STEPPED_N = 30.0
"""How hard the hands press here, and a step of the target: everything about them is in proportion to the force."""

SETTLING_S = 15.0
HOLD_S = 90.0
"""The longest dose: steadiness is that of a whole hold."""

LONGEST_REACTION_S = 15.0

_NS_PER_S = 1_000_000_000
_STEP_NS = 20_000_000
_FINE_STEP_NS = 1_000_000
_FOR_EVER_NS = 2**62


def sag(people: int, seed: int, population: Population = DEFAULT_POPULATION) -> tuple[Compared, ...]:
    """Compare how force falls when nobody guides.

    How hard they pressed at first is fitted, one number for each way of holding: the studies let people choose.
    """
    parts = [slice(*(round(end_s * _NS_PER_S) // _STEP_NS for end_s in ends_s)) for ends_s in SAG_BINS_S]
    shares = []
    for traits, own_seed in _hands(people, seed, population):
        bench = _Bench(traits, own_seed)
        bench.hand.look_away(_FOR_EVER_NS)
        forces_n = np.array(bench.run(max(end_s for _, end_s in SAG_BINS_S)))
        shares.append([forces_n[part].mean() / PRESSED_N for part in parts])
    means = [float(mean) for mean in np.mean(shares, axis=0)]
    compared = []
    for held, values in SAG.items():
        first = exp(fmean(log(value / mean) for value, mean in zip(values, means, strict=True)))
        compared += [Compared(figure, first * mean) for figure, mean in zip(sag_figures(held), means, strict=True)]
    return tuple(compared)


def steadiness(people: int, seed: int, population: Population = DEFAULT_POPULATION) -> tuple[Compared, ...]:
    """Compare how much the force of a guided hand varies over a hold."""
    variations = []
    for traits, own_seed in _hands(people, seed, population):
        forces_n = np.array(_Bench(traits, own_seed).run(HOLD_S))
        variations.append(float(forces_n.std() / forces_n.mean()))
    return (Compared(STEADINESS, 100.0 * fmean(variations)),)


def correction(people: int, seed: int, population: Population = DEFAULT_POPULATION) -> tuple[Compared, ...]:
    """Compare when a guided hand begins to follow a step of the target."""
    onsets_s = [_onset_s(traits, own_seed) for traits, own_seed in _hands(people, seed, population)]
    return (Compared(CORRECTION, 1000.0 * fmean(onsets_s)),)


class _Bench:
    """A hand that was guided to `PRESSED_N` until it was there, and its clock."""

    def __init__(self, traits: HandTraits, seed: np.random.SeedSequence) -> None:
        self.hand = Hand(traits, np.random.default_rng(seed))
        self.now_ns = 0
        self.hand.show_target(PRESSED_N, self.now_ns)
        self.hand.cue(Cue.PRESS_MORE, self.now_ns)
        self.run(SETTLING_S)

    def run(self, seconds: float) -> list[float]:
        return [self.step(_STEP_NS) for _ in range(round(seconds * _NS_PER_S) // _STEP_NS)]

    def step(self, step_ns: int) -> float:
        self.now_ns += step_ns
        return self.hand.advance(self.now_ns, step_ns / _NS_PER_S)


def _hands(people: int, seed: int, population: Population) -> list[tuple[HandTraits, np.random.SeedSequence]]:
    seeds = np.random.SeedSequence(seed).spawn(people)
    return [(traits.hand, own) for traits, own in zip(drawn(people, seed, population), seeds, strict=True)]


def _onset_s(traits: HandTraits, seed: np.random.SeedSequence) -> float:
    """Return when two hands that wander alike come apart, of which one saw the target step."""
    stepped, steady = _Bench(traits, seed), _Bench(traits, seed)
    stepped.hand.show_target(STEPPED_N, stepped.now_ns)
    for count in range(round(LONGEST_REACTION_S * _NS_PER_S) // _FINE_STEP_NS):
        if stepped.step(_FINE_STEP_NS) != steady.step(_FINE_STEP_NS):
            return count * _FINE_STEP_NS / _NS_PER_S
    return nan
