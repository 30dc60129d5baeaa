import json

import pytest

from controller.journal import Journal
from controller.journal_errors import JournalError, UnknownSessionError
from controller.review import find_session, latest_real_session, list_sessions, report
from tests.journal_sessions import begin, noon, write_session

KEYS = [
    "session_id",
    "profile",
    "person",
    "protocol",
    "site",
    "outcome",
    "reason",
    "dose_s",
    "credited_s",
    "contact_s",
    "approach_s",
    "mean_n",
    "peak_n",
    "force_at_five_n",
    "calibration",
    "heart",
    "answers",
    "holds",
    "packets_lost",
    "samples",
    "tool",
    "recorded_at",
    "started_at",
    "ended_at",
]


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


def test_the_report_has_its_keys_in_order_running_or_ended(journal):
    write_session(journal)
    ended = report(find_session(journal.engine, "last"))
    begin(journal)
    running = report(find_session(journal.engine, "last"))
    assert list(ended) == list(running) == KEYS
    assert running["outcome"] is None
    json.dumps(ended, allow_nan=False)


def test_the_report_has_the_figures(journal):
    _, written = write_session(journal)
    said = report(find_session(journal.engine, "LAST"))
    assert said["credited_s"] == said["dose_s"] == 30.0
    assert said["answers"] == [5, 5, 5, 5]
    assert said["contact_s"] == round(written[-1][2].contact.total_ns / 1e9, 3)
    (hold,) = said["holds"]
    assert (hold["outcome"], hold["dose_s"], hold["complete"]) == ("complete", 30.0, True)
    assert hold["mean_n"] == said["mean_n"] == round(said["mean_n"], 3)
    assert said["mean_n"] < said["peak_n"] < 25


def test_sessions_are_listed_latest_first_and_by_profile(journal):
    ids = [begin(journal, profile=profile) for profile in ("me", "you", "me")]
    assert [session.id for session in list_sessions(journal.engine)] == ids[::-1]
    assert [session.id for session in list_sessions(journal.engine, profile="me")] == [ids[2], ids[0]]
    assert [session.id for session in list_sessions(journal.engine, limit=1)] == [ids[2]]


def test_a_session_is_found_by_id_prefix_or_last(journal):
    first, second = begin(journal), begin(journal)
    assert find_session(journal.engine, first.upper()).id == first
    assert find_session(journal.engine, "last").id == second
    common = next(n for n in range(10) if first[n] != second[n])
    assert find_session(journal.engine, second[: common + 1]).id == second
    with pytest.raises(UnknownSessionError, match="more than one"):
        find_session(journal.engine, second[:common])


@pytest.mark.parametrize("typed", ["", "zzzz", "%", "_"])
def test_an_unknown_session_is_told_what_to_do(journal, typed):
    begin(journal)
    with pytest.raises(UnknownSessionError, match="holdwell sessions"):
        find_session(journal.engine, typed)


def test_an_empty_journal_has_no_last_session(journal):
    with pytest.raises(UnknownSessionError, match="holdwell run"):
        find_session(journal.engine, "last")


def test_a_journal_that_went_away_is_told(journal):
    begin(journal)
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE sessions")
    with pytest.raises(JournalError, match="cannot be read"):
        list_sessions(journal.engine)


def test_the_latest_real_session_is_found_behind_any_number_of_simulated_ones(journal):
    assert latest_real_session(journal.engine) is None
    real = begin(journal, tool="HW-1A2B")
    for _ in range(101):
        begin(journal, person="sim:default:1")
    assert latest_real_session(journal.engine).id == real
