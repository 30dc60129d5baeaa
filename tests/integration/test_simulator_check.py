"""`holdwell simulator check`: the simulated world beside the published tables."""

import json
from pathlib import Path

import pytest

from tests.command_line import Here, is_one_line


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def check(here: Here, *arguments: object):
    return here("simulator", "check", "--people", 400, *arguments)


def test_every_table_is_within_what_is_allowed(here):
    said = check(here, "--json")
    assert said.code == 0
    result = json.loads(said.out)
    assert (result["people"], result["seed"], result["within"]) == (400, 1, True)
    assert all(figure["within"] for figure in result["figures"])
    assert {figure["source"] for figure in result["figures"]} > {"PMC8623383", "Staud 2009", "Hou 2002"}
    first = result["figures"][0]
    assert (first["quantity"], first["unit"], first["published"], first["allowed"]) == (
        "by hand, 0-5 s",
        "N/cm²",
        8.3,
        0.415,
    )
    assert first["simulated"] - first["published"] == pytest.approx(first["difference"], abs=2e-4)
    steady = next(figure for figure in result["figures"] if figure["table"] == "guided hand")
    assert (steady["published"], steady["allowed"], steady["difference"]) == ([4.0, 4.5], 0.0, 0.0)


def test_a_table_for_reading_says_which_figure_is_outside(here, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    people = tmp_path / "people.toml"
    people.write_text("[body]\nppt_median_men_n = 45.0\n", encoding="utf-8")
    said = check(here, "--population", people)
    assert said.code == 1
    lines = said.out.splitlines()
    assert all(word in lines[0] for word in ("published", "simulated", "difference", "allowed"))
    outside = [line.split() for line in lines if "OUTSIDE" in line]
    assert [line[:3] for line in outside] == [["men,", "median", "(N)"]]
    published, simulated, difference, allowed = map(float, outside[0][3:7])
    assert (published, allowed) == (36.81, 3.68)
    assert simulated == pytest.approx(45.0, rel=0.1)
    assert difference == pytest.approx(simulated - published, abs=0.011)
    assert lines[-1] == "1 of 21 figures are outside what is allowed."
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--people", "399"], ["--people", "400 to 10000"]),
        (["--people", "10001"], ["--people", "400 to 10000"]),
        (["--people", "many"], ["--people", "whole number"]),
        (["--seed", "-1"], ["--seed", "0 or more"]),
        (["--population", " "], ["--population is empty", "a TOML file"]),
        (["--population", "nobody.toml"], ["nobody.toml", "No such file"]),
    ],
)
def test_bad_input_is_one_line(here, arguments, words):
    said = here("simulator", "check", *arguments)
    assert is_one_line(said), said
    assert all(word in said.err for word in words), said.err


def test_a_population_out_of_its_bounds_is_one_line(here, tmp_path: Path):
    people = tmp_path / "people.toml"
    people.write_text("[hand]\nwander = 0.5\n", encoding="utf-8")
    said = check(here, "--population", people)
    assert is_one_line(said), said
    assert all(word in said.err for word in (str(people), "hand.wander", "0.0 to 0.3")), said.err
