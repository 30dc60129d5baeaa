"""What somebody has put on each load cell, and how true it is: kept in the data folder, by address."""

from datetime import date
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from controller.errors import UsageError
from controller.places import data_folder
from controller.whole_file import write_whole
from firmware_bridge.rig import Rig
from firmware_bridge.tool import TipShape

FILE: Final = "tools.json"
TipName = Literal["flat", "sphere"]
_SHAPES: Final[dict[TipName, TipShape]] = {"flat": TipShape.FLAT, "sphere": TipShape.SPHERE}


class Calibration(BaseModel):
    """What dead weights showed, newtons: the largest distance from the line, and between going up and down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    gain: float
    residual_n: float
    hysteresis_n: float
    highest_n: float


class StoredTool(BaseModel):
    """One load cell. `tip_mm` None: nobody has said yet what is on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    tip_mm: float | None = None
    tip: TipName = "flat"
    invert: bool = False
    calibration: Calibration | None = None

    def rig(self) -> Rig | None:
        """Return how it measures; None while its tip is not known. Raises ValueError."""
        if self.tip_mm is None:
            return None
        gain = 1.0 if self.calibration is None else self.calibration.gain
        return Rig(self.invert, gain, _SHAPES[self.tip], self.tip_mm)


class _Tools(RootModel[dict[str, StoredTool]]):
    root: dict[str, StoredTool] = Field(default_factory=dict)


def stored_tools() -> dict[str, StoredTool]:
    """Return every load cell that something is kept of, by address. Raises UsageError for a file that is no such."""
    path = data_folder() / FILE
    try:
        return _Tools.model_validate_json(path.read_bytes()).root
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: {where or 'the file'}: {first['msg']}; mend it, or remove the file") from None


def stored_tool(address: str) -> StoredTool:
    """Return what is kept of one; nothing of a new one. Raises UsageError."""
    return stored_tools().get(address.upper(), StoredTool())


def stored_rig(address: str) -> Rig | None:
    """Return how one measures; None while its tip is not known. Raises UsageError."""
    try:
        return stored_tool(address).rig()
    except ValueError as error:
        raise UsageError(f"{data_folder() / FILE}: {address}: {error}") from None


def store(address: str, tool: StoredTool) -> Path:
    """Keep this of one, and return the file. Raises UsageError for what no rig has, JournalError."""
    try:
        tool.rig()
    except ValueError as error:
        raise UsageError(str(error)) from None
    path = data_folder() / FILE
    tools = _Tools({**stored_tools(), address.upper(): tool})
    write_whole(path, [tools.model_dump_json(indent=2).encode(), b"\n"], "HOLDWELL_DATA")
    return path


def rig_wanted(name: str, address: str) -> str:
    """Return what to say when a tip is not known."""
    return (
        f"{name} ({address}) cannot say which tip is on it, and how much force is allowed depends on that: "
        f"say it once with: holdwell tool set {address} --tip-mm 20"
    )
