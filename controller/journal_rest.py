"""The rest of a session that the journal had no room for: kept in a file, and brought in as soon as there is room.

A rest is JSON lines: the entries as `export` writes them, and as the last line how the session ended, as far as that
is known. Its name says whose it is, and it is there only when it is whole.
"""

import json
import logging
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from controller.journal_batch import Item, SessionUpdate, write_items
from controller.journal_errors import JournalError, RecordError
from controller.journal_reader import last_seq
from controller.journal_rows import COMMAND, EVENT, Entry, from_text, lines, to_text
from controller.journal_schema import in_memory, sessions, transaction
from controller.places import data_path
from controller.read_summary import problem_of
from controller.records import command_from_record, event_from_record
from protocols.commands import Outcome

logger = logging.getLogger(__name__)

ENDING = ("ended_at", "outcome", "reason", "summary")
"""Columns of `sessions` that say how one ended."""

SESSION = "session"
"""The side of the last line."""

_NAME = re.compile(r"holdwell-([0-9a-z]{10})-\w+\.jsonl")
_HEAD = frozenset({"session_id", "seq", "t_s", "side"})


def rest_folders(engine: Engine) -> tuple[Path, ...]:
    """Return where rests are kept, best first: beside the journal, in the data folder, in the temporary folder.

    The first two outlast a restart of the computer. One that cannot be found or looked at is left out.
    """
    url = engine.url
    beside = url.get_backend_name() == "sqlite" and not in_memory(url) and not url.query.get("uri")
    own = [lambda: Path(str(url.database)).parent] if beside else []
    ways: list[Callable[[], Path]] = [*own, data_path, lambda: Path(tempfile.gettempdir())]
    return tuple(dict.fromkeys(folder for way in ways if (folder := _folder(way)) is not None))


def keep_rest(session_id: str, items: Sequence[Item], folders: Sequence[Path]) -> Path:
    """Write what the journal did not take into the first of these folders that does, mode 0600; return its path.

    Raises OSError, that of the last folder, if none takes it.
    """
    text = [line + "\n" for item in items for line in _lines(item)]
    if not (items and isinstance(items[-1], SessionUpdate)):
        # Without an end too, a file that lost its last lines is told from a whole one.
        text.append(json.dumps({"session_id": session_id, "side": SESSION}) + "\n")
    problem = OSError("there is no folder for it")
    for folder in folders:
        try:
            return _written(folder, session_id, text)
        except OSError as error:
            problem = error
    raise problem


def bring_in(engine: Engine, folders: Sequence[Path]) -> tuple[tuple[str, Path], ...]:
    """Write the rests of this journal's sessions into it and remove their files; return ids and paths.

    What cannot be read as the rest of a session is left where it is, with a warning. Raises JournalError when there
    is still no room, with the file's name.
    """
    found = {path: name[1] for path in _own_files(folders) if (name := _NAME.fullmatch(path.name))}
    if not found:
        return ()
    with transaction(engine) as connection:
        known = set(connection.scalars(select(sessions.c.id).where(sessions.c.id.in_(set(found.values())))))
    whole = []
    for path, session_id in found.items():
        if session_id in known and _brought_in(engine, session_id, path):
            whole.append((session_id, path))
    return tuple(whole)


def _brought_in(engine: Engine, session_id: str, path: Path) -> bool:
    try:
        items = _read(session_id, path)
        with transaction(engine, writes=True) as connection:
            last = last_seq(connection, session_id)
            first = next((item.seq for item in items if isinstance(item, Entry)), 0)
            if first > last + 1:
                logger.warning("%s is not used: what comes before it is not in the journal", path)
                return False
            write_items(connection, items, {session_id: last})
    except FileNotFoundError:
        return False  # another process was quicker
    except (RecordError, OverflowError) as error:
        logger.warning("%s is not the rest of a session and is left as it is: %s", path, error)
        return False
    except JournalError as error:
        raise JournalError(f"the rest of session {session_id} is still in {path}: {error}") from error
    with suppress(OSError):
        path.unlink()
    return True


def _folder(way: Callable[[], Path]) -> Path | None:
    try:
        folder = way().resolve()
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError, JournalError):
        # Below one that may not be read, in a loop of links, in no home that is known.
        return None


def _own_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        found: list[Path] = []
        with suppress(OSError):
            found = sorted(folder.glob("holdwell-*.jsonl"))
        for path in found:
            # Anybody may put a file into a folder for temporary files.
            with suppress(OSError):
                if not hasattr(os, "getuid") or path.stat(follow_symlinks=False).st_uid == os.getuid():
                    yield path


def _written(folder: Path, session_id: str, text: list[str]) -> Path:
    handle, name = tempfile.mkstemp(dir=folder, prefix=f"holdwell-{session_id}-", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(text)
            file.flush()
            os.fsync(file.fileno())
        return part.rename(part.with_suffix(".jsonl"))
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def _lines(item: Item) -> Iterator[str]:
    if isinstance(item, SessionUpdate):
        yield json.dumps({"session_id": item.session_id, "side": SESSION, **item.values})
        return
    for line in lines(item, 0):
        yield json.dumps({"session_id": item.session_id, **json.loads(line)})


def _read(session_id: str, path: Path) -> list[Item]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise RecordError("it is no file")
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if not rows or rows[-1]["side"] != SESSION:
            raise RecordError("its last line is missing")
        if any(row["session_id"] != session_id for row in rows):
            raise RecordError(f"it has lines of another session than {session_id}")
        ends = [row for row in rows if row["side"] == SESSION and not row.keys().isdisjoint(ENDING)]
        return [*_entries(session_id, rows), *map(_update, ends)]
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RecordError(f"it cannot be read: {error.strerror}") from error
    except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise RecordError(problem_of(error)) from error


def _entries(session_id: str, rows: list[dict[str, Any]]) -> Iterator[Entry]:
    entry: Entry | None = None
    for row in rows:
        record = {key: value for key, value in row.items() if key not in _HEAD}
        if row["side"] == EVENT:
            seq = int(row["seq"])
            if entry is not None:
                if seq != entry.seq + 1 + len(entry.commands):
                    raise RecordError(f"what comes before entry {seq} is missing")
                yield entry
            entry = Entry(session_id, seq, event_from_record(record), ())
        elif row["side"] == COMMAND:
            if entry is None:
                raise RecordError("it begins with a command")
            entry = Entry(session_id, entry.seq, entry.event, (*entry.commands, command_from_record(record)))
    if entry is not None:
        yield entry


def _update(row: dict[str, Any]) -> SessionUpdate:
    values = {column: str(row[column]) for column in ENDING}
    # What cannot be read must not get into the journal.
    values["ended_at"] = to_text(from_text(values["ended_at"]))
    Outcome(values["outcome"])
    if not isinstance(json.loads(values["summary"]), dict):
        raise RecordError("the summary is no object")
    return SessionUpdate(str(row["session_id"]), values)
