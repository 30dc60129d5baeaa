"""The rest of a session that found no room: kept in a file, and brought in when there is room again."""

import errno
import json
import os
import stat
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy import event as hooks

from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.journal_reader import read_entries
from controller.replay import replay
from controller.review import find_session
from protocols.commands import Outcome
from protocols.events import Ticked
from tests.journal_sessions import ORIGIN_NS, abandon, begin, noon, squeeze, steps


def opened(folder: Path, **options) -> Journal:
    url = f"sqlite:///{folder / 'journal.sqlite'}"
    return Journal.open(url, **({"inline": True, "utc_now": noon, "batch_s": 0.001} | options))


def read_back(journal: Journal, session_id: str):
    return [(entry.event, entry.commands) for entry in read_entries(journal.engine, session_id)]


def unlogged(folder: Path, **options):
    """Write a session whose second half finds no room; return its id, what happened in it, and the file."""
    journal = opened(folder, **options)
    session_id, written = begin(journal), [step[:2] for step in steps()]
    for event, commands in written[: len(written) // 2]:
        journal.append(event, commands)
    assert journal.flush()
    squeeze(journal, 1)
    for event, commands in written[len(written) // 2 :]:
        journal.append(event, commands)
    journal.finish(Outcome.STOPPED, "person", {"contact_s": 21.5})
    path = journal.close()
    hooks.listen(journal.engine, "checkout", lambda c, *_: c.execute("PRAGMA max_page_count=1000000"))
    abandon(journal, session_id)
    journal.engine.dispose()
    return session_id, written, path


def test_the_rest_is_in_a_private_file_beside_the_journal_and_told(tmp_path):
    told = []
    session_id, _, path = unlogged(tmp_path, on_trouble=told.append)
    assert path.parent == tmp_path
    assert path.name.startswith(f"holdwell-{session_id}-")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in told[-1]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[-1]["outcome"] == "stopped"
    assert sorted(tmp_path.glob("holdwell-*")) == [path], "no half-written one is left"


def test_the_next_opening_brings_the_rest_in(tmp_path):
    session_id, written, path = unlogged(tmp_path)
    again = opened(tmp_path)
    assert again.brought_in == ((session_id, path),)
    assert again.recovered == ()
    assert read_back(again, session_id) == written
    record = find_session(again.engine, "last")
    assert (record.outcome, record.reason, record.summary) == (Outcome.STOPPED, "person", {"contact_s": 21.5})
    assert replay(again.engine, record).difference is None
    assert not path.exists()
    again.close()
    third = opened(tmp_path)
    assert third.brought_in == ()
    third.close()


def test_without_room_nothing_is_brought_in_and_nothing_is_said_to_be(tmp_path):
    session_id, written, path = unlogged(tmp_path)
    begun = []

    def fill(connection) -> None:
        # The first transactions see to the tables; from then on there is no room.
        begun.append(1)
        connection.connection.execute(f"PRAGMA max_page_count = {1 if len(begun) > 1 else 1_000_000}")

    hooks.listen(Engine, "begin", fill, insert=True)
    try:
        with pytest.raises(JournalError, match=f"rest of session {session_id} is still in {path}: .*full"):
            opened(tmp_path)
    finally:
        hooks.remove(Engine, "begin", fill)
    assert path.exists()
    again = opened(tmp_path)
    assert read_back(again, session_id) == written
    again.close()


def test_a_session_that_was_closed_as_interrupted_meanwhile_gets_its_end(tmp_path):
    session_id, written, path = unlogged(tmp_path)
    hidden = path.rename(tmp_path / "hidden")
    again = opened(tmp_path)
    assert again.recovered == (session_id,)
    assert find_session(again.engine, session_id).outcome is Outcome.INTERRUPTED
    again.close()
    hidden.rename(path)
    again = opened(tmp_path)
    assert find_session(again.engine, session_id).outcome is Outcome.STOPPED
    assert read_back(again, session_id) == written
    again.close()


def without_its_beginning(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))


def damaged(path: Path) -> None:
    path.write_text(path.read_text()[:-40])


def of_another_session(path: Path) -> None:
    path.write_text(path.read_text().replace('"session_id": "', '"session_id": "z', 1))


def with_an_outcome_of_its_own(path: Path) -> None:
    path.write_text(path.read_text().replace('"outcome": "stopped"', '"outcome": "wonderful"'))


@pytest.mark.parametrize("change", [without_its_beginning, damaged, of_another_session, with_an_outcome_of_its_own])
def test_what_is_not_the_rest_of_a_session_is_left_alone_and_said(tmp_path, caplog, change):
    session_id, written, path = unlogged(tmp_path)
    change(path)
    again = opened(tmp_path)
    assert (again.brought_in, again.recovered) == ((), (session_id,))
    assert path.exists()
    assert str(path) in caplog.text
    kept = read_back(again, session_id)
    assert len(written) // 2 <= len(kept) < len(written)
    assert kept == written[: len(kept)]
    again.close()


def test_a_file_of_somebody_else_is_not_looked_at(tmp_path, monkeypatch):
    _, _, path = unlogged(tmp_path)
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    again = opened(tmp_path)
    assert again.brought_in == ()
    assert path.exists()
    again.close()


def test_the_rest_of_another_journal_is_left_to_it(tmp_path):
    _, _, path = unlogged(tmp_path)
    other = Journal.open(f"sqlite:///{tmp_path / 'other.sqlite'}", inline=True, utc_now=noon)
    assert other.brought_in == ()
    assert path.exists()
    other.close()


def no_room_in(*folders: Path):
    real = tempfile.mkstemp

    def mkstemp(*, dir: Path, **options):  # noqa: A002 - its name there
        if not folders or dir in folders:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(dir=dir, **options)

    return mkstemp


def test_the_data_folder_and_the_temporary_folder_are_next(tmp_path, monkeypatch):
    data, temporary = tmp_path / "own-data", tmp_path / "temporary"
    data.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("HOLDWELL_DATA", str(data))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr("tempfile.mkstemp", no_room_in(tmp_path))
    session_id, written, path = unlogged(tmp_path)
    assert path.parent == data
    again = opened(tmp_path)
    assert read_back(again, session_id) == written
    again.close()
    monkeypatch.setattr("tempfile.mkstemp", no_room_in(tmp_path, data))
    assert unlogged(tmp_path)[2].parent == temporary


def test_when_there_is_no_room_anywhere_it_is_said(tmp_path, monkeypatch):
    journal = opened(tmp_path)
    monkeypatch.setattr("tempfile.mkstemp", no_room_in())
    session_id = begin(journal)
    squeeze(journal, 1)
    for at_ns in range(500):
        journal.append(Ticked(ORIGIN_NS + at_ns), ())
    with pytest.raises(JournalError, match=f"end of session {session_id} is lost: .*No space left"):
        journal.settle()
    assert journal.close() is None
