"""A profile has one session of a real person at a time: seen before anything is asked, and when it begins."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console
from sqlalchemy import event as hooks
from sqlalchemy.dialects import postgresql

from controller import journal as journals
from controller import preparation
from controller.clock import SimulatedClock
from controller.errors import UsageError
from controller.journal import Journal
from controller.journal_schema import LOCK_BEGINNINGS
from controller.options import RunOptions
from protocols.events import HistoryLoaded
from tests.journal_sessions import SITE, begin, noon, write_session


def meet(
    monkeypatch: pytest.MonkeyPatch, journal: Journal, firmware: str, answered: HistoryLoaded | None = None
) -> preparation.Prepared:
    """Look at a tool of this firmware revision; whoever is asked says nothing, or answers so."""

    @asynccontextmanager
    async def station(_prepared):
        yield SimpleNamespace(has_rig=True)

    async def look_at(_station):
        return SimpleNamespace(tip_diameter_mm=11.3), SimpleNamespace(firmware=firmware, serial="1A2B")

    def screen(*_):
        if answered is None:
            raise EOFError
        return answered

    monkeypatch.setattr(preparation.Prepared, "station", station)
    monkeypatch.setattr(preparation, "look_at", look_at)
    monkeypatch.setattr(preparation, "screen", screen)
    prepared = preparation.prepare(RunOptions(tool="HW-1A2B"), journal)
    with asyncio.Runner() as runner:
        return preparation.meet(runner, prepared, journal, Console(quiet=True))


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


def test_a_second_session_of_a_real_person_is_refused_before_they_are_asked(monkeypatch, journal):
    with pytest.raises(EOFError):
        meet(monkeypatch, journal, "1.0")
    session_id = begin(journal)
    with pytest.raises(UsageError, match=session_id):
        meet(monkeypatch, journal, "1.0")


def test_a_simulated_tool_elsewhere_may_be_used_beside_it(monkeypatch, journal):
    begin(journal)
    assert meet(monkeypatch, journal, "1.0 (simulated)").whose.person == "sim:tool:1A2B"


def test_of_two_that_begin_at_the_same_moment_one_is_refused(tmp_path, monkeypatch):
    both_looked, real = threading.Barrier(2), journals.check_alone

    def slow(connection, profile):
        real(connection, profile)
        # If the other one can look too before this one has begun, both do.
        with suppress(threading.BrokenBarrierError):
            both_looked.wait(0.3)

    def start(_) -> str:
        journal = Journal.open(f"sqlite:///{tmp_path / 'journal.sqlite'}", inline=True, utc_now=noon)
        try:
            return begin(journal, alone=True)
        except UsageError as error:
            return str(error)
        finally:
            journal.close()

    monkeypatch.setattr(journals, "check_alone", slow)
    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(start, range(2)), key=len)
    assert second.startswith(f"profile 'me' has a session running ({first}, ")


def test_other_databases_than_sqlite_lock_one_row_while_a_session_begins(journal):
    assert "FOR UPDATE" in str(LOCK_BEGINNINGS.compile(dialect=postgresql.dialect()))
    seen = []
    hooks.listen(journal.engine, "before_execute", lambda _c, statement, *_: seen.append(statement))
    begin(journal)
    assert LOCK_BEGINNINGS in seen[:1], "before anything is read"


def test_the_day_of_a_real_person_is_that_at_the_sessions_beginning(monkeypatch, journal):
    answered = HistoryLoaded(0, tender_since=False)
    prepared = replace(meet(monkeypatch, journal, "1.0", answered), clock=SimulatedClock())
    write_session(journal)
    own = begin(journal)
    history = preparation.history_of(prepared, journal.engine, own)
    assert [past.site for past in history.contacts] == [SITE], "the other one, which the questions did not know of"
    assert history.tender_since is None
