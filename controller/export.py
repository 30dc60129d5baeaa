"""A session in formats that others read: JSON lines of events and commands, or CSV of samples."""

import json
import math
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from controller.journal_reader import SessionRecord, read_entries
from controller.journal_rows import lines
from controller.replay import Replayed, run_again
from controller.review import report
from controller.whole_file import write_whole
from protocols.events import Sampled

CSV_HEADER = "t_s,force_n,discomfort,in_band"

FORCE_DECIMALS = 6
"""A micronewton: finer than any tool's resolution."""


class Format(StrEnum):
    """What a session can be exported as."""

    JSONL = "jsonl"
    CSV = "csv"


def export_lines(engine: Engine, session: SessionRecord, form: Format) -> Iterator[str]:
    """Yield the session's lines, without line ends, as they are read.

    Raises JournalError; for CSV, which needs the engine for the discomfort, FileError too.
    """
    match form:
        case Format.JSONL:
            return _json_lines(engine, session)
        case Format.CSV:
            return _csv_lines(engine, session)


def write_file(path: Path, text_lines: Iterable[str]) -> None:
    """Write lines to a file as `write_whole` does. Raises JournalError."""
    write_whole(path, (f"{line}\n".encode() for line in text_lines), "--output")


def _json_lines(engine: Engine, session: SessionRecord) -> Iterator[str]:
    yield json.dumps({"side": "session", **report(session), "plan": session.protocol})
    for entry in read_entries(engine, session.id):
        yield from lines(entry, session.origin_ns)


def _csv_lines(engine: Engine, session: SessionRecord) -> Iterator[str]:
    yield CSV_HEADER
    zero_ns: int | None = None
    for again in run_again(session.plan(), session.site, read_entries(engine, session.id)):
        event = again.entry.event
        if isinstance(event, Sampled):
            zero_ns = event.first_ns if zero_ns is None else zero_ns
            yield from _sample_lines(event, again, zero_ns)


def _sample_lines(event: Sampled, again: Replayed, zero_ns: int) -> Iterator[str]:
    beliefs = again.after.beliefs
    # The engine takes only samples newer than all before: the last of a packet, or none and the beliefs stay.
    taken = len(beliefs) if beliefs is not again.before.beliefs else 0
    old = len(event.forces_n) - taken
    band = again.after.dose.band
    for index, force_n in enumerate(event.forces_n):
        t_s = _seconds(event.first_ns + index * event.period_ns - zero_ns)
        if math.isnan(force_n):
            yield f"{t_s},,,"
        elif index < old:
            yield f"{t_s},{_force(force_n)},,"
        else:
            mean = beliefs[index - old].mean
            yield f"{t_s},{_force(force_n)},{mean:.2f},{int(band.low_edge <= mean < band.high_edge)}"


def _seconds(span_ns: int) -> str:
    microseconds = round(span_ns / 1000)
    sign = "-" if microseconds < 0 else ""
    return f"{sign}{abs(microseconds) // 1_000_000}.{abs(microseconds) % 1_000_000:06}"


def _force(force_n: float) -> str:
    text = f"{round(force_n, FORCE_DECIMALS) + 0.0:.{FORCE_DECIMALS}f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"
