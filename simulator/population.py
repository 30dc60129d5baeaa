"""Whom the simulator draws: the default population, checked against the published tables."""

from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np

from protocols.site import REFERENCE_TIP_MM, TIP_EXPONENT, Muscle, Site
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits


@dataclass(frozen=True, slots=True)
class Population:
    """Distributions; forces in newtons for a flat tip of 1 cm² at the upper trapezius, times in seconds.

    Pairs are (mean, SD) or (lowest, highest), and shares go from 0 to 1. `rising` and `not_habituating` are the shares
    of people whose discomfort rises or stays at constant force; in all others it falls. What each field means, its
    bounds and its source: `simulator.population_file`, which reads and prints populations.
    """

    ppt_median_men_n: float = 36.8
    ppt_median_women_n: float = 24.4
    ppt_ln_sd: float = 0.45
    men: float = 0.5
    active_point: float = 0.5
    active_point_factor: float = 0.75
    levator_scapulae_ratio: float = 1.2
    suboccipital_ratio: float = 0.7
    sternocleidomastoid_ratio: float = 0.5
    tip_exponent: float = TIP_EXPONENT
    tolerance_slope: float = 1.20
    tolerance_intercept_n: float = 4.7
    tolerance_sd_of_ppt: float = 0.12
    tolerance_ratio: tuple[float, float] = (1.15, 2.2)
    felt_lag_s: float = 1.0
    rising: float = 0.1
    not_habituating: float = 0.1
    habituation: tuple[float, float] = (0.12, 0.04)
    habituation_range: tuple[float, float] = (0.02, 0.20)
    sensitising_range: tuple[float, float] = (-0.06, 0.0)
    tau_median_s: float = 28.0
    tau_ln_sd: float = 0.4
    day_ln_sd: float = 0.15
    answer_noise_range: tuple[float, float] = (0.5, 1.2)
    unanswered: float = 0.08
    tap_s: tuple[float, float] = (0.5, 0.8)
    number_s: tuple[float, float] = (1.0, 2.0)
    hand_delay_s: tuple[float, float] = (0.30, 0.05)
    hand_delay_range_s: tuple[float, float] = (0.15, 0.45)
    hand_gain_range_per_s: tuple[float, float] = (0.8, 1.5)
    wander: float = 0.04
    tremor: float = 0.01
    tremor_range_hz: tuple[float, float] = (8.0, 12.0)
    sag_end: float = 0.82
    sag_tau_s: float = 11.8
    distracted: float = 0.0
    glance_every_s: tuple[float, float] = (26.0, 34.0)
    glance_s: tuple[float, float] = (3.0, 6.0)

    @property
    def habituating(self) -> float:
        """The share of people whose discomfort falls at constant force."""
        return 1.0 - self.rising - self.not_habituating


DEFAULT_POPULATION = Population()


def force_ratio(site: Site, tip_mm: float, population: Population = DEFAULT_POPULATION) -> float:
    """Return how forces at this site, under a tip of this diameter, compare with the reference ones."""
    return float(_site_ratio(site.muscle, population) * (tip_mm / REFERENCE_TIP_MM) ** population.tip_exponent)


def draw_traits(
    rng: np.random.Generator,
    *,
    site: Site,
    tip_mm: float = REFERENCE_TIP_MM,
    population: Population = DEFAULT_POPULATION,
    name: str = "default",
) -> Traits:
    """Draw one person, as they are at this site under a tip of this diameter."""
    body = _draw_body(rng, population, force_ratio(site, tip_mm, population))
    hand = HandTraits(
        delay_s=_cut(rng.normal(*population.hand_delay_s), population.hand_delay_range_s),
        gain_per_s=float(rng.uniform(*population.hand_gain_range_per_s)),
        tremor_hz=float(rng.uniform(*population.tremor_range_hz)),
        wander=population.wander,
        tremor=population.tremor,
        sag_end=population.sag_end,
        sag_tau_s=population.sag_tau_s,
        glance_every_s=population.glance_every_s,
        glance_s=population.glance_s,
    )
    rater = RaterTraits(
        noise_sd=float(rng.uniform(*population.answer_noise_range)),
        unanswered=population.unanswered,
        tap_s=population.tap_s,
        number_s=population.number_s,
    )
    # Last, and only where it can happen: everything else about these people is as it is without distraction.
    if population.distracted > 0.0 and rng.random() < population.distracted:
        hand = replace(hand, distracted=True)
    return Traits(name, body, hand, rater)


def _site_ratio(muscle: Muscle, population: Population) -> float:
    match muscle:
        case Muscle.UPPER_TRAPEZIUS:
            return 1.0
        case Muscle.LEVATOR_SCAPULAE:
            return population.levator_scapulae_ratio
        case Muscle.SUBOCCIPITAL:
            return population.suboccipital_ratio
        case Muscle.STERNOCLEIDOMASTOID:
            return population.sternocleidomastoid_ratio
        case _:
            assert_never(muscle)


def _draw_body(rng: np.random.Generator, population: Population, ratio: float) -> BodyTraits:
    is_man, has_active_point = rng.random() < population.men, rng.random() < population.active_point
    median_n = population.ppt_median_men_n if is_man else population.ppt_median_women_n
    ppt_n = median_n * float(np.exp(rng.normal(0.0, population.ppt_ln_sd)))
    if has_active_point:
        ppt_n *= population.active_point_factor
    tolerance_n = population.tolerance_slope * ppt_n + population.tolerance_intercept_n
    tolerance_n += float(rng.normal(0.0, population.tolerance_sd_of_ppt * ppt_n))
    tolerance_ratio = _cut(tolerance_n / ppt_n, population.tolerance_ratio)
    kind = rng.random()
    if kind < population.habituating:
        habituation = _cut(rng.normal(*population.habituation), population.habituation_range)
    elif kind < population.habituating + population.not_habituating:
        habituation = 0.0
    else:
        habituation = float(rng.uniform(*population.sensitising_range))
    return BodyTraits(
        ppt_n=ppt_n * ratio,
        tolerance_n=ppt_n * ratio * tolerance_ratio,
        habituation=habituation,
        tau_s=population.tau_median_s * float(np.exp(rng.normal(0.0, population.tau_ln_sd))),
        day_ln_sd=population.day_ln_sd,
        felt_lag_s=population.felt_lag_s,
    )


def _cut(value: float, between: tuple[float, float]) -> float:
    return float(min(max(value, between[0]), between[1]))
