"""What waits to be written: steps of a session and new values of its row, and how a batch of them is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from sqlalchemy import Connection, insert, update

from controller.journal_rows import Entry, Row, command_rows, event_row, session_values
from controller.journal_schema import blocks, records, sessions
from protocols.events import Sampled


@dataclass(frozen=True, slots=True)
class SessionUpdate:
    """New values of columns of one row of `sessions`."""

    session_id: str
    values: Row


Item = Entry | SessionUpdate


@dataclass(slots=True)
class _Batch:
    """Rows of one transaction."""

    records: list[Row] = field(default_factory=list)
    blocks: list[Row] = field(default_factory=list)
    updates: list[SessionUpdate] = field(default_factory=list)


def write_items(connection: Connection, items: Iterable[Item], written: Mapping[str, int]) -> None:
    """Write items within the connection's transaction. Raises SQLAlchemyError.

    `written`: the highest `seq` that is there already, by session; what is not above it is left out.
    """
    batch = _batch(items, written)
    if batch.records:
        connection.execute(insert(records), batch.records)
    if batch.blocks:
        connection.execute(insert(blocks), batch.blocks)
    for row in batch.updates:
        connection.execute(update(sessions).where(sessions.c.id == row.session_id).values(row.values))


def _batch(items: Iterable[Item], written: Mapping[str, int]) -> _Batch:
    batch = _Batch()
    for item in items:
        match item:
            case SessionUpdate():
                batch.updates.append(item)
            case Entry() if item.seq <= written.get(item.session_id, -1):
                continue
            case Entry():
                (batch.blocks if isinstance(item.event, Sampled) else batch.records).append(event_row(item))
                batch.records.extend(command_rows(item))
                if values := session_values(item):
                    batch.updates.append(SessionUpdate(item.session_id, values))
            case _:
                assert_never(item)
    return batch
