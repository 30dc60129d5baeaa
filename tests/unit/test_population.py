"""The drawn population against its own table; against the published ones it is in test_published."""

from dataclasses import replace
from statistics import fmean, median, pstdev

import numpy as np
import pytest

from protocols.site import Site
from simulator.person import Person
from simulator.population import DEFAULT_POPULATION, Population, draw_traits
from simulator.traits import Traits

UPPER_TRAPEZIUS = Site.named("upper-trapezius-left")
HEALTHY = replace(DEFAULT_POPULATION, active_point=0.0)


def drawn(count: int, population: Population = DEFAULT_POPULATION, **where: object) -> list[Traits]:
    site, tip_mm = where.get("site", UPPER_TRAPEZIUS), where.get("tip_mm", 11.3)
    assert isinstance(site, Site)
    assert isinstance(tip_mm, float)
    rng = np.random.default_rng(7)
    return [draw_traits(rng, site=site, tip_mm=tip_mm, population=population) for _ in range(count)]


def test_an_active_point_is_a_quarter_more_tender() -> None:
    healthy, active = (
        median(traits.body.ppt_n for traits in drawn(3000, replace(HEALTHY, active_point=share)))
        for share in (0.0, 1.0)
    )
    assert active / healthy == pytest.approx(0.75, rel=0.03)


def test_tolerance_on_threshold_is_hou_s_line() -> None:
    """Slope 1.20 within 0.1, intercept 0.48 kg/cm² within 0.2, before the ratio is cut."""
    uncut = replace(HEALTHY, tolerance_ratio=(0.1, 9.0))
    people = drawn(4000, uncut)
    slope, intercept_n = np.polyfit(
        [traits.body.ppt_n for traits in people], [traits.body.tolerance_n for traits in people], 1
    )
    assert slope == pytest.approx(1.20, abs=0.1)
    assert intercept_n / 9.81 == pytest.approx(0.48, abs=0.2)


def test_tolerance_stays_within_its_ratio() -> None:
    ratios = [traits.body.tolerance_n / traits.body.ppt_n for traits in drawn(3000)]
    assert min(ratios) == pytest.approx(1.15)
    assert max(ratios) <= 2.2 + 1e-9


def test_most_people_habituate_some_do_not_and_some_the_other_way() -> None:
    values = [traits.body.habituation for traits in drawn(4000)]
    habituating = [value for value in values if value > 0]
    assert len(habituating) / 4000 == pytest.approx(0.8, abs=0.03)
    assert values.count(0.0) / 4000 == pytest.approx(0.1, abs=0.02)
    assert fmean(habituating) == pytest.approx(0.12, abs=0.005)
    assert min(values) >= -0.06
    assert max(values) <= 0.20
    taus_s = [traits.body.tau_s for traits in drawn(4000)]
    assert median(taus_s) == pytest.approx(28.0, rel=0.05)
    assert pstdev(np.log(taus_s)) == pytest.approx(0.4, rel=0.05)


@pytest.mark.parametrize(
    ("site", "ratio"),
    [("levator-scapulae-left", 1.2), ("suboccipital-right", 0.7), ("sternocleidomastoid-left", 0.5)],
)
def test_other_sites_follow_by_ratio(site: str, ratio: float) -> None:
    here, reference = drawn(5, site=Site.named(site)), drawn(5)
    for other, usual in zip(here, reference, strict=True):
        assert other.body.ppt_n == pytest.approx(ratio * usual.body.ppt_n)
        assert other.body.tolerance_n == pytest.approx(ratio * usual.body.tolerance_n)


def test_hands_and_answers_are_within_the_table() -> None:
    people = drawn(2000)
    assert fmean(traits.hand.delay_s for traits in people) == pytest.approx(0.30, abs=0.01)
    assert pstdev(traits.hand.delay_s for traits in people) == pytest.approx(0.05, rel=0.1)
    assert all(0.8 <= traits.hand.gain_per_s <= 1.5 for traits in people)
    assert all(8.0 <= traits.hand.tremor_hz <= 12.0 for traits in people)
    assert all(0.5 <= traits.rater.noise_sd <= 1.2 for traits in people)
    assert {traits.rater.unanswered for traits in people} == {0.08}


def test_a_population_has_its_own_ratios_of_sites_and_tips() -> None:
    own = replace(
        DEFAULT_POPULATION,
        levator_scapulae_ratio=0.9,
        suboccipital_ratio=0.8,
        sternocleidomastoid_ratio=0.6,
        tip_exponent=1.0,
    )
    for site, ratio in (("levator-scapulae-left", 0.9), ("suboccipital-left", 0.8), ("sternocleidomastoid-left", 0.6)):
        here, reference = drawn(3, own, site=Site.named(site), tip_mm=5.65), drawn(3, own)
        for other, usual in zip(here, reference, strict=True):
            assert other.body.ppt_n == pytest.approx(0.5 * ratio * usual.body.ppt_n)


def test_half_of_the_people_can_be_asked_to_rise() -> None:
    mixed = replace(DEFAULT_POPULATION, rising=0.5)
    assert mixed.habituating == pytest.approx(0.4)
    values = [traits.body.habituation for traits in drawn(4000, mixed)]
    assert sum(value < 0 for value in values) / 4000 == pytest.approx(0.5, abs=0.03)
    assert values.count(0.0) / 4000 == pytest.approx(0.1, abs=0.02)


def test_some_hands_can_be_distracted_and_nothing_else_is_otherwise() -> None:
    """Alone, each from a seed of their own: who is distracted is drawn last."""
    some = replace(DEFAULT_POPULATION, distracted=0.3)
    hands = []
    for seed in range(1000):
        one, usual = (
            draw_traits(np.random.default_rng(seed), site=UPPER_TRAPEZIUS, population=population)
            for population in (some, DEFAULT_POPULATION)
        )
        hands.append(one.hand.distracted)
        assert replace(one, hand=replace(one.hand, distracted=False)) == usual
    assert fmean(hands) == pytest.approx(0.3, abs=0.05)


def test_what_all_people_of_a_population_share_reaches_them() -> None:
    own = replace(
        DEFAULT_POPULATION,
        felt_lag_s=2.0,
        day_ln_sd=0.0,
        wander=0.02,
        tremor=0.03,
        sag_end=0.5,
        sag_tau_s=5.0,
        glance_every_s=(10.0, 11.0),
        glance_s=(1.0, 2.0),
        unanswered=0.5,
        tap_s=(1.0, 1.5),
        number_s=(3.0, 4.0),
    )
    one = drawn(1, own)[0]
    assert (one.body.felt_lag_s, one.body.day_ln_sd) == (2.0, 0.0)
    assert (one.hand.wander, one.hand.tremor, one.hand.sag_end, one.hand.sag_tau_s) == (0.02, 0.03, 0.5, 5.0)
    assert (one.hand.glance_every_s, one.hand.glance_s) == ((10.0, 11.0), (1.0, 2.0))
    assert (one.rater.unanswered, one.rater.tap_s, one.rater.number_s) == (0.5, (1.0, 1.5), (3.0, 4.0))


def test_days_differ() -> None:
    traits = drawn(1)[0]
    days = [Person(traits, seed).body.ppt_n / traits.body.ppt_n for seed in range(1500)]
    assert median(days) == pytest.approx(1.0, rel=0.02)
    assert pstdev(np.log(days)) == pytest.approx(0.15, rel=0.1)
