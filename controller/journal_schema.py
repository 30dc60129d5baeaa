"""The journal's tables, and the way to a database that has them.

Columns are named as the fields of the events are. Times within a session are host nanoseconds; dates are UTC
in ISO 8601, which sorts as text in every database.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from controller.journal_errors import JournalError

SCHEMA_VERSION = 1

BUSY_TIMEOUT_S = 2.0
"""How long to wait for another process's transaction, which takes milliseconds; then it is tried again."""

metadata = MetaData()

versions = Table("holdwell_schema", metadata, Column("version", Integer, primary_key=True))

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("profile", Text, nullable=False, index=True),
    Column("person", Text),  # NULL: a real one
    Column("remembered", Boolean, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("dose_s", Float, nullable=False),
    Column("tool", Text, nullable=False),
    Column("tip_diameter_mm", Float),
    Column("locked_site", Text),  # by a symptom, at locked_ns
    Column("locked_ns", BigInteger),
    Column("started_at", String(32), nullable=False),
    Column("origin_ns", BigInteger, nullable=False),
    Column("ended_at", String(32)),
    Column("outcome", Text),
    Column("reason", Text),
    Column("summary", Text),
    Column("owner_host", Text, nullable=False),
    Column("owner_pid", Integer, nullable=False),
    Column("owner_created_s", Float, nullable=False),
    Column("flushed_at", String(32), nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("side", String(7), nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_with_rowid=False,
)

blocks = Table(
    "blocks",
    metadata,
    Column("session_id", ForeignKey("sessions.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("first_ns", BigInteger, nullable=False),
    Column("period_ns", BigInteger, nullable=False),
    Column("status", Integer, nullable=False),  # bits: 1 saturated, 2 fault
    Column("lost", Integer, nullable=False),
    Column("samples", LargeBinary, nullable=False),  # newtons, float64, little-endian
    sqlite_with_rowid=False,
)

declarations = Table(
    "declarations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("person", Text),
    Column("site", Text, nullable=False),
    Column("kind", Text, nullable=False),  # cleared, shown
    Column("declared_at", String(32), nullable=False),
)

LOCK_BEGINNINGS = select(versions.c.version).with_for_update()


def connect(url: str) -> Engine:
    """Return an engine on the journal at `url`, any SQLAlchemy URL, whose tables exist and can be written.

    A SQLite file is made with mode 0600; its folder must be there. Raises JournalError.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise JournalError(f"'{url}' is not a database URL; for a file write sqlite:///FILE") from error
    place = shown(parsed)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    try:
        engine = _sqlite_engine(parsed, place) if is_sqlite else create_engine(parsed)
        try:
            _prepare(engine, place)
        except BaseException:
            engine.dispose()
            raise
    except NoSuchModuleError as error:
        raise JournalError(
            f"no database is called '{parsed.drivername}'; use sqlite:///FILE or postgresql+psycopg://HOST/NAME"
        ) from error
    except ModuleNotFoundError as error:
        raise JournalError(
            f"the driver for {parsed.drivername} is not installed; install the package {error.name}"
        ) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise JournalError(f"the journal {place} cannot be used: {why(error)}; {advice(error)}") from error
    return engine


@contextmanager
def transaction(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    """Give a connection for one transaction, committed at the end if it `writes`. Raises JournalError."""
    try:
        with writing(engine).begin() if writes else engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        problem = "written" if writes else "read"
        where = shown(engine.url)
        raise JournalError(f"the journal {where} cannot be {problem}: {why(error)}; {advice(error)}") from error


def writing(engine: Engine) -> Engine:
    """Return `engine` with transactions that take SQLite's write lock first, so that none fails half-way."""
    return engine.execution_options(journal_writes=True)


def lock_beginnings(connection: Connection) -> None:
    """Let no other process begin a session in this transaction: SQLite by its write lock, others by that of a row."""
    connection.execute(LOCK_BEGINNINGS)


def shown(url: URL) -> str:
    """Return how to name a journal to the person: a file's path, or the URL without its password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def check_there(url: str) -> None:
    """Raise JournalError if `url` is that of a file, and in its folder there is none of that name."""
    with suppress(ArgumentError):  # for `connect` to tell
        parsed = make_url(url)
        is_file = parsed.get_backend_name() == "sqlite" and not in_memory(parsed) and not parsed.query.get("uri")
        path = Path(shown(parsed))
        if is_file and path.parent.is_dir() and not path.exists():
            raise JournalError(f"there is no journal {shown(parsed)}; `holdwell run` with this --journal makes one")


def why(error: BaseException) -> str:
    """Return a database's own words for what went wrong, in one line."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split())


_ADVICE = "check its permissions and the room on its disk, or choose another with --journal"
_DAMAGED = "it is no journal of Holdwell or is damaged: bring back a copy of it, or choose another with --journal"
_DAMAGE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR})
"""The last is what SQLite says of a table or column that is not there."""


_MISSING = frozenset({"42P01", "42703"})
"""PostgreSQL's for the same."""


def advice(error: BaseException) -> str:
    """Return what to do about a database's error."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # The lowest byte says what kind of error it is; the others say more of it.
    is_damaged = getattr(cause, "sqlite_errorcode", 0) & 0xFF in _DAMAGE
    is_missing = getattr(cause, "sqlstate", None) in _MISSING
    return _DAMAGED if is_damaged or is_missing else _ADVICE


def _sqlite_engine(url: URL, place: str) -> Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S, "check_same_thread": False}}
    if in_memory(url):
        options["poolclass"] = StaticPool
    elif not url.query.get("uri"):
        _make_private_file(Path(place))
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def in_memory(url: URL) -> bool:
    """Return whether this SQLite database lives in memory, in one connection."""
    return url.database in {None, "", ":memory:"}


def _make_private_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise JournalError(f"the journal {path} is a folder; name a file in it")
        if not path.parent.is_dir():
            raise JournalError(f"the journal {path} cannot be made: make the folder {path.parent} first")
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise JournalError(f"the journal {path} cannot be opened: {error.strerror}; {_ADVICE}") from error


def _set_up_connection(connection: Any, _record: object) -> None:
    # Python's own implicit transactions would not cover SELECT: a reader would see a session half written.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            # Changing the mode does not wait for a lock; whoever holds it has changed the mode or will.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("journal_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare(engine: Engine, place: str) -> None:
    with writing(engine).begin() as connection:
        if not inspect(connection).has_table(versions.name):
            metadata.create_all(connection)
            connection.execute(insert(versions).values(version=SCHEMA_VERSION))
        version = connection.scalar(select(versions.c.version))
        # SQLite lets a transaction for writing begin in a file that cannot be written: only a write tells.
        connection.execute(update(versions).values(version=versions.c.version))
        missing = sorted(metadata.tables.keys() - set(inspect(connection).get_table_names()))
    if version != SCHEMA_VERSION:
        newer = version is not None and version > SCHEMA_VERSION
        remedy = "update Holdwell" if newer else "open it with the version that made it"
        raise JournalError(
            f"the journal {place} has layout {version}, this Holdwell reads {SCHEMA_VERSION}: {remedy}, "
            "or choose another with --journal"
        )
    if missing:
        raise JournalError(f"the journal {place} has no table {missing[0]}; {_DAMAGED}")
