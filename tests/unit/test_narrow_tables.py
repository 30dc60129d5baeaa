"""Tables of sessions and of a trial where the terminal is narrow: fewer columns, whole cells."""

import io

import pytest
from rich.console import Console

from controller.trial_table import NAMES, print_trial

ARM = {
    "in_band": {"mean": 0.8123},
    "strict": {"mean": 0.5},
    "worst_tenth_in_band": 0.25,
    "over_7": {"mean": 0.01},
    "people_over_8": 0.125,
    "credit_error": {"mean": 849.0},
    "questions_per_min": {"mean": 3.6},
    "contact_per_dose": {"mean": 1.5},
    "completed": 0.7,
    "approach_s": {"median": 31.0},
    "not_completed": {"too-much": 2, "approach": 1},
    "covered_80": 0.81,
}


def printed(width: int, people: int = 10, population: str | None = None, **changed: object) -> str:
    """Return a trial's table as it is printed on so many columns; `changed`: figures of every arm."""
    figures = {
        "population": population,
        "people": people,
        "held": people,
        "calibrate": False,
        "arms": dict.fromkeys(NAMES, ARM | changed),
        "against_ideal": {"in_band": 0.9, "strict": 0.9},
    }
    out = io.StringIO()
    print_trial(Console(file=out, width=width), figures)
    return out.getvalue()


def test_a_wide_table_has_every_figure():
    words = printed(130)
    assert all(figure in words for figure in ("0.81", "0.50", "0.25", "1 %", "12 %", ">999 %", "3.6", "1.5", "70 %"))


@pytest.mark.parametrize("width", [28, 40, 60, 70, 80])
def test_a_narrow_one_cuts_nothing_and_keeps_time_in_band(width):
    words = printed(width)
    assert "…" not in words
    assert words.count("0.81") >= len(NAMES)
    assert max(map(len, words.splitlines())) <= width


def test_it_says_why_doses_were_not_done_and_how_often_and_who_the_people_were():
    assert "how many: too much twice (2), 5 was not found in time (1)." in printed(130)
    assert "drawn" not in printed(130)
    assert "drawn from mine.toml, not from the default population" in printed(130, population="mine.toml")


def test_time_in_band_eight_and_whole_doses_are_left_out_last():
    words = printed(45)
    assert "12 %" in words
    assert "70 %" in words
    assert "3.6" not in words
    assert ">999 %" not in words


def test_small_figures_have_no_sign_of_their_own():
    assert "-0 %" not in printed(130, credit_error={"mean": -0.004})


def test_words_fit_the_number_of_people_and_reasons_are_told_apart():
    words = " ".join(printed(130, people=1).split())
    assert "1 of 1 person came to a hold" in words
