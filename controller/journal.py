"""The journal: the append-only record of sessions, in any database that SQLAlchemy knows.

One journal writes one session at a time: `begin`, `append` for every step, `finish`, `settle`, and at last `close`.
Entries go out in batches, one transaction each: about four a second on a thread of the journal's own, or,
inline, on the caller's thread once a second of the session's time (a thread would let a virtual clock jump).
"""

import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, insert, select

from controller.history import check_alone
from controller.journal_batch import SessionUpdate
from controller.journal_errors import JournalError
from controller.journal_rest import bring_in, keep_rest, rest_folders
from controller.journal_rows import Entry, moment, to_text
from controller.journal_schema import connect, in_memory, lock_beginnings, sessions, shown, transaction
from controller.journal_writer import BatchWriter
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
    """An open journal.

    `recovered`: ids of the abandoned sessions that this opening closed. `brought_in`: ids of the sessions, and the
    files, whose rest it brought in.

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
        brought_in: tuple[tuple[str, Path], ...] = (),
    ) -> None:
        self.engine, self.recovered, self.brought_in = engine, recovered, brought_in
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
        """Open the journal at `url`, making it if there is none, and mend what dead processes left.

        The rests of its sessions, which found no room, are brought in; sessions without an end get one.
        `utc_now` is the wall clock, aware and UTC, for virtual time too: ids and recovery need it. Blocks for
        as long as the database does. Raises JournalError.
        """
        engine = connect(url)
        try:
            brought_in = bring_in(engine, rest_folders(engine))
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
            brought_in=brought_in,
        )

    @property
    def shown(self) -> str:
        """Where the journal is, without its password."""
        return shown(self.engine.url)

    @property
    def last_at(self) -> datetime:
        """The date of what was taken over last, on the session's clock."""
        return moment(self._started_at, self._origin_ns, self._last_ns)

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
        alone: bool = False,
    ) -> str:
        """Write that a session begins, and return its id.

        `person` is None for a real one. `started_at`, aware, is the date of `origin_ns` on the events' clock;
        both may be simulated. `alone`: raise UsageError if a session of a real person of this profile runs, however
        close together the two begin. Blocks for as long as the database does. Raises JournalError.
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
            lock_beginnings(connection)
            if alone:
                check_alone(connection, profile)
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
        values = {
            "ended_at": to_text(self.last_at),
            "outcome": outcome.value,
            "reason": reason,
            "summary": json.dumps(summary),
        }
        self._writer.put(SessionUpdate(self._session_id, values))

    def flush(self) -> bool:
        """Write everything that was taken over; return False if it had to be kept. Blocks."""
        return self._writer.flush()

    def settle(self) -> Path | None:
        """Write everything, for the last time; blocks, for some seconds if the database cannot be written.

        If it still cannot, the rest goes to a file, whose path is returned and told by `on_trouble`; the next opening
        brings it in. Raises JournalError when there is no room for that either: then it stays in memory for `close`.
        """
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        pause = threading.Event()
        for _ in range(CLOSE_ATTEMPTS):
            if self._writer.flush():
                return None
            pause.wait(self._batch_s)
        return self._keep_rest()

    def close(self) -> Path | None:
        """Settle what is not settled yet, and let go of the database. Raises JournalError if the rest is lost."""
        try:
            return self.settle()
        except JournalError as error:
            what = f"the end of session {self._session_id} is lost"
            raise JournalError(f"{what}: {error}; make room for the next one") from error
        finally:
            self.engine.dispose()

    def _flush_until_closing(self) -> None:
        while not self._closing.wait(self._batch_s):
            self._writer.flush()

    def _keep_rest(self) -> Path:
        folders: tuple[Path, ...] = ()
        try:
            folders = rest_folders(self.engine)
            path = self._writer.hand_over(lambda items: keep_rest(self._session_id, items, folders))
        except OSError as error:
            places = ", ".join(map(str, folders)) or "a file for the rest"
            raise JournalError(
                f"neither {self.shown} nor {places} could be written: {error.strerror or error}"
            ) from error
        self._writer.tell_trouble(f"the journal could not be written; the rest of the session is in {path}")
        return path
