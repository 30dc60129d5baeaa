"""The one edge of this package: reads protocol files, and turns protocols into plain data and back.

A file is TOML: `name`, `title`, and `[[steps]]`, each with a `kind`. Errors name the file, the key and the range.
"""

import tomllib
from importlib import resources
from typing import Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from protocols.errors import FileError, PlanError, UnknownNameError
from protocols.plain_file import read_plain
from protocols.plan import (
    APPROACH_S,
    BAND_ANSWERS,
    BETWEEN_S,
    DOSE_S,
    FORCE_LIMIT_N,
    HOLDS,
    RAMPS,
    REST_S,
    TIME_AT_PRESSURE_S,
    Band,
    Bounds,
    Calibrate,
    Compress,
    Dose,
    Protocol,
    Step,
)

LIBRARY = resources.files("protocols") / "library"

MOST_BYTES = 1_000_000
"""Far more than the longest list of steps takes."""


def library_names() -> tuple[str, ...]:
    """Return the names of the protocols that come with Holdwell."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in LIBRARY.iterdir() if entry.name.endswith(".toml"))
    )


def load_protocol(name_or_path: str) -> Protocol:
    """Return a protocol from the library by name, or from a file.

    What looks like a path (a separator or ``.toml``) is a file. Raises FileError or UnknownNameError.
    """
    if "/" in name_or_path or "\\" in name_or_path or name_or_path.endswith(".toml"):
        try:
            text = read_plain(name_or_path, MOST_BYTES)
        except FileNotFoundError:
            raise FileError(name_or_path, "", "there is no such file") from None
        except OSError as error:
            raise FileError(name_or_path, "", f"cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise FileError(name_or_path, "", "is not a text file in UTF-8") from None
        return parse_protocol(text, name_or_path)
    if name_or_path not in library_names():
        raise UnknownNameError("protocol", name_or_path, (*library_names(), "or the path of a .toml file"))
    return parse_protocol((LIBRARY / f"{name_or_path}.toml").read_text(encoding="utf-8"), f"{name_or_path}.toml")


def parse_protocol(text: str, source: str) -> Protocol:
    """Return the protocol written in TOML `text`; `source` names it in errors. Raises FileError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(source, "", f"is not valid TOML: {error}") from None
    return protocol_from_dict(data, source)


def protocol_from_dict(data: dict[str, Any], source: str) -> Protocol:
    """Return the protocol that plain data describes. Raises FileError."""
    try:
        file = _ProtocolFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where, kind = first["loc"], first["type"]
        raise FileError(source, _key(where, kind), _in_words(where, kind, first["msg"])) from None
    steps = []
    for number, step in enumerate(file.steps, start=1):
        try:
            steps.append(step.to_step())
        except PlanError as error:
            raise FileError(source, f"steps[{number}].{error.key}", error.problem) from None
    try:
        return Protocol(file.name, file.title or file.name, tuple(steps))
    except PlanError as error:
        raise FileError(source, error.key, error.problem) from None


def protocol_to_dict(protocol: Protocol) -> dict[str, Any]:
    """Return plain data from which `protocol_from_dict` makes the same protocol."""
    steps = [{key: value for key, value in _plain(step).items() if value is not None} for step in protocol.steps]
    return {"name": protocol.name, "title": protocol.title, "steps": steps}


def _plain(step: Step) -> dict[str, Any]:
    dose = step.dose
    band = [dose.band.low, dose.band.high]
    match step:
        case Compress():
            return {
                "kind": "compress",
                "band": band,
                "dose_s": dose.credited_s,
                "time_at_pressure_s": dose.time_at_pressure_s,
                "approach_s": dose.approach_s,
                "holds": dose.holds,
                "rest_s": dose.rest_s,
                "force_limit_n": dose.force_limit_n,
            }
        case Calibrate():
            return {
                "kind": "calibrate",
                "band": band,
                "ramps": step.ramps,
                "between_s": step.between_s,
                "approach_s": dose.approach_s,
                "force_limit_n": dose.force_limit_n,
            }
        case _:
            assert_never(step)


_Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class _CompressStep(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["compress"]
    band: tuple[Annotated[int, Field(strict=True)], Annotated[int, Field(strict=True)]] = (5, 6)
    dose_s: _Seconds = 45
    time_at_pressure_s: _Seconds | None = None
    approach_s: _Seconds = 50
    holds: Annotated[int, Field(strict=True)] = 1
    rest_s: _Seconds = 30
    force_limit_n: _Seconds | None = None

    def to_step(self) -> Compress:
        return Compress(
            Dose(
                band=Band(*self.band),
                credited_s=self.dose_s,
                time_at_pressure_s=self.time_at_pressure_s,
                approach_s=self.approach_s,
                holds=self.holds,
                rest_s=self.rest_s,
                force_limit_n=self.force_limit_n,
            )
        )


class _CalibrateStep(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["calibrate"]
    band: tuple[Annotated[int, Field(strict=True)], Annotated[int, Field(strict=True)]] = (5, 6)
    ramps: Annotated[int, Field(strict=True)] = 3
    between_s: _Seconds = 30
    approach_s: _Seconds = 50
    force_limit_n: _Seconds | None = None

    def to_step(self) -> Calibrate:
        dose = Dose(band=Band(*self.band), approach_s=self.approach_s, force_limit_n=self.force_limit_n)
        return Calibrate(dose, self.ramps, self.between_s)


class _ProtocolFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    title: str = ""
    steps: list[Annotated[_CompressStep | _CalibrateStep, Field(discriminator="kind")]]


def _number(bounds: Bounds) -> str:
    return f"a number from {bounds.lowest:g} to {bounds.highest:g} {bounds.unit}"


_ALLOWED = {
    "band": f"two whole numbers such as [5, 6], from {BAND_ANSWERS.lowest:g} to {BAND_ANSWERS.highest:g}",
    "dose_s": _number(DOSE_S),
    "time_at_pressure_s": _number(TIME_AT_PRESSURE_S),
    "approach_s": _number(APPROACH_S),
    "holds": f"a whole number from {HOLDS.lowest:g} to {HOLDS.highest:g}",
    "rest_s": _number(REST_S),
    "force_limit_n": _number(FORCE_LIMIT_N),
    "ramps": f"a whole number from {RAMPS.lowest:g} to {RAMPS.highest:g}",
    "between_s": _number(BETWEEN_S),
}
_KINDS = ("compress", "calibrate")
_NO_KIND = ("union_tag_not_found", "union_tag_invalid")


def _key(location: tuple[int | str, ...], problem: str) -> str:
    key = ""
    # A step's kind stands in the location, though it is no key; where it is the problem itself, it is left out.
    parts = [part for part in location if part not in _KINDS]
    for part in (*parts, "kind") if problem in _NO_KIND else parts:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else part
    return key


def _in_words(location: tuple[int | str, ...], kind: str, message: str) -> str:
    allowed = next((_ALLOWED[part] for part in location if isinstance(part, str) and part in _ALLOWED), None)
    if allowed is not None and kind != "extra_forbidden":
        return f"must be {allowed}"
    match kind:
        case "missing" | "union_tag_not_found":
            return "is missing; the file needs it"
        case "extra_forbidden":
            return "is not a key that a protocol has; remove it or mend its spelling"
        case "union_tag_invalid":
            return "must be 'compress' or 'calibrate'"
        case _:
            return message[:1].lower() + message[1:]
