"""What goes wrong on the app's own side: it cannot keep up, or its disk is full."""

import json

import pytest
from sqlalchemy import Engine, event

from controller.clock import SystemClock
from controller.inbox import CAPACITY
from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.journal_reader import read_entries
from controller.journal_rest import keep_rest
from controller.options import RunOptions
from controller.replay import replay
from controller.review import find_session, report
from controller.run import run
from protocols.commands import Cue, GiveCue, Outcome, Phase
from protocols.events import InboxOverflowed, Ticked
from tests.whole_stack import Stage, play


def test_an_inbox_that_overflows_pauses_and_goes_on():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("flooded")
        for _ in range(CAPACITY + 50):
            stage.runtime.post(Ticked(stage.now_ns))

    played = play(script)
    dropped = [each for each in played.events if isinstance(each, InboxOverflowed)]
    assert sum(each.dropped for each in dropped) >= 50
    assert played.cued(Cue.RELEASE) - played.stage.notes["flooded"] < 0.05
    assert Phase.PAUSED in played.phases
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


class FullDisk:
    """Lets every SQLite journal run out of pages, SQLITE_FULL and all, from one transaction on to another."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last, self.begun, self.is_over = first, last, 0, False

    def __call__(self, connection) -> None:
        self.begun += 1
        is_full = self._first <= self.begun <= self._last and not self.is_over
        connection.connection.execute(f"PRAGMA max_page_count = {1 if is_full else 1_000_000_000}")


@pytest.fixture
def disk():
    """Return a function that makes the disk full for some transactions."""
    listening: list[FullDisk] = []

    def fill(first: int, last: int) -> FullDisk:
        full = FullDisk(first, last)
        listening.append(full)
        event.listen(Engine, "begin", full, insert=True)
        return full

    yield fill
    for full in listening:
        event.remove(Engine, "begin", full)


def run_json(capsys, url: str, **options: object) -> tuple[int, dict[str, object], str]:
    code = run(RunOptions(tool="sim", person="tender", seed=1, dose=30, journal=url, fast=True, json=True, **options))
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_a_disk_that_is_full_for_a_while_loses_nothing(tmp_path, capsys, disk):
    clean_code, clean, _ = run_json(capsys, f"sqlite:///{tmp_path / 'clean.sqlite'}")
    disk(25, 60)
    url = f"sqlite:///{tmp_path / 'journal.sqlite'}"
    code, said, told = run_json(capsys, url)
    assert told.count("cannot be written") == 1, told
    assert "database or disk is full" in told
    assert told.count("can be written again") == 1
    vary = {"session_id", "recorded_at", "started_at", "ended_at"}
    assert (code, {key: said[key] for key in said.keys() - vary}) == (
        clean_code,
        {key: clean[key] for key in clean.keys() - vary},
    )
    journal = Journal.open(url, inline=True, utc_now=SystemClock().utc_now)
    record = find_session(journal.engine, "last")
    assert report(record) == said
    assert replay(journal.engine, record).difference is None
    assert (
        sum(len(getattr(each.event, "forces_n", ())) for each in read_entries(journal.engine, record.id))
        == (said["samples"])
    )
    journal.close()


def test_a_disk_that_stays_full_leaves_the_rest_in_a_file(tmp_path, capsys, disk, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    full = disk(25, 100_000)
    code, said, told = run_json(capsys, f"sqlite:///{tmp_path / 'journal.sqlite'}")
    assert (code, said["outcome"], said["credited_s"]) == (0, "complete", 30.0)
    rest = list(tmp_path.glob("holdwell-*.jsonl"))
    assert len(rest) == 1
    assert str(rest[0]) in told.replace("\n", "")
    assert "Not all of it is in" in told
    assert "Logged as" not in told, "it is not"
    full.is_over = True
    journal = Journal.open(f"sqlite:///{tmp_path / 'journal.sqlite'}", inline=True, utc_now=SystemClock().utc_now)
    record = find_session(journal.engine, "last")
    assert report(record) == said
    assert replay(journal.engine, record).difference is None
    journal.close()


def test_when_there_is_no_room_for_the_rest_either_the_person_sees_how_it_went_and_that_it_is_lost(
    tmp_path, capsys, disk, monkeypatch
):
    def no_room(**_):
        raise OSError(28, "No space left on device")

    disk(25, 100_000)
    monkeypatch.setattr("tempfile.mkstemp", no_room)
    with pytest.raises(JournalError, match=r"is lost: .*No space left"):
        run_json(capsys, f"sqlite:///{tmp_path / 'journal.sqlite'}")
    captured = capsys.readouterr()
    assert json.loads(captured.out)["outcome"] == "complete"
    assert "Logged as" not in captured.err


def test_what_found_no_room_at_first_is_not_told_as_lost(tmp_path, capsys, disk, monkeypatch):
    tried = []

    def no_room_at_first(*arguments):
        tried.append(1)
        if len(tried) == 1:
            raise OSError(28, "No space left on device")
        return keep_rest(*arguments)

    disk(25, 100_000)
    monkeypatch.setattr("controller.journal.keep_rest", no_room_at_first)
    code, said, told = run_json(capsys, f"sqlite:///{tmp_path / 'journal.sqlite'}")
    assert (code, said["outcome"]) == (0, "complete")
    assert "Trying once more" in told
    assert "lost" not in told.replace("packets lost", "")
    assert str(next(tmp_path.glob("holdwell-*.jsonl"))) in told


def test_cues_go_out_before_they_are_journalled():
    order: list[str] = []

    async def script(stage: Stage) -> None:
        append = stage.runtime._journal.append

        def noted(taken, commands):
            if any(isinstance(command, GiveCue) for command in commands):
                order.append("journal")
            append(taken, commands)

        stage.runtime._journal.append = noted
        cued = stage.person.cued

        def heard(cue, now_ns):
            order.append("person")
            cued(cue, now_ns)

        stage.person.cued = heard

    play(script)
    assert order[:2] == ["person", "journal"]
    assert order == ["person", "journal"] * (len(order) // 2)


def test_a_channel_that_fails_disturbs_nobody(caplog):
    class Broken:
        def give(self, command, at_ns):
            raise RuntimeError("no voice")

        def see(self, session):
            raise RuntimeError("no eyes")

    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.runtime.add(channels=[Broken()])

    played = play(script)
    assert played.figures.outcome is Outcome.COMPLETE
    assert "no voice" in caplog.text
