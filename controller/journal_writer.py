"""Gets entries into the database: in order, in whole transactions, and never lost while memory lasts.

What cannot be written now (disk full, locked, server away) is kept and tried again with the next batch.
Whatever the database does, `put` neither blocks nor raises.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from controller.journal_batch import Item, SessionUpdate, write_items
from controller.journal_reader import last_seq
from controller.journal_rows import Entry, to_text
from controller.journal_schema import shown, why, writing

FLUSH_MARK_EVERY = timedelta(seconds=60)
"""How often a running session says that it is alive; recovery waits ten times as long."""

_NEVER = datetime.min.replace(tzinfo=UTC)


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

    def hand_over(self, keep: Callable[[tuple[Item, ...]], Path]) -> Path:
        """Let `keep` put what is still only in memory elsewhere, and return where; if it raises, all of it stays."""
        with self._flushing:
            self._kept.extend(self._taken())
            path = keep(tuple(self._kept))
            self._kept.clear()
        return path

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
            now = self._utc_now()
            marked = self._due_marks(items, now)
            marks = [SessionUpdate(session_id, {"flushed_at": to_text(now)}) for session_id in marked]
            write_items(connection, (*items, *marks), written)
        self._marked_at.update(dict.fromkeys(marked, now))

    def _due_marks(self, items: deque[Item], now: datetime) -> list[str]:
        seen = {item.session_id for item in items if isinstance(item, Entry)}
        return [each for each in seen if now - self._marked_at.get(each, _NEVER) >= FLUSH_MARK_EVERY]
