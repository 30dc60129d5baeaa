"""What events and commands look like as rows, and back: a packet of samples is a block, all else a record.

One counter, `seq`, runs over the events and commands of a session, so that their order is exact.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from controller.records import command_from_record, event_from_record, to_record
from protocols.commands import Command, LockSite
from protocols.events import Event, Sampled, ToolConnected

EVENT, COMMAND = "event", "command"

SATURATED, FAULT = 1, 2
"""Status bits of a block."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a session and the commands it led to; the commands follow it in `seq`."""

    session_id: str
    seq: int
    event: Event
    commands: tuple[Command, ...]


def event_row(entry: Entry) -> Row:
    """Return the row of the entry's event: of `blocks` if it is Sampled, otherwise of `records`."""
    event = entry.event
    if not isinstance(event, Sampled):
        return _record_row(entry, entry.seq, EVENT, event)
    return {
        "session_id": entry.session_id,
        "seq": entry.seq,
        "at_ns": event.at_ns,
        "first_ns": event.first_ns,
        "period_ns": event.period_ns,
        "status": SATURATED * event.saturated | FAULT * event.fault,
        "lost": event.lost,
        "samples": struct.pack(f"<{len(event.forces_n)}d", *event.forces_n),
    }


def command_rows(entry: Entry) -> list[Row]:
    """Return the rows of the entry's commands, in order."""
    numbered = enumerate(entry.commands, start=entry.seq + 1)
    return [_record_row(entry, seq, COMMAND, command) for seq, command in numbered]


def session_values(entry: Entry) -> Row:
    """Return the columns of `sessions` that follow from the entry; mostly none."""
    values: Row = {}
    if isinstance(entry.event, ToolConnected):
        tool = entry.event.tool
        values = {"tool": tool.name, "tip_diameter_mm": tool.tip_diameter_mm}
    for command in entry.commands:
        if isinstance(command, LockSite):
            values |= {"locked_site": command.site.name, "locked_ns": entry.event.at_ns}
    return values


def sampled_of(row: Mapping[str, Any]) -> Sampled:
    """Return the event that a row of `blocks` holds."""
    samples: bytes = row["samples"]
    return Sampled(
        at_ns=int(row["at_ns"]),
        first_ns=int(row["first_ns"]),
        period_ns=int(row["period_ns"]),
        forces_n=struct.unpack(f"<{len(samples) // 8}d", samples),
        saturated=bool(row["status"] & SATURATED),
        fault=bool(row["status"] & FAULT),
        lost=int(row["lost"]),
    )


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event that a row of `records` holds; raises RecordError."""
    return event_from_record({"kind": row["kind"], "at_ns": row["at_ns"], **json.loads(row["body"])})


def command_of(row: Mapping[str, Any]) -> Command:
    """Return the command that a row of `records` holds; raises RecordError."""
    return command_from_record({"kind": row["kind"], **json.loads(row["body"])})


def lines(entry: Entry, origin_ns: int) -> Iterator[str]:
    """Yield the entry as JSON lines: seq, t_s since the session's start, side, kind, and the fields."""
    t_s = (entry.event.at_ns - origin_ns) / 1e9
    for offset, value in enumerate((entry.event, *entry.commands)):
        head = {"seq": entry.seq + offset, "t_s": t_s, "side": COMMAND if offset else EVENT}
        yield json.dumps(head | to_record(value))


def to_text(moment: datetime) -> str:
    """Return a moment as the journal writes it: UTC, ISO 8601, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Return the moment that `to_text` wrote; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment


def moment(started_at: datetime, origin_ns: int, at_ns: int) -> datetime:
    """Return the date of a time on the events' clock; the session began at `started_at`, `origin_ns`."""
    return started_at + timedelta(microseconds=(at_ns - origin_ns) // 1000)


def _record_row(entry: Entry, seq: int, side: str, value: Event | Command) -> Row:
    record = to_record(value)
    kind = record.pop("kind")
    record.pop("at_ns", None)
    return {
        "session_id": entry.session_id,
        "seq": seq,
        "at_ns": entry.event.at_ns,
        "side": side,
        "kind": kind,
        "body": json.dumps(record, separators=(",", ":")),
    }
