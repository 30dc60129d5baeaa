"""Commands on a journal in which something is not as it was written: clear words, no traceback, nothing forgotten."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.command_line import Here, holdwell

RUN = ("run", "--tool", "sim", "--fast", "--person", "tender", "--dose", "30", "--json", "--remember")
COMMANDS = [
    ("show", "last"),
    ("sessions",),
    ("export", "last"),
    ("replay", "last"),
    ("unlock", "upper-trapezius-left"),
    RUN,
]


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


@pytest.fixture(scope="module")
def journal(tmp_path_factory) -> bytes:
    """Return a journal with one whole session, as bytes."""
    path = tmp_path_factory.mktemp("written") / "journal.sqlite"
    assert holdwell(*RUN, "--journal", f"sqlite:///{path}").code == 0
    return path.read_bytes()


def tamper(tmp_path: Path, sql: str) -> None:
    with sqlite3.connect(tmp_path / "data" / "journal.sqlite") as connection:
        changed = connection.execute(sql).rowcount
    connection.close()
    assert changed > 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sessions SET summary = 'none'",
        "UPDATE sessions SET summary = json_set(summary, '$.contact_s', 'long')",
        "UPDATE sessions SET protocol = '{'",
        "UPDATE records SET body = '{' WHERE seq = (SELECT max(seq) FROM records)",
        "UPDATE records SET body = '[]' WHERE kind = 'HistoryLoaded'",
        "UPDATE blocks SET samples = x'01' WHERE seq = (SELECT max(seq) FROM blocks)",
        "UPDATE blocks SET at_ns = 'now' WHERE seq = (SELECT min(seq) FROM blocks)",
    ],
)
def test_no_command_breaks_on_it(here, tmp_path, sql, journal):
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "journal.sqlite").write_bytes(journal)
    tamper(tmp_path, sql)
    for command in COMMANDS:
        said = here(*command)
        assert "should not have happened" not in said.err, command
        assert "Traceback" not in said.err, command
        assert said.code in {0, 1, 3} or len(said.err.splitlines()) == 1, (command, said)


@pytest.mark.parametrize("command", [("sessions",), ("sessions", "--json"), ("show", "last"), RUN])
def test_damaged_figures_are_told_in_one_line_with_what_it_means(here, tmp_path, journal, command):
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "journal.sqlite").write_bytes(journal)
    tamper(tmp_path, "UPDATE sessions SET summary = json_set(summary, '$.contact_s', 'long')")
    told = [line for line in here(*command).err.splitlines() if "are damaged" in line]
    assert len(told) == 1
    assert told[0].startswith("holdwell: the figures of session ")
    for part in ("contact_s", "left out", "as long as it lasted", "a copy of the journal"):
        assert part in told[0]


def test_contact_of_a_session_whose_figures_are_damaged_still_counts(here, tmp_path):
    lasted_s = json.loads(here(*RUN).out)["contact_s"]
    tamper(tmp_path, "UPDATE sessions SET summary = json_set(summary, '$.contact_s', 'none')")
    here(*RUN)
    with sqlite3.connect(tmp_path / "data" / "journal.sqlite") as connection:
        bodies = connection.execute("SELECT body FROM records WHERE kind = 'HistoryLoaded' ORDER BY session_id")
        (_, (body,)) = bodies.fetchall()
    connection.close()
    (contact,) = json.loads(body)["contacts"]
    assert contact["contact_s"] >= lasted_s
