"""Gets entries into the database: in order, in whole transactions, and never lost while memory lasts.

What cannot be written now (disk full, locked, server away) is kept and tried again with the next batch.
Whatever the database does, `put` neither blocks nor raises.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import Engine, insert, update

from controller.journal_reader import last_seq
from controller.journal_rows import Entry, Row, command_rows, event_row, lines, session_values, to_text
from controller.journal_schema import blocks, records, sessions, shown, why, writing
from protocols.events import Sampled

FLUSH_MARK_EVERY = timedelta(seconds=60)
"""How often a running session says that it is alive; recovery waits ten times as long."""


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

    def __bool__(self) -> bool:
        return bool(self.records or self.blocks or self.updates)


class BatchWriter:
    """Writes what was put, when `flush` is called. `put` is for one thread, `flush` for any.

    `on_trouble(message)` is called once when writing begins to fail, `on_recovered()` once when everything is
    written again: on the thread that flushes, so whoever needs them elsewhere hands them over there.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        utc_now: Callable[[], datetime],
        on_trouble: Callable[[str], None],
        on_recovered: Callable[[], None],
    ) -> None:
        self._engine = writing(engine)
        self._place = shown(engine.url)
        self._utc_now = utc_now
        self._on_trouble, self._on_recovered = on_trouble, on_recovered
        self._incoming: deque[Item] = deque()
        self._kept: deque[Item] = deque()
        self._flushing = threading.Lock()
        self._in_trouble = False
        self._marked_at: dict[str, datetime] = {}

    def listen(self, on_trouble: Callable[[str], None], on_recovered: Callable[[], None]) -> None:
        """Let somebody else know of trouble from now on."""
        self._on_trouble, self._on_recovered = on_trouble, on_recovered

    def tell_trouble(self, message: str) -> None:
        """Pass a sentence on to whoever listens."""
        # A listener whose event loop is closed by now must not keep the entries from being written.
        with suppress(RuntimeError):
            self._on_trouble(message)

    def put(self, item: Item) -> None:
        """Take an item over; it goes into the next batch."""
        self._incoming.append(item)

    def flush(self) -> bool:
        """Write everything put so far in one transaction; return False if it had to be kept."""
        with self._flushing:
            self._kept.extend(self._taken())
            if not self._kept:
                return True
            try:
                self._write(self._kept)
            except Exception as error:  # noqa: BLE001 - whatever it is, the hold goes on and nothing is dropped
                if not self._in_trouble:
                    self._in_trouble = True
                    self.tell_trouble(
                        f"the journal {self._place} cannot be written: {why(error)}; the session goes on, "
                        "its log is kept in memory and written when that is possible: make room on the disk"
                    )
                return False
            self._kept.clear()
            if self._in_trouble:
                self._in_trouble = False
                self._tell_recovery()
            return True

    def unwritten(self) -> Iterator[str]:
        """Yield what is still only in memory, as JSON lines."""
        with self._flushing:
            self._kept.extend(self._taken())
            for item in self._kept:
                match item:
                    case Entry():
                        for line in lines(item, 0):
                            yield json.dumps({"session_id": item.session_id, **json.loads(line)})
                    case SessionUpdate():
                        yield json.dumps({"session_id": item.session_id, "side": "session", **item.values})
                    case _:
                        assert_never(item)

    def _tell_recovery(self) -> None:
        with suppress(RuntimeError):
            self._on_recovered()

    def _taken(self) -> Iterator[Item]:
        while self._incoming:
            yield self._incoming.popleft()

    def _write(self, items: deque[Item]) -> None:
        with self._engine.begin() as connection:
            # A commit can succeed and its confirmation get lost: then some of it is there already.
            ids = {item.session_id for item in items} if self._in_trouble else set()
            written = {session_id: last_seq(connection, session_id) for session_id in ids}
            batch = _batch(items, written)
            marks = self._mark(batch)
            if batch.records:
                connection.execute(insert(records), batch.records)
            if batch.blocks:
                connection.execute(insert(blocks), batch.blocks)
            for row in batch.updates:
                connection.execute(update(sessions).where(sessions.c.id == row.session_id).values(row.values))
        self._marked_at.update(marks)

    def _mark(self, batch: _Batch) -> dict[str, datetime]:
        now = self._utc_now()
        marks = {}
        for session_id in {row["session_id"] for row in (*batch.records[-1:], *batch.blocks[-1:])}:
            marked_at = self._marked_at.get(session_id)
            if marked_at is None or now - marked_at >= FLUSH_MARK_EVERY:
                marks[session_id] = now
                batch.updates.append(SessionUpdate(session_id, {"flushed_at": to_text(now)}))
        return marks


def _batch(items: deque[Item], written: dict[str, int]) -> _Batch:
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
