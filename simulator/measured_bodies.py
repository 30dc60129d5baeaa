"""Simulated bodies, measured as the published studies did."""

from dataclasses import replace
from math import log, pi
from statistics import fmean, median, pstdev

import numpy as np

from firmware_bridge.units import NEWTONS_PER_KG
from protocols.site import REFERENCE_TIP_MM, Site
from simulator.body import Body
from simulator.person import Person
from simulator.population import DEFAULT_POPULATION, Population, draw_traits
from simulator.published import (
    PAIN_AFTER_S,
    PAIN_PAIRS,
    PPT_LN_SD,
    PPT_MEN,
    PPT_WOMEN,
    TIP_RATIO,
    TIPS_MM,
    TOLERANCE_INTERCEPT,
    TOLERANCE_SLOPE,
    Compared,
    discomfort_of,
    pain_figure,
)
from simulator.traits import Traits

UPPER_TRAPEZIUS = Site.named("upper-trapezius-left")

_STEP_S = 0.1


def pain_at_constant_pressure(
    people: int, seed: int, population: Population = DEFAULT_POPULATION
) -> tuple[Compared, ...]:
    """Compare how discomfort changes at constant force, phenotype by phenotype: all habituate, or all rise."""
    compared = []
    for before, after, rises in PAIN_PAIRS:
        one_kind = replace(population, rising=float(rises), not_habituating=0.0)
        felt = []
        for traits in drawn(people, seed, one_kind):
            body = Body(traits.body)
            force_n = body.force_at_n(discomfort_of(before))
            for _ in range(round(PAIN_AFTER_S / _STEP_S)):
                body.advance(force_n, _STEP_S)
            felt.append(body.discomfort)
        compared.append(Compared(pain_figure(before, after, rises=rises), fmean(felt)))
    return tuple(compared)


def tolerance_on_threshold(people: int, seed: int, population: Population = DEFAULT_POPULATION) -> tuple[Compared, ...]:
    """Compare the line through everybody's threshold and tolerance, on the day of measuring."""
    bodies = _on_a_day(people, seed, population)
    slope, intercept_n = np.polyfit([body.ppt_n for body in bodies], [body.tolerance_n for body in bodies], 1)
    return (
        Compared(TOLERANCE_SLOPE, float(slope)),
        Compared(TOLERANCE_INTERCEPT, float(intercept_n) / NEWTONS_PER_KG),
    )


def threshold_by_sex(people: int, seed: int, population: Population = DEFAULT_POPULATION) -> tuple[Compared, ...]:
    """Compare thresholds of people without an active point, men and women apart, on the day of measuring."""
    compared = []
    for men, figure, spread in ((1.0, PPT_MEN, PPT_LN_SD[0]), (0.0, PPT_WOMEN, PPT_LN_SD[1])):
        one_sex = replace(population, men=men, active_point=0.0)
        thresholds_n = [body.ppt_n for body in _on_a_day(people, seed, one_sex)]
        compared += [
            Compared(figure, median(thresholds_n)),
            Compared(spread, pstdev(log(threshold_n) for threshold_n in thresholds_n)),
        ]
    return tuple(compared)


def small_tip(people: int, seed: int, population: Population = DEFAULT_POPULATION) -> tuple[Compared, ...]:
    """Compare the pressure that the same people accept under a small tip with that under a large one."""
    small, large = (
        [traits.body.tolerance_n / (pi * tip_mm**2 / 4.0) for traits in drawn(people, seed, population, tip_mm)]
        for tip_mm in TIPS_MM
    )
    return (Compared(TIP_RATIO, median(a / b for a, b in zip(small, large, strict=True))),)


def drawn(people: int, seed: int, population: Population, tip_mm: float = REFERENCE_TIP_MM) -> list[Traits]:
    """Return people as they are at the upper trapezius; the same seed draws the same."""
    rng = np.random.default_rng(seed)
    return [draw_traits(rng, site=UPPER_TRAPEZIUS, tip_mm=tip_mm, population=population) for _ in range(people)]


def _on_a_day(people: int, seed: int, population: Population) -> list[Body]:
    seeds = np.random.SeedSequence(seed).spawn(people)
    return [
        Person(traits, own_seed).body for traits, own_seed in zip(drawn(people, seed, population), seeds, strict=True)
    ]
