"""Wearables on the command line."""

import json

import pytest

from tests.command_line import Here, is_one_line

QUICK = ("run", "--tool", "sim", "--fast", "--person", "tender", "--dose", "30")


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def test_the_heart_before_and_after_is_in_summary_show_and_json(here):
    said = here(*QUICK, "--heart-rate", "sim", "--watch", "sim:bangle")
    assert said.code == 0, said.err
    assert "Watch: connected." in said.out
    assert "heart before" in said.out
    assert "RMSSD" in here("show", "last").out
    heart = json.loads(here("show", "last", "--json").out)["heart"]
    for when in ("before", "after"):
        assert 50 < heart[when]["rate"] < 90
        assert 20 < heart[when]["rmssd_ms"] < 80
        assert heart[when]["intervals"] >= 25
    assert here("replay", "last").code == 0


def test_without_a_strap_there_is_no_heart(here):
    assert here(*QUICK).code == 0
    assert json.loads(here("show", "last", "--json").out)["heart"] is None
    assert "heart" not in here("show", "last").out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--watch", "sim:x"), "there is no simulated watch 'sim:x'"),
        (("--watch", "Pine"), "give sim:infinitime or sim:bangle"),
        (("--watch", " "), "--watch is empty"),
        (("--heart-rate", "Polar"), "only a simulated heart beats"),
        (("--heart-rate", ""), "--heart-rate is empty"),
    ],
)
def test_what_cannot_be_worn_is_told(here, given, words):
    said = here(*QUICK, *given)
    assert said.code == 2
    assert words in said.err
    assert is_one_line(said), said
