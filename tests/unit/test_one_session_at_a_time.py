"""Before a session with a real person begins, and before anything is asked: no other of that profile runs."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from rich.console import Console

from controller import run as running
from controller.errors import UsageError
from controller.journal import Journal
from controller.options import RunOptions
from tests.journal_sessions import begin, noon


def meet(monkeypatch: pytest.MonkeyPatch, journal: Journal, firmware: str) -> running.Prepared:
    """Look at a tool of this firmware revision; whoever is asked says nothing."""

    @asynccontextmanager
    async def station(_prepared):
        yield None

    async def look_at(_station):
        return SimpleNamespace(tip_diameter_mm=11.3), SimpleNamespace(firmware=firmware, serial="1A2B")

    def screen(*_):
        raise EOFError

    monkeypatch.setattr(running, "_distant", station)
    monkeypatch.setattr(running, "look_at", look_at)
    monkeypatch.setattr(running, "screen", screen)
    prepared = running.prepare(RunOptions(tool="HW-1A2B"), journal)
    with asyncio.Runner() as runner:
        return running._meet(runner, prepared, journal, Console(quiet=True))[0]


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
