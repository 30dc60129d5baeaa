"""`holdwell trial` as a user calls it."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from simulator.population import DEFAULT_POPULATION
from simulator.population_file import parse_population
from tests.command_line import Here, is_one_line, started

ARMS = ["unguided", "one_force", "calibrated_once", "holdwell", "ideal_observer", "oracle"]


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def trial(here: Here, *arguments: object):
    return here("trial", "--people", 2, "--dose", 30, "--jobs", 1, *arguments)


def test_figures_as_json_and_nothing_else(here):
    said = trial(here, "--seed", 2, "--json")
    assert (said.code, said.err) == (0, "")
    result = json.loads(said.out)
    assert list(result["arms"]) == ARMS
    assert (result["people"], result["seed"], result["dose_s"], result["sessions"]) == (2, 2, 30, 1)
    assert result["arms"]["oracle"]["in_band"]["mean"] > 0.7
    assert trial(here, "--seed", 2, "--json").out == said.out


def test_a_table_for_reading_and_a_picture(here, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    picture = tmp_path / "trial.png"
    said = trial(here, "--safe-observer", "--plot", picture, "--questions-per-min", 6)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= 80
    rows = [
        line for line in lines if line.startswith(("unguided", "one force", "calibrated", "holdwell", "ideal", "or"))
    ]
    assert len(rows) == len(ARMS) + 1
    assert any("people came to a hold" in line for line in lines)
    assert lines[-1] == "These people are simulated: the figures are about the program, not about you."
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_population_from_a_file_and_a_calibration_of_a_second_session(here, tmp_path: Path):
    people = tmp_path / "people.toml"
    people.write_text("[answers]\nanswer_noise_range = [0.1, 0.2]\nunanswered = 0.0\n", encoding="utf-8")
    said = trial(here, "--population", people, "--calibrate", "--sessions", 2, "--questions-per-min", 1, "--json")
    assert said.code == 0
    result = json.loads(said.out)
    assert (result["calibrate"], result["sessions"], result["questions_per_min"]) == (True, 2, 1)
    assert result["population"] == str(people)
    assert 0.0 <= result["people_over_8_in_calibration"] <= 1.0


def test_the_population_that_is_printed_is_the_one_that_is_drawn_from(here, tmp_path: Path):
    printed = here("trial", "--print-population")
    assert (printed.code, printed.err) == (0, "")
    assert parse_population(printed.out, "printed") == DEFAULT_POPULATION
    people = tmp_path / "people.toml"
    people.write_text("[body]\nrising = 0.5\n", encoding="utf-8")
    other = here("trial", "--print-population", "--population", people)
    assert parse_population(other.out, "printed").rising == 0.5


def test_nobody_to_draw_is_said_after_the_figures(here, tmp_path: Path):
    people = tmp_path / "people.toml"
    people.write_text(
        "[body]\nppt_median_men_n = 150.0\nppt_median_women_n = 150.0\nppt_ln_sd = 0.0\n", encoding="utf-8"
    )
    said = trial(here, "--population", people, "--plot", tmp_path / "nobody.png")
    assert said.code == 2
    assert "0 of 2 people came to a hold; " in said.out
    assert "try more people" in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "nobody.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--people", "0"], ["--people", "1 to 10000"]),
        (["--people", "some"], ["--people", "whole number"]),
        (["--seed", "-1"], ["--seed", "0 or more"]),
        (["--dose", "20"], ["--dose", "30 to 90"]),
        (["--sessions", "0"], ["--sessions", "1 to 12"]),
        (["--questions-per-min", "11"], ["--questions-per-min", "1 to 10"]),
        (["--jobs", "0"], ["--jobs", "1 to 256"]),
        (["--site", "nose"], ["nose", "upper-trapezius-left"]),
        (["--population", " "], ["--population is empty", "a TOML file"]),
        (["--population", "nobody.toml"], ["nobody.toml", "No such file"]),
        (["--plot", "trial.gif"], ["trial.gif", ".png"]),
        (["--plot", "/proc/trial.png"], ["/proc/trial.png cannot be written", "--plot"]),
        (["--plot", "x" * 300 + ".png"], ["cannot be written", "--plot"]),
        (["--plot", "nowhere/trial.png"], ["there is no folder", "nowhere; make it"]),
    ],
)
def test_bad_input_is_one_line(here, arguments, words):
    said = here("trial", *arguments)
    assert is_one_line(said), said
    assert all(word in said.err for word in words), said.err


def test_ctrl_c_is_one_line():
    app = started("trial", "--people", 500, "--jobs", 2, "--json", start_new_session=True)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            app.wait(timeout=1.8)
        os.killpg(app.pid, signal.SIGINT)  # as a terminal does: to all of its processes
        out, err = app.communicate(timeout=30)
    finally:
        app.kill()
    assert (app.returncode, out, err) == (3, "", "holdwell: stopped\n")
