"""Events and commands as plain JSON values and back, exactly: the same classes, fields and float bits.

A record is a dict whose ``kind`` is the class's name and whose other keys are the fields. JSON has no NaN and
no infinity: they are the strings "NaN", "Infinity" and "-Infinity".
"""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from controller.journal_errors import RecordError
from protocols.commands import Command
from protocols.events import Event

Value = TypeVar("Value")

EVENT_KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
COMMAND_KINDS: Mapping[str, type[Command]] = {kind.__name__: kind for kind in get_args(Command)}


def to_record(value: Event | Command) -> dict[str, Any]:
    """Return `value` as JSON values, ``kind`` first."""
    kind = type(value).__name__
    fields = _adapter(kind).dump_python(value, mode="json")
    return {"kind": kind, **{key: _without_nan(field) for key, field in fields.items()}}


def event_from_record(record: Mapping[str, Any]) -> Event:
    """Return the event that `to_record` made `record` of; raises RecordError."""
    return _from_record(EVENT_KINDS, record)


def command_from_record(record: Mapping[str, Any]) -> Command:
    """Return the command that `to_record` made `record` of; raises RecordError."""
    return _from_record(COMMAND_KINDS, record)


def _from_record(kinds: Mapping[str, type[Value]], record: Mapping[str, Any]) -> Value:
    fields = dict(record)
    kind = fields.pop("kind", None)
    if kind not in kinds:
        raise RecordError(f"there is no record of kind {kind!r} here; is the journal of a newer version?")
    try:
        value: Value = _adapter(kind).validate_python(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecordError(f"a {kind} record cannot be read: {where}: {first['msg']}") from error
    return value


def _without_nan(field: Any) -> Any:
    match field:
        case float() if not math.isfinite(field):
            return "NaN" if math.isnan(field) else "Infinity" if field > 0 else "-Infinity"
        case dict():
            return {key: _without_nan(inner) for key, inner in field.items()}
        case list():
            return [_without_nan(inner) for inner in field]
        case _:
            return field


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    members: dict[str, Any] = {**EVENT_KINDS, **COMMAND_KINDS}
    # A dataclass by itself may not be given a config; a union with None may.
    return TypeAdapter(members[kind] | None, config=ConfigDict(extra="forbid"))
