import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from controller.history import Whose, load_history
from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.journal_reader import read_entries
from controller.journal_schema import blocks, connect, records, sessions, versions
from controller.review import find_session, report
from controller.summary import known_of
from protocols.commands import Outcome
from protocols.events import Ticked
from protocols.figures import figures
from tests.journal_sessions import ORIGIN_NS, SECOND, SITE, TOOL, abandon, begin, noon, squeeze, steps, write_session


def opened(folder: Path, **options) -> Journal:
    return Journal.open(f"sqlite:///{folder / 'journal.sqlite'}", **({"inline": True, "utc_now": noon} | options))


def read_back(journal: Journal, session_id: str):
    return [(entry.event, entry.commands) for entry in read_entries(journal.engine, session_id)]


@pytest.fixture
def journal(tmp_path):
    journal = opened(tmp_path)
    yield journal
    journal.close()


@pytest.mark.parametrize("inline", [True, False])
def test_what_was_appended_is_read_back_in_order(tmp_path, inline):
    journal = opened(tmp_path, inline=inline, batch_s=0.001)
    session_id, written = write_session(journal)
    assert read_back(journal, session_id) == [(event, commands) for event, commands, _ in written]
    assert journal.close() is None


def test_one_counter_runs_over_events_and_commands(journal):
    session_id, written = write_session(journal)
    with journal.engine.connect() as connection:
        seqs = [*connection.scalars(select(records.c.seq)), *connection.scalars(select(blocks.c.seq))]
    assert sorted(seqs) == list(range(sum(1 + len(commands) for _, commands, _ in written)))
    assert next(read_entries(journal.engine, session_id)).seq == 0


def test_inline_writes_once_a_second_of_the_sessions_time(journal):
    session_id = begin(journal)
    journal.append(Ticked(ORIGIN_NS + SECOND - 1), ())
    assert read_back(journal, session_id) == []
    journal.append(Ticked(ORIGIN_NS + SECOND), ())
    assert len(read_back(journal, session_id)) == 2


def test_a_session_says_what_it_was(journal):
    session_id, written = write_session(journal)
    said = report(find_session(journal.engine, session_id))
    assert said["outcome"] == "complete"
    assert said["tool"] == TOOL.name
    assert said["samples"] == written[-1][2].samples
    assert said["started_at"] == "2026-01-01T12:00:00.000000Z"
    seconds = (written[-1][0].at_ns - ORIGIN_NS) / 1e9
    assert said["ended_at"] == f"2026-01-01T12:01:{seconds - 60:09.6f}Z"


def test_the_file_is_private_and_in_wal_mode(journal, tmp_path):
    begin(journal)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert (tmp_path / "journal.sqlite-wal").exists()


def test_a_memory_journal_works_and_needs_no_thread():
    journal = Journal.open("sqlite://", inline=False, utc_now=noon)
    session_id, written = write_session(journal)
    assert len(read_back(journal, session_id)) == len(written)
    journal.close()


def not_a_database(folder: Path) -> str:
    (folder / "text.sqlite").write_text("not a database, but long enough to have a header " * 40)
    return f"sqlite:///{folder / 'text.sqlite'}"


def newer(folder: Path) -> str:
    url = f"sqlite:///{folder / 'newer.sqlite'}"
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(update(versions).values(version=99))
    engine.dispose()
    return url


def read_only(folder: Path) -> str:
    url = f"sqlite:///{folder / 'read-only.sqlite'}"
    connect(url).dispose()
    return f"sqlite:///file:{folder / 'read-only.sqlite'}?mode=ro&uri=true"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (lambda _: "journal.sqlite", "sqlite:///FILE"),
        (lambda _: "sqlit:///x", "no database is called 'sqlit'"),
        (lambda _: "postgresql+psycopg://host/name", "psycopg"),
        (lambda folder: f"sqlite:///{folder}/none/journal.sqlite", "make the folder"),
        (lambda folder: f"sqlite:///{folder}", "is a folder"),
        (lambda folder: f"sqlite:///{folder}/{'n' * 300}/journal.sqlite", "cannot be opened: File name too long"),
        (not_a_database, "not a database"),
        (newer, "update Holdwell"),
        (read_only, "read-?only"),
        (lambda _: "sqlite:////proc/journal.sqlite", "cannot be opened"),
    ],
)
def test_a_journal_that_cannot_be_used_says_why_in_one_line(tmp_path, url, says):
    with pytest.raises(JournalError, match=says) as caught:
        Journal.open(url(tmp_path), inline=True, utc_now=noon)
    assert "\n" not in str(caught.value)


def test_a_full_disk_at_the_start_is_told(tmp_path):
    journal = opened(tmp_path)
    squeeze(journal, 1)
    with pytest.raises(JournalError, match="full"):
        begin_until_full(journal)
    journal.close()


def begin_until_full(journal: Journal) -> None:
    for _ in range(50):
        begin(journal)


