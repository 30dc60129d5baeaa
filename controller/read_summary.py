"""Figures as the journal has them: read, or refused as a whole where somebody or something else has changed them."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Value = Annotated[float, Field(allow_inf_nan=False)]
_Answers = list[int | str]
_AS_IT_IS = ConfigDict(extra="allow", strict=True)


class _Hold(BaseModel):
    model_config = _AS_IT_IS
    reason: str
    complete: bool
    credited_s: _Amount
    contact_s: _Amount
    approach_s: _Amount
    held_s: _Amount
    mean_n: _Value | None
    peak_n: _Value | None
    answers: _Answers
    suspect: bool = False


class _Calibration(BaseModel):
    model_config = _AS_IT_IS
    ppt_n: list[_Amount | None]
    five_n: list[_Amount | None]
    ppt_mean_n: _Amount | None
    ppt_sd_n: _Amount | None
    five_mean_n: _Amount | None
    five_sd_n: _Amount | None
    ppt_change_n: _Value | None
    suspect: bool


class _Rest(BaseModel):
    model_config = _AS_IT_IS
    rate: _Amount | None
    rmssd_ms: _Amount | None
    intervals: int
    why: str


class _Heart(BaseModel):
    model_config = _AS_IT_IS
    before: _Rest
    after: _Rest


class _Summary(BaseModel):
    model_config = _AS_IT_IS
    tool_failed: bool = False
    credited_s: _Amount = 0
    contact_s: _Amount | None = None
    approach_s: _Amount = 0
    mean_n: _Value | None = None
    peak_n: _Value | None = None
    answers: _Answers = []
    holds: list[_Hold] = []
    samples: int = 0
    packets_lost: int = 0
    force_at_five_n: _Amount | None = None
    calibration: _Calibration | None = None
    heart: _Heart | None = None


def read_summary(text: str) -> tuple[dict[str, Any] | None, str | None]:
    """Return a session's figures from JSON, or None and in words why they cannot be those that were written.

    What was learned of the person, `known`, is not looked at: `summary.known_of` does that.
    """
    try:
        _Summary.model_validate_json(text)
        return dict(json.loads(text)), None
    except ValidationError as error:
        return None, problem_of(error)


def problem_of(error: Exception) -> str:
    """Return in one line what was found wrong with a value."""
    match error:
        case ValidationError():
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return f"{where}: {first['msg']}" if where else first["msg"]
        case KeyError(args=(key, *_)):
            return f"{key} is missing"
        case _:
            return " ".join(str(error).split())
