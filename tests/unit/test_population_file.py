"""Populations from files, and as files."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from protocols.errors import FileError
from simulator.population import DEFAULT_POPULATION, Population
from simulator.population_file import parse_population, population_toml, read_population


def other_population() -> Population:
    """Return one that differs from the default in every field."""
    changed = {
        field.name: (value[0] + 0.001, value[1] + 0.002) if isinstance(value, tuple) else value + 1 / 3
        for field in fields(Population)
        if field.name not in ("sensitising_range", "tolerance_ratio")
        for value in [getattr(DEFAULT_POPULATION, field.name)]
    }
    changed |= {"sensitising_range": (-0.1, -0.01), "tolerance_ratio": (1.2, 2.0), "wander": 0.1, "tremor": 1 / 70}
    changed |= {"day_ln_sd": 0.2, "sag_end": 0.5}
    return replace(DEFAULT_POPULATION, **changed)


@pytest.mark.parametrize("population", [DEFAULT_POPULATION, other_population()], ids=["default", "other"])
def test_what_is_printed_reads_back_equal(population: Population) -> None:
    assert parse_population(population_toml(population), "there") == population


def test_the_other_population_differs_in_every_field() -> None:
    other = other_population()
    same = [
        name.name for name in fields(Population) if getattr(other, name.name) == getattr(DEFAULT_POPULATION, name.name)
    ]
    assert same == []


def test_every_parameter_is_printed_once_with_its_meaning_and_source() -> None:
    text = population_toml(DEFAULT_POPULATION)
    sections = tomllib.loads(text)
    printed = [key for section in sections.values() for key in section]
    assert sorted(printed) == sorted(field.name for field in fields(Population))
    settings = [line for line in text.splitlines() if " = " in line]
    assert len(settings) == len(printed)
    for line in settings:
        meaning = line.partition("#")[2]
        assert any(f"; {mark}" in meaning for mark in "PDUC"), line
    assert max(len(line) for line in text.splitlines()) <= 120


def test_a_file_changes_what_it_says_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "rising.toml"
    file.write_text("[body]\nrising = 0.5\nmen = 1\n[answers]\ntap_s = [1, 2.5]\n", encoding="utf-8")
    population = read_population(str(file))
    assert population == replace(DEFAULT_POPULATION, rising=0.5, men=1.0, tap_s=(1.0, 2.5))
    assert population.habituating == pytest.approx(0.4)


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "empty.toml"
    file.touch()
    assert read_population(str(file)) == DEFAULT_POPULATION


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("x =", "", "is not TOML"),
        ("[body]\nmen = 2", "body.men", "must be 0.0 to 1.0$"),
        ("[body]\nmen = inf", "body.men", "allowed: 0.0 to 1.0"),
        ("[body]\nmen = true", "body.men", "allowed: 0.0 to 1.0"),
        ("[body]\nppt_median_men_n = 0", "body.ppt_median_men_n", "must be 2.0 to 150.0$"),
        ("[body]\nfoo = 1", "body.foo", "choose from: ppt_median_men_n, "),
        ("[person]\nfoo = 1", "person", "choose from: body, site_and_tip, answers, hand"),
        ("hand = 3", "hand", r"must be a table: \[hand\]"),
        ("[answers]\ntap_s = 1", "answers.tap_s", r"must be two numbers: \[0.1 to 10.0, 0.1 to 10.0\]"),
        ("[answers]\ntap_s = [1]", "answers.tap_s", r"must be two numbers: \[0.1 to 10.0, 0.1 to 10.0\]"),
        ("[answers]\ntap_s = [1, 2, 3]", "answers.tap_s", r"must be two numbers"),
        ("[answers]\ntap_s = 'ab'", "answers.tap_s", r"must be two numbers"),
        ("[answers]\ntap_s = [0.5, 'b']", "answers.tap_s", "valid number; allowed: 0.1 to 10.0$"),
        ("[answers]\ntap_s = [0.8, 0.5]", "answers.tap_s", "0.8 comes after 0.5; the lowest must come first"),
        ("[hand]\nhand_delay_s = [0.3, 2]", "hand.hand_delay_s", "must be 0.0 to 1.0$"),
        ("[hand]\nhand_delay_s = [0.5, 0]", "hand.hand_delay_s", "outside hand_delay_range_s; allowed: 0.15 to 0.45"),
        ("[body]\nhabituation_range = [0.2, 0.3]", "body.habituation", "outside habituation_range"),
        ("[body]\nrising = 0.95", "body.rising", "0.95 and not_habituating 0.1 are more than all"),
        ("[body]\ntolerance_ratio = [1.0, 2]", "body.tolerance_ratio", "must be 1.05 to 4.0"),
    ],
)
def test_what_is_wrong_with_a_file_names_file_key_and_range(tmp_path: Path, text: str, key: str, said: str) -> None:
    file = tmp_path / "people.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=said) as caught:
        read_population(str(file))
    assert caught.value.key == key
    assert str(caught.value).startswith(f"{file}: {key}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said() -> None:
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read_population("missing.toml")
