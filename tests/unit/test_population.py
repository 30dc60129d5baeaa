"""The drawn population against the published tables."""

from dataclasses import replace
from statistics import fmean, median, pstdev

import numpy as np
import pytest

from protocols.site import Site
from simulator.body import Body
from simulator.person import Person
from simulator.population import DEFAULT_POPULATION, Population, draw_traits, force_ratio
from simulator.traits import Traits

UPPER_TRAPEZIUS = Site.named("upper-trapezius-left")
HEALTHY = replace(DEFAULT_POPULATION, active_point=0.0)


def drawn(count: int, population: Population = DEFAULT_POPULATION, **where: object) -> list[Traits]:
    site, tip_mm = where.get("site", UPPER_TRAPEZIUS), where.get("tip_mm", 11.3)
    assert isinstance(site, Site)
    assert isinstance(tip_mm, float)
    rng = np.random.default_rng(7)
    return [draw_traits(rng, site=site, tip_mm=tip_mm, population=population) for _ in range(count)]


@pytest.mark.parametrize(("men", "median_n"), [(1.0, 36.8), (0.0, 24.4)])
def test_thresholds_by_sex_are_the_published_ones(men: float, median_n: float) -> None:
    """Medians within 10 %, spread of the logarithm 0.40 to 0.60."""
    ppts_n = [traits.body.ppt_n for traits in drawn(3000, replace(HEALTHY, men=men))]
    assert median(ppts_n) == pytest.approx(median_n, rel=0.10)
    assert 0.40 <= pstdev(np.log(ppts_n)) <= 0.60


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
    ("pain_before", "pain_after", "sensitising"),
    [(3.9, 2.4, False), (4.0, 1.8, False), (3.9, 4.6, True), (4.6, 5.3, True)],
)
def test_discomfort_at_constant_force_changes_as_staud_measured(
    pain_before: float, pain_after: float, *, sensitising: bool
) -> None:
    """PMC2751583, 0 to 30 s, phenotype by phenotype; discomfort = 3 + 0.7 * pain, within 0.5."""
    after = []
    for traits in drawn(1500):
        if traits.body.habituation == 0.0 or (traits.body.habituation < 0.0) is not sensitising:
            continue
        body = Body(replace(traits.body, felt_lag_s=0.01))
        force_n = body.force_at_n(3 + 0.7 * pain_before)
        for _ in range(300):
            body.advance(force_n, 0.1)
        after.append(body.discomfort)
    assert fmean(after) == pytest.approx(3 + 0.7 * pain_after, abs=0.5)


def test_a_small_tip_is_tolerated_at_a_higher_pressure() -> None:
    """3.3 within 0.4 from 13 to 5 mm."""
    small, large = (force_ratio(UPPER_TRAPEZIUS, tip_mm) / tip_mm**2 for tip_mm in (5.0, 13.0))
    assert small / large == pytest.approx(3.3, abs=0.4)


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


def test_days_differ() -> None:
    traits = drawn(1)[0]
    days = [Person(traits, seed).body.ppt_n / traits.body.ppt_n for seed in range(1500)]
    assert median(days) == pytest.approx(1.0, rel=0.02)
    assert pstdev(np.log(days)) == pytest.approx(0.15, rel=0.1)
