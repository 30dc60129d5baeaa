"""A session's figures as the journal keeps them and as `run` and `show` print them."""

import math
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from protocols.figures import Figures

DECIMALS = 3


def summary_of(figures: Figures) -> dict[str, Any]:
    """Return figures as JSON values: numbers with three decimals, None where there is none.

    Without those that the journal keeps in columns of their own: outcome, reason, dose.
    """
    plain: dict[str, Any] = _plain(figures)
    return {key: value for key, value in plain.items() if key not in {"outcome", "reason", "dose_s"}}


def _plain(value: Any) -> Any:
    match value:
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
