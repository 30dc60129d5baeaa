"""A session's figures as the journal keeps them and as `run` and `show` print them."""

import math
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from pydantic import TypeAdapter, ValidationError

from protocols.acquaintance import believable
from protocols.commands import Outcome
from protocols.figures import Figures
from protocols.known import Known

DECIMALS = 3

RUNNING = "running"
"""The reason of a hold that is not over, in figures."""


def summary_of(figures: Figures) -> dict[str, Any]:
    """Return figures as JSON values: numbers with three decimals, None where there is none; what was learned, exactly.

    Without those that the journal keeps in columns of their own: outcome, reason, dose.
    """
    plain: dict[str, Any] = _plain(figures)
    return {key: value for key, value in plain.items() if key not in {"outcome", "reason", "dose_s"}}


def known_of(summary: dict[str, Any]) -> Known | None:
    """Return what a session taught of its person; None if that is not there, cannot be read or cannot be."""
    try:
        known = _KNOWN.validate_python(summary.get("known"))
    except ValidationError:
        return None
    return known if known is not None and believable(known, 0.0) else None


def interrupted(result: Figures, by: str) -> Figures:
    """Return the figures of a session that was ended at once: those of its end, if it had come to one."""
    if result.outcome is not None:
        return result
    holds = tuple(replace(hold, reason=by) if hold.reason == RUNNING else hold for hold in result.holds)
    return replace(result, outcome=Outcome.STOPPED, reason=by, holds=holds)


_KNOWN: TypeAdapter[Known | None] = TypeAdapter(Known | None)


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Return JSON values of a summary: numbers with as many decimals as all."""
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    match value:
        case Known():
            return _KNOWN.dump_python(value, mode="json")
        case Enum():
            return value.value
        case float():
            return round(value, DECIMALS) if math.isfinite(value) else None
        case tuple() | list():
            return [_plain(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value
