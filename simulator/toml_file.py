"""Settings read from a TOML file: sections of numbers, each with its bounds. Errors name file, key and range."""

import tomllib
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from protocols.errors import FileError
from protocols.plain_file import read_plain

MOST_BYTES = 1_000_000
"""Far more than settings can need."""

_File = TypeVar("_File", bound=BaseModel)
_Schema = dict[str, Any]

_OUTSIDE = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})
_NOT_A_PAIR = frozenset({"tuple_type", "missing", "too_long"})


class Section(BaseModel):
    """One table of a file, or the file itself: unknown keys are refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def text_of(path: str) -> str:
    """Return the text of a file. Raises FileError."""
    try:
        return read_plain(path, MOST_BYTES)
    except OSError as error:
        raise FileError(path, "", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(path, "", "is not a text file in UTF-8") from error


def parsed(text: str, path: str, model: type[_File]) -> _File:
    """Return the settings that TOML `text` has; `path` names it in errors. Raises FileError."""
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FileError(path, "", f"is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        names = [part for part in first["loc"] if isinstance(part, str)]
        problem = _problem(first["type"], first["msg"], model, names, first["loc"])
        raise FileError(path, ".".join(names), problem) from error


def _problem(kind: str, message: str, model: type[BaseModel], names: list[str], where: tuple[int | str, ...]) -> str:
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    section = _section(model, names[0])
    if kind == "model_type":
        return f"must be a table: [{names[0]}]"
    if kind == "extra_forbidden":
        known = section if section is not None and len(names) > 1 else model
        return f"there is no such key; choose from: {', '.join(known.model_fields)}"
    if section is None or names[-1] not in section.model_fields:
        return message
    schema = section.model_json_schema()["properties"][names[-1]]
    numbers = [part for part in where if isinstance(part, int) and kind not in _NOT_A_PAIR]
    limits = [f"{low} to {high}" for low, high in _limits(schema, numbers)]
    if kind in _NOT_A_PAIR and "prefixItems" in schema:
        return f"must be two numbers: [{', '.join(limits)}]"
    if limits and kind in _OUTSIDE:
        return f"must be {limits[0]}"
    return f"{message}; allowed: {limits[0]}" if limits else message


def _section(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    field = model.model_fields.get(name)
    kind = None if field is None else field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _limits(schema: _Schema, numbers: list[int]) -> Iterator[tuple[float, float]]:
    for option in (schema, *schema.get("anyOf", ())):
        parts = option.get("prefixItems", [option])
        wanted = parts[numbers[0] :][:1] if numbers and "prefixItems" in option else parts
        yield from ((part["minimum"], part["maximum"]) for part in wanted if "minimum" in part)