def test_a_full_disk_in_a_session_loses_nothing(tmp_path):
    told, recovered = [], []
    journal = opened(tmp_path, on_trouble=told.append, on_recovered=lambda: recovered.append(1))
    session_id, written = begin(journal), list(steps())
    squeeze(journal, 40)
    for event, commands, _ in written[:-10]:
        journal.append(event, commands)
    assert len(told) == 1
    assert "full" in told[0]
    assert not journal.flush()
    assert not recovered
    before = read_back(journal, session_id)
    squeeze(journal, 100_000)
    for event, commands, _ in written[-10:]:
        journal.append(event, commands)
    assert journal.flush()
    assert recovered == [1]
    assert len(told) == 1
    after = read_back(journal, session_id)
    assert after == [(event, commands) for event, commands, _ in written]
    assert after[: len(before)] == before
    journal.close()


def test_on_a_thread_trouble_and_recovery_are_told_once_each(tmp_path):
    told, recovered = threading.Event(), threading.Event()
    journal = opened(
        tmp_path,
        inline=False,
        batch_s=0.001,
        on_trouble=lambda _: told.set(),
        on_recovered=recovered.set,
    )
    session_id, written = begin(journal), list(steps(20.0))
    squeeze(journal, 1)
    for event, commands, _ in written:
        journal.append(event, commands)
    assert told.wait(30)
    squeeze(journal, 100_000)
    assert recovered.wait(30)
    journal.close()
    again = opened(tmp_path)
    assert len(read_back(again, session_id)) == len(written)
    again.close()


def test_a_batch_whose_confirmation_was_lost_is_not_written_twice(tmp_path):
    journal = opened(tmp_path)
    session_id = begin(journal)
    squeeze(journal, 1)
    for at_ns in range(500):
        journal.append(Ticked(ORIGIN_NS + at_ns), ())
    assert not journal.flush()
    squeeze(journal, 100_000)
    with journal.engine.begin() as connection:
        rows = [
            {
                "session_id": session_id,
                "seq": seq,
                "at_ns": ORIGIN_NS + seq,
                "side": "event",
                "kind": "Ticked",
                "body": "{}",
            }
            for seq in range(300)
        ]
        connection.execute(insert(records), rows)
    assert journal.flush()
    assert [event.at_ns - ORIGIN_NS for event, _ in read_back(journal, session_id)] == list(range(500))
    journal.close()


def test_what_cannot_be_run_again_is_said_and_its_contact_is_not_known(tmp_path, caplog):
    journal = opened(tmp_path)
    session_id, written = begin(journal), list(steps(30.0))
    for event, commands, _ in written:
        journal.append(event, commands)
    journal.flush()
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE records SET kind = 'unheard-of' WHERE seq > 100 AND side = 'event'")
    abandon(journal, session_id)
    journal.close()
    again = opened(tmp_path)
    assert "can be recovered in part only" in caplog.text
    record = find_session(again.engine, session_id)
    assert record.outcome is Outcome.INTERRUPTED
    assert record.summary["contact_s"] is None
    assert record.summary["samples"] > 0
    assert record.ended_at == record.started_at + timedelta(microseconds=(written[-1][0].at_ns - ORIGIN_NS) // 1000)
    again.close()


def test_what_was_learned_until_the_app_died_is_kept(tmp_path):
    journal = opened(tmp_path)
    session_id, written = begin(journal), list(steps(40.0))
    for event, commands, _ in written:
        journal.append(event, commands)
    journal.flush()
    abandon(journal, session_id)
    journal.close()
    again = opened(tmp_path)
    record = find_session(again.engine, session_id)
    learned = figures(written[-1][2]).known
    assert record.outcome is Outcome.INTERRUPTED
    assert learned is not None
    assert known_of(record.summary) == learned
    now = noon() + timedelta(days=2)
    history = load_history(again.engine, Whose("me"), site=SITE, tip_diameter_mm=None, now=now, at_ns=0)
    assert history.known == learned
    again.close()


def test_the_newest_session_has_the_greatest_id_though_the_clock_stands_still(journal):
    ids = [begin(journal) for _ in range(50)]
    assert ids == sorted(set(ids))


def test_a_running_session_says_that_it_lives(tmp_path):
    now = noon()
    journal = opened(tmp_path, utc_now=lambda: now)
    session_id = begin(journal)
    now += timedelta(seconds=61)
    journal.append(Ticked(ORIGIN_NS + SECOND), ())
    with journal.engine.connect() as connection:
        marked = connection.scalar(select(sessions.c.flushed_at).where(sessions.c.id == session_id))
    assert marked == "2026-01-01T12:01:01.000000Z"
    journal.close()


def test_a_listener_whose_loop_is_closed_keeps_nothing_from_being_written(tmp_path):
    def closed(*_):
        raise RuntimeError("Event loop is closed")

    journal = opened(tmp_path, on_trouble=closed, on_recovered=closed)
    session_id = begin(journal)
    squeeze(journal, 1)
    for at_ns in range(500):
        journal.append(Ticked(ORIGIN_NS + at_ns), ())
    assert not journal.flush()
    squeeze(journal, 100_000)
    assert journal.flush()
    assert len(read_back(journal, session_id)) == 500
    journal.close()
