"""The simulated world against each published table, and that each table tells a world that is otherwise."""

from dataclasses import replace
from math import nan

import pytest

from simulator.measured_bodies import pain_at_constant_pressure, small_tip, threshold_by_sex, tolerance_on_threshold
from simulator.measured_hands import correction, sag, steadiness
from simulator.population import DEFAULT_POPULATION, Population
from simulator.published import Compared, between, near
from simulator.published_check import TABLES, Table

SEED = 1
HANDS, BODIES = 150, 3000
"""How many are measured: a hand is the same work as some fifty bodies."""


def outside(compared: tuple[Compared, ...]) -> list[str]:
    assert compared
    return [one.published.quantity for one in compared if not one.is_within]


def test_an_unguided_hand_sags_as_published() -> None:
    compared = sag(HANDS, SEED)
    assert outside(compared) == []
    assert [one.published.low for one in compared] == [8.30, 7.87, 7.58, 7.27, 8.80, 8.73, 8.50, 8.22]
    by_hand = [one.simulated for one in compared[:4]]
    assert by_hand == pytest.approx([8.30, 7.87, 7.58, 7.27], rel=0.01)  # it was fitted to these


def test_discomfort_at_constant_force_changes_as_staud_measured() -> None:
    compared = pain_at_constant_pressure(BODIES, SEED)
    assert outside(compared) == []
    assert [one.published.low for one in compared] == pytest.approx([4.68, 4.26, 6.22, 6.71])
    assert [one.published.allowed for one in compared] == [0.5] * 4


def test_tolerance_follows_threshold_as_hou_measured() -> None:
    compared = tolerance_on_threshold(BODIES, SEED)
    assert outside(compared) == []
    assert [(one.published.low, one.published.allowed) for one in compared] == [(1.20, 0.1), (0.48, 0.2)]


def test_thresholds_by_sex_are_the_published_ones() -> None:
    compared = threshold_by_sex(BODIES, SEED)
    assert outside(compared) == []
    assert [(one.published.low, one.published.high) for one in compared[:2]] == [(36.81, 36.81), (0.40, 0.60)]
    assert [(one.published.low, one.published.high) for one in compared[2:]] == [(24.37, 24.37), (0.40, 0.60)]
    assert [one.published.allowed for one in compared[::2]] == pytest.approx([3.681, 2.437])
    # 0.45 between people and 0.15 between days
    assert compared[1].simulated == pytest.approx((0.45**2 + 0.15**2) ** 0.5, rel=0.05)


def test_a_guided_hand_is_as_steady_as_published() -> None:
    compared = steadiness(HANDS, SEED)
    assert outside(compared) == []
    assert (compared[0].published.low, compared[0].published.high) == (4.0, 4.5)


def test_a_guided_hand_begins_to_correct_when_it_was_published_to() -> None:
    compared = correction(HANDS, SEED)
    assert outside(compared) == []
    assert (compared[0].published.low, compared[0].published.high) == (230.0, 250.0)


def test_a_small_tip_is_tolerated_at_a_higher_pressure() -> None:
    compared = small_tip(BODIES, SEED)
    assert outside(compared) == []
    assert (compared[0].published.low, compared[0].published.allowed) == (3.3, 0.4)


OTHER_WORLDS = {
    "unguided hand": (replace(DEFAULT_POPULATION, sag_end=0.70), "by hand, 0-5 s"),
    "pain in 30 s": (replace(DEFAULT_POPULATION, sensitising_range=(-0.12, -0.06)), "rising, from 5.7"),
    "tolerance": (replace(DEFAULT_POPULATION, tolerance_slope=1.35), "slope on threshold"),
    "threshold": (replace(DEFAULT_POPULATION, ppt_median_women_n=30.0), "women, median"),
    "guided hand": (replace(DEFAULT_POPULATION, wander=0.05), "variation in a hold"),
    "its correction": (replace(DEFAULT_POPULATION, hand_delay_s=(0.36, 0.05)), "begins after"),
    "size of the tip": (replace(DEFAULT_POPULATION, tip_exponent=1.0), "pressure, 5 mm over 13 mm"),
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_world_that_is_otherwise_is_told_by_its_table(table: Table) -> None:
    population, quantity = OTHER_WORLDS[table.name]
    people = HANDS if table.compare in (sag, steadiness, correction) else BODIES
    assert quantity in outside(table.compare(people, SEED, population))


def test_habituating_people_are_compared_too() -> None:
    weaker = replace(DEFAULT_POPULATION, habituation=(0.03, 0.01))
    assert outside(pain_at_constant_pressure(BODIES, SEED, weaker)) == [
        "habituating, from 5.7",
        "habituating, from 5.8",
    ]


def test_the_mix_of_a_population_does_not_change_how_a_phenotype_is_compared() -> None:
    mixed = replace(DEFAULT_POPULATION, rising=0.5, not_habituating=0.3)
    usual = pain_at_constant_pressure(100, SEED)
    assert pain_at_constant_pressure(100, SEED, mixed) == usual


def test_the_same_seed_measures_the_same() -> None:
    for table in TABLES:
        assert table.compare(10, 3, DEFAULT_POPULATION) == table.compare(10, 3, DEFAULT_POPULATION)
        assert table.compare(10, 3, DEFAULT_POPULATION) != table.compare(10, 4, DEFAULT_POPULATION) or (
            table.name == "size of the tip"  # nothing about it is drawn
        )


@pytest.mark.parametrize(
    ("simulated", "difference", "is_within"),
    [(3.9, -0.1, False), (4.0, 0.0, True), (4.3, 0.0, True), (4.51, 0.01, False), (nan, nan, False)],
)
def test_a_range_has_no_tolerance(simulated: float, difference: float, *, is_within: bool) -> None:
    one = Compared(between("", "", 4.0, 4.5), simulated)
    assert one.difference == pytest.approx(difference, nan_ok=True)
    assert one.is_within is is_within


@pytest.mark.parametrize(("simulated", "is_within"), [(1.0, False), (1.11, True), (1.29, True), (1.31, False)])
def test_a_number_may_be_off_by_what_is_allowed(simulated: float, *, is_within: bool) -> None:
    one = Compared(near("", "", 1.2, by=0.1), simulated)
    assert one.difference == pytest.approx(simulated - 1.2)
    assert one.is_within is is_within


def test_a_hand_that_never_reacts_is_not_within() -> None:
    stiff: Population = replace(DEFAULT_POPULATION, hand_gain_range_per_s=(0.0, 0.0))
    assert outside(correction(2, SEED, stiff)) == ["begins after"]
