"""Runs a session's journalled events through the engine again: the state is a fold over the journal."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from controller.journal_reader import SessionRecord, read_entries
from controller.journal_rows import Entry
from controller.records import to_record
from protocols.commands import Command
from protocols.engine import step
from protocols.plan import Protocol
from protocols.session import Session
from protocols.site import Site


@dataclass(frozen=True, slots=True)
class Replayed:
    """A journalled step, done again: the state before and after it, and the commands this time."""

    entry: Entry
    before: Session
    after: Session
    commands: tuple[Command, ...]

    @property
    def same(self) -> bool:
        """Whether the commands are the journalled ones, to the last bit."""
        return _exact(self.entry.commands) == _exact(self.commands)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first step whose commands differ: `expected` are the journalled ones, `got` those of this time.

    `at_s`: seconds since the session's start. `event`: its kind.
    """

    seq: int
    at_s: float
    event: str
    expected: tuple[Command, ...]
    got: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found; without a difference every command was the same."""

    events: int
    commands: int
    difference: Difference | None


def run_again(protocol: Protocol, site: Site, entries: Iterable[Entry]) -> Iterator[Replayed]:
    """Yield every journalled step, done again from the session's beginning."""
    session = Session.begin(protocol, site)
    for entry in entries:
        before = session
        session, commands = step(before, entry.event)
        yield Replayed(entry, before, session, commands)


def replay(engine: Engine, session: SessionRecord) -> Replay:
    """Run a session again and compare every command with the journalled one, to the last bit.

    Raises JournalError, FileError.
    """
    events = commands = 0
    for again in run_again(session.plan(), session.site, read_entries(engine, session.id)):
        entry = again.entry
        events += 1
        commands += len(entry.commands)
        if not again.same:
            at_s = (entry.event.at_ns - session.origin_ns) / 1e9
            kind = type(entry.event).__name__
            return Replay(events, commands, Difference(entry.seq, at_s, kind, entry.commands, again.commands))
    return Replay(events, commands, None)


def _exact(commands: tuple[Command, ...]) -> str:
    # Neither NaN, which differs from itself, nor -0.0, which equals 0.0, can be compared as numbers.
    return json.dumps([to_record(command) for command in commands]) if commands else ""
