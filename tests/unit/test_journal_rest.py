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

from controller.history import Whose, load_history
from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.journal_reader import read_entries
from controller.journal_rest import rest_folders
from controller.replay import replay
from controller.review import find_session
from protocols.commands import Outcome
from protocols.events import Ticked
from tests.journal_sessions import ORIGIN_NS, SITE, abandon, begin, noon, squeeze, steps


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


def without_its_last_line(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def without_a_line_in_the_middle(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[: len(lines) // 2] + lines[len(lines) // 2 + 1 :]))


def with_a_line_twice(path: Path) -> None:
    first, *others = path.read_text().splitlines(keepends=True)
    path.write_text("".join([first, first, *others]))


def emptied(path: Path) -> None:
    path.write_text("")


def nested_too_deeply(path: Path) -> None:
    path.write_text("[" * 100_000)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def with_an_end(path: Path, **changes: str) -> None:
    *others, last = path.read_text().splitlines()
    path.write_text("\n".join([*others, json.dumps(json.loads(last) | changes)]) + "\n")


def without_a_time_zone(path: Path) -> None:
    with_an_end(path, ended_at="2026-01-01")


def with_a_list_for_a_summary(path: Path) -> None:
    with_an_end(path, summary="[1]")


def with_a_time_that_no_database_takes(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[0]["at_ns"] = 10**25
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


DAMAGES = [
    without_its_beginning,
    damaged,
    of_another_session,
    with_an_outcome_of_its_own,
    without_its_last_line,
    without_a_line_in_the_middle,
    with_a_line_twice,
    emptied,
    nested_too_deeply,
    a_folder,
    without_a_time_zone,
    with_a_list_for_a_summary,
    with_a_time_that_no_database_takes,
]


@pytest.mark.parametrize("change", DAMAGES)
def test_what_is_not_the_rest_of_a_session_is_left_alone_and_said(tmp_path, caplog, change):
    session_id, written, path = unlogged(tmp_path)
    change(path)
    again = opened(tmp_path)
    assert (again.brought_in, again.recovered) == ((), (session_id,))
    assert path.exists()
    told = [record.getMessage() for record in caplog.records if record.name == "controller.journal_rest"]
    assert len(told) == 1
    assert str(path) in told[0]
    assert "\n" not in told[0]
    load_history(again.engine, Whose("me"), site=SITE, tip_diameter_mm=None, now=noon(), at_ns=0)
    kept = read_back(again, session_id)
    assert len(written) // 2 <= len(kept) < len(written)
    assert kept == written[: len(kept)]
    again.close()


def test_a_file_that_cannot_be_read_or_never_ends_is_left_alone_and_said(tmp_path, monkeypatch, caplog):
    read_text = Path.read_text
    _, _, path = unlogged(tmp_path)
    pipe = path.with_stem(path.stem + "a")
    os.mkfifo(pipe)

    def broken(read: Path, *arguments, **options) -> str:
        assert read != pipe, "whoever opens it waits for ever"
        if read == path:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read_text(read, *arguments, **options)

    monkeypatch.setattr(Path, "read_text", broken)
    again = opened(tmp_path)
    assert again.brought_in == ()
    assert path.exists()
    assert f"{path} is not the rest of a session and is left as it is: it cannot be read: Input/output" in caplog.text
    assert f"{pipe} is not the rest of a session and is left as it is: it is no file" in caplog.text
    again.close()


def test_the_rest_of_a_session_without_an_end_is_brought_in_too(tmp_path):
    journal = opened(tmp_path)
    session_id, written = begin(journal), [step[:2] for step in steps(5.0)]
    squeeze(journal, 1)
    for event, commands in written:
        journal.append(event, commands)
    path = journal.close()
    hooks.listen(journal.engine, "checkout", lambda c, *_: c.execute("PRAGMA max_page_count=1000000"))
    abandon(journal, session_id)
    journal.engine.dispose()
    again = opened(tmp_path)
    assert (again.brought_in, again.recovered) == (((session_id, path),), (session_id,))
    assert read_back(again, session_id) == written
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
        journal.close()


def full_journal(tmp_path: Path) -> tuple[Journal, str]:
    """Return a journal that finds no room for the end of its session, and the session's id."""
    journal = opened(tmp_path)
    session_id = begin(journal)
    squeeze(journal, 1)
    for at_ns in range(500):
        journal.append(Ticked(ORIGIN_NS + at_ns), ())
    journal.finish(Outcome.STOPPED, "person", {})
    return journal, session_id


@pytest.mark.parametrize("trouble", ["tempfile.mkstemp", "controller.journal.rest_folders"])
def test_what_found_no_room_anywhere_stays_in_memory_until_the_journal_is_closed(tmp_path, trouble):
    def no_room(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    journal, session_id = full_journal(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trouble, no_room)
        with pytest.raises(JournalError, match=r"neither .* could be written: No space left") as told:
            journal.settle()
    assert "lost" not in str(told.value)
    path = journal.close()
    assert path is not None
    assert len(path.read_text().splitlines()) == 501
    again = opened(tmp_path)
    assert again.brought_in == ((session_id, path),)
    assert find_session(again.engine, session_id).outcome is Outcome.STOPPED
    again.close()


@pytest.mark.parametrize("data", ["/" + "n" * 300, "~nobody-of-that-name/x"])
def test_a_folder_that_cannot_be_looked_at_is_none(tmp_path, monkeypatch, data):
    def no_temporary_folder() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setenv("HOLDWELL_DATA", data)
    monkeypatch.setattr("tempfile.gettempdir", no_temporary_folder)
    journal = opened(tmp_path)
    assert rest_folders(journal.engine) == (tmp_path,)
    journal.close()


def test_a_folder_below_one_that_may_not_be_looked_into_is_none(tmp_path, monkeypatch):
    locked, is_dir = tmp_path / "locked" / "data", Path.is_dir

    def refused(path: Path) -> bool:
        # Whoever is root may look into every folder.
        if path == locked:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return is_dir(path)

    monkeypatch.setenv("HOLDWELL_DATA", str(locked))
    monkeypatch.setattr(Path, "is_dir", refused)
    journal = opened(tmp_path)
    assert locked not in rest_folders(journal.engine)
    journal.close()
