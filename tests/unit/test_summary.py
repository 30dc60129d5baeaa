"""The figures of a session as the journal keeps them: of one that was ended at once, and what was learned."""

import json
from dataclasses import replace

import pytest

from controller.summary import interrupted, known_of, summary_of
from protocols.commands import Outcome
from protocols.figures import figures
from tests.journal_sessions import steps


def test_a_hold_that_was_under_way_ends_by_who_interrupted():
    running = figures(next(session for _, _, session in steps() if session.credit.seconds > 2))
    assert [hold.reason for hold in running.holds] == ["running"]
    result = interrupted(running, "terminated")
    assert (result.outcome, result.reason) == (Outcome.STOPPED, "terminated")
    assert [hold.reason for hold in result.holds] == ["terminated"]
    assert result.contact_s == running.contact_s


def test_an_end_that_was_reached_stays():
    ended = figures([session for _, _, session in steps()][-1])
    assert ended.outcome is Outcome.COMPLETE
    assert interrupted(ended, "ctrl-c") == ended
    failed = replace(ended, outcome=Outcome.SHORT, reason="link", tool_failed=True)
    assert interrupted(failed, "ctrl-c") == failed


def test_what_was_learned_is_kept_to_the_last_bit_once_5_was_found():
    every = [session for _, _, session in steps()]
    before, after = figures(next(s for s in every if s.phase == "approach")), figures(every[-1])
    assert (before.known, known_of(summary_of(before))) == (None, None)
    assert after.known is not None
    assert known_of(json.loads(json.dumps(summary_of(after)))) == after.known
    assert after.known.tip_diameter_mm == every[-1].tool.tip_diameter_mm


@pytest.mark.parametrize(
    "broken",
    [
        None,
        7,
        "me",
        [],
        {},
        {"tip_diameter_mm": 11.3},
        {"tip_diameter_mm": 11.3, "kinds": []},
        {"tip_diameter_mm": 11.3, "kinds": [{"weight": 1.0, "mean": [1.0], "covariance": [[1.0]]}]},
        {"tip_diameter_mm": "wide", "kinds": [{"weight": 1.0}]},
    ],
)
def test_what_cannot_be_read_was_not_learned(broken):
    assert known_of({"known": broken}) is None
    assert known_of({}) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "x", None, 1e9])
def test_one_wrong_number_makes_all_of_it_wrong(value):
    summary = summary_of(figures([session for _, _, session in steps()][-1]))
    assert known_of(summary) is not None
    summary["known"]["kinds"][0]["mean"][0] = value
    assert known_of(summary) is None
