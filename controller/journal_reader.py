"""Reads sessions back: their descriptions, and their events with the commands they led to, in exact order."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from operator import itemgetter
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine, Select, Table, func, select, union_all

from controller.journal_errors import RecordError
from controller.journal_rows import COMMAND, Entry, Row, command_of, event_of, from_text, moment, sampled_of
from controller.journal_schema import blocks, records, transaction
from controller.read_summary import problem_of, read_summary
from protocols.commands import Command, Outcome
from protocols.errors import ProtocolsError
from protocols.events import Event
from protocols.plan import Protocol
from protocols.schema import protocol_from_dict
from protocols.site import Site

ROWS_AT_ONCE = 500

UNREADABLE = (ValueError, TypeError, OverflowError, KeyError, RecursionError, struct.error, ProtocolsError)
"""What the values of a row raise that nobody wrote so."""

_BRING_BACK = "bring back a copy of the journal"


class _Row(BaseModel):
    """The columns of `sessions` as their types are: SQLite takes anything."""

    model_config = ConfigDict(strict=True)
    id: str
    profile: str
    person: str | None
    remembered: bool
    protocol: str
    site: str
    dose_s: float
    tool: str
    tip_diameter_mm: float | None
    locked_site: str | None
    locked_ns: int | None
    started_at: str
    origin_ns: int
    ended_at: str | None
    outcome: str | None
    reason: str | None
    summary: str | None
    owner_host: str
    owner_pid: int
    owner_created_s: float
    flushed_at: str


class _Step(BaseModel):
    holds: Annotated[int, Field(ge=1)] = 1


class _Protocol(BaseModel):
    name: str
    steps: Annotated[list[_Step], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """How the journal describes a session. `ended_at`, `outcome` and `summary` are None while it runs.

    `person` is None for a real one. `protocol` is plain data. `summary` holds JSON values; `damage`: why there are
    none although the session is over. `flushed_at`: when its process last said that it lives, by the wall clock.
    """

    id: str
    profile: str
    person: str | None
    remembered: bool
    protocol: dict[str, Any]
    site: Site
    dose_s: float
    tool: str
    tip_diameter_mm: float | None
    locked_site: Site | None
    locked_at: datetime | None
    started_at: datetime
    origin_ns: int
    ended_at: datetime | None
    outcome: Outcome | None
    reason: str | None
    summary: dict[str, Any] | None
    flushed_at: datetime
    damage: str | None = None

    def plan(self) -> Protocol:
        """Return the protocol it ran; raises FileError if this version would refuse it."""
        return protocol_from_dict(self.protocol, f"session {self.id}")


def read_sessions(engine: Engine, query: Select[Any]) -> list[SessionRecord]:
    """Return the sessions that a select over the table `sessions` gives, in its order. Raises JournalError."""
    with transaction(engine) as connection:
        return [session_record(dict(row)) for row in connection.execute(query).mappings()]


def session_record(row: Row) -> SessionRecord:
    """Return what a row of `sessions` says; raises RecordError if that cannot be what was written."""
    try:
        return _session_record(row)
    except UNREADABLE as error:
        raise RecordError(
            f"session {row['id']} in the journal is damaged ({problem_of(error)}), and with it its contact and what it "
            f"may have locked: {_BRING_BACK}, or begin another with --journal"
        ) from error


def _session_record(row: Row) -> SessionRecord:
    typed = _Row.model_validate(row)
    started_at, origin_ns = from_text(typed.started_at), typed.origin_ns
    summary, damage = (None, None) if typed.summary is None else read_summary(typed.summary)
    return SessionRecord(
        id=typed.id,
        profile=typed.profile,
        person=typed.person,
        remembered=typed.remembered,
        protocol=_protocol(typed.protocol),
        site=Site.named(typed.site),
        dose_s=typed.dose_s,
        tool=typed.tool,
        tip_diameter_mm=typed.tip_diameter_mm,
        locked_site=None if typed.locked_site is None else Site.named(typed.locked_site),
        locked_at=None if typed.locked_ns is None else moment(started_at, origin_ns, typed.locked_ns),
        started_at=started_at,
        origin_ns=origin_ns,
        ended_at=None if typed.ended_at is None else from_text(typed.ended_at),
        outcome=None if typed.outcome is None else Outcome(typed.outcome),
        reason=typed.reason,
        summary=summary,
        flushed_at=from_text(typed.flushed_at),
        damage=damage,
    )


def _protocol(text: str) -> dict[str, Any]:
    # Whether this version would still run it is asked when it is to be run (`plan`).
    _Protocol.model_validate_json(text)
    return dict(json.loads(text))


def read_entries(engine: Engine, session_id: str) -> Iterator[Entry]:
    """Yield the session's events and their commands in order, as of one instant.

    Raises JournalError, also where one is missing.
    """
    with transaction(engine) as connection:
        # Entries are written whole and in order: up to here nothing is missing, whatever is written meanwhile.
        until = last_seq(connection, session_id)
        event: Event | None = None
        seq, commands, expected = 0, list[Command](), 0
        for row in merge(
            _rows(connection, records, session_id, until),
            _rows(connection, blocks, session_id, until),
            key=itemgetter("seq"),
        ):
            if row["seq"] != expected:
                raise RecordError(_missing(session_id, expected, row["seq"]))
            expected += 1
            read = _read(row)
            if not isinstance(read, Event):
                commands.append(read)
                continue
            if event is not None:
                yield Entry(session_id, seq, event, tuple(commands))
            seq, commands, event = row["seq"], [], read
        if event is not None:
            yield Entry(session_id, seq, event, tuple(commands))


def _read(row: Row) -> Event | Command:
    try:
        if row.get("side") == COMMAND:
            return command_of(row)
        return event_of(row) if "side" in row else sampled_of(row)
    except UNREADABLE as error:
        raise RecordError(
            f"entry {row['seq']} of session {row['session_id']} in the journal is damaged ({problem_of(error)}): "
            f"{_BRING_BACK}"
        ) from error


def _missing(session_id: str, first: int, after: int) -> str:
    which = f"entry {first} is" if after == first + 1 else f"entries {first} to {after - 1} are"
    return f"{which} missing of session {session_id} in the journal: {_BRING_BACK}"


def last_seq(connection: Connection, session_id: str) -> int:
    """Return the highest `seq` of a session, as of one instant; -1 if it has none."""
    highest = [select(func.max(table.c.seq)).where(table.c.session_id == session_id) for table in (records, blocks)]
    found = connection.scalars(union_all(*highest)).all()
    return max((seq for seq in found if seq is not None), default=-1)


def _rows(connection: Connection, table: Table, session_id: str, until: int) -> Iterator[Row]:
    ordered = select(table).where(table.c.session_id == session_id, table.c.seq <= until).order_by(table.c.seq)
    result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(ordered)
    return (dict(row) for row in result.mappings())
