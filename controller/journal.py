"""The journal: the append-only record of sessions, in any database that SQLAlchemy knows.

One journal writes one session at a time: `begin`, `append` for every step, `finish`, and at last `close`.
Entries go out in batches, one transaction each: about four a second on a thread of the journal's own, or,
inline, on the caller's thread once a second of the session's time (a thread would let a virtual clock jump).
"""

import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select

from controller.journal_errors import JournalError
from controller.journal_rows import Entry, elsewhere, moment, to_text
from controller.journal_schema import connect, in_memory, sessions, shown, transaction
from controller.journal_writer import BatchWriter, SessionUpdate
from controller.owner import Owner
from controller.recovery import recover
from controller.session_id import new_session_id
from protocols.commands import Command, Outcome
from protocols.events import Event
from protocols.plan import Protocol
from protocols.schema import protocol_to_dict
from protocols.site import Site

BATCH_S = 0.25
INLINE_BATCH_NS = 1_000_000_000
CLOSE_ATTEMPTS = 8
"""One batch time apart, plus the database's own patience: in all 2 s for a full disk, 18 s for a lock."""


def _ignore(*_: object) -> None:
    """Take a notice that nobody waits for."""


class Journal:
    """An open journal. `recovered`: ids of the abandoned sessions that this opening closed as interrupted.

    `on_trouble` is called once, with a sentence for the person, when entries cannot be written, and
    `on_recovered` when all of them are. Unless inline both come on the writer's thread: handing over to a
    loop (`call_soon_threadsafe`) is for whoever gives them.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        inline: bool,
        utc_now: Callable[[], datetime],
        on_trouble: Callable[[str], None] = _ignore,
        on_recovered: Callable[[], None] = _ignore,
        batch_s: float = BATCH_S,
        recovered: tuple[str, ...] = (),
    ) -> None:
        self.engine, self.recovered = engine, recovered
        self._utc_now, self._batch_s = utc_now, batch_s
        self._writer = BatchWriter(engine, utc_now=utc_now, on_trouble=on_trouble, on_recovered=on_recovered)
        self._session_id = ""
        self._started_at = datetime.min.replace(tzinfo=UTC)
        self._origin_ns = self._last_ns = self._flushed_ns = self._next_seq = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        if not inline:
            self._thread = threading.Thread(target=self._flush_until_closing, name="journal", daemon=True)
            self._thread.start()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        inline: bool,
        utc_now: Callable[[], datetime],
        on_trouble: Callable[[str], None] = _ignore,
        on_recovered: Callable[[], None] = _ignore,
        batch_s: float = BATCH_S,
    ) -> "Journal":
        """Open the journal at `url`, making it if there is none, and close what dead processes left open.

        `utc_now` is the wall clock, aware and UTC, for virtual time too: ids and recovery need it. Blocks for
        as long as the database does. Raises JournalError.
        """
        engine = connect(url)
        try:
            recovered = recover(engine, utc_now())
        except JournalError:
            engine.dispose()
            raise
        return cls(
            engine,
            inline=inline or in_memory(engine.url),
            utc_now=utc_now,
            on_trouble=on_trouble,
            on_recovered=on_recovered,
            batch_s=batch_s,
            recovered=recovered,
        )

    @property
    def shown(self) -> str:
        """Where the journal is, without its password."""
        return shown(self.engine.url)

    def listen(self, on_trouble: Callable[[str], None], on_recovered: Callable[[], None]) -> None:
        """Let somebody else know of trouble from now on, as in `open`."""
        self._writer.listen(on_trouble, on_recovered)

    def begin(
        self,
        *,
        profile: str,
        person: str | None,
        remembered: bool,
        protocol: Protocol,
        site: Site,
        dose_s: float,
        tool: str,
        started_at: datetime,
        origin_ns: int,
    ) -> str:
        """Write that a session begins, and return its id.

        `person` is None for a real one. `started_at`, aware, is the date of `origin_ns` on the events' clock;
        both may be simulated. Blocks for as long as the database does. Raises JournalError.
        """
        owner, now = Owner.this_process(), self._utc_now()
        values = {
            "profile": profile,
            "person": person,
            "remembered": remembered,
            "protocol": json.dumps(protocol_to_dict(protocol)),
            "site": site.name,
            "dose_s": dose_s,
            "tool": tool,
            "started_at": to_text(started_at),
            "origin_ns": origin_ns,
            "owner_host": owner.host,
            "owner_pid": owner.pid,
            "owner_created_s": owner.created_s,
            "flushed_at": to_text(now),
        }
        with transaction(self.engine, writes=True) as connection:
            session_id = new_session_id(now, connection.scalar(select(func.max(sessions.c.id))))
            connection.execute(insert(sessions).values(id=session_id, **values))
        self._session_id, self._next_seq = session_id, 0
        self._started_at = started_at
        self._origin_ns = self._last_ns = self._flushed_ns = origin_ns
        return session_id

    def append(self, event: Event, commands: tuple[Command, ...]) -> None:
        """Take over a step: what happened and what the engine wanted done.

        Never raises. Inline it writes once a second, which may block; otherwise it never blocks.
        """
        self._writer.put(Entry(self._session_id, self._next_seq, event, commands))
        self._next_seq += 1 + len(commands)
        self._last_ns = event.at_ns
        if self._thread is None and event.at_ns - self._flushed_ns >= INLINE_BATCH_NS:
            self._flushed_ns = event.at_ns
            self._writer.flush()

    def finish(self, outcome: Outcome, reason: str, summary: Mapping[str, Any]) -> None:
        """Take over how the session ended; `summary` is JSON values, as `summary_of` makes them."""
        ended_at = moment(self._started_at, self._origin_ns, self._last_ns)
        values = {
            "ended_at": to_text(ended_at),
            "outcome": outcome.value,
            "reason": reason,
            "summary": json.dumps(summary),
        }
        self._writer.put(SessionUpdate(self._session_id, values))

    def flush(self) -> bool:
        """Write everything that was taken over; return False if it had to be kept. Blocks."""
        return self._writer.flush()

    def close(self) -> Path | None:
        """Write everything and let go. Blocks, for some seconds if the database cannot be written.

        If it still cannot, the rest is written as JSON lines to a file in the temporary folder; its path is
        returned and told by `on_trouble`. Raises JournalError when there is no room for that either.
        """
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        pause = threading.Event()
        for _ in range(CLOSE_ATTEMPTS):
            if self._writer.flush():
                rest = None
                break
            pause.wait(self._batch_s)
        else:
            rest = self._write_elsewhere()
        self.engine.dispose()
        return rest

    def _flush_until_closing(self) -> None:
        while not self._closing.wait(self._batch_s):
            self._writer.flush()

    def _write_elsewhere(self) -> Path:
        try:
            handle, name = tempfile.mkstemp(prefix=elsewhere(self._session_id), suffix=".jsonl")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in self._writer.unwritten())
        except OSError as error:
            raise JournalError(
                f"the end of session {self._session_id} is lost: neither {shown(self.engine.url)} nor "
                f"{tempfile.gettempdir()} could be written: {error.strerror}; make room for the next one"
            ) from error
        self._writer.tell_trouble(f"the journal could not be written; the rest of the session is in {name}")
        return Path(name)
