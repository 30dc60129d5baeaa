"""The figures of a trial as a table for reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from simulator.trial.one_person import ENGINE

NAMES = {
    "unguided": "unguided",
    "one_force": "one force for all",
    "calibrated_once": "calibrated once",
    "holdwell": "holdwell",
    "ideal_observer": "ideal observer",
    "ideal_observer_safe": "ideal, careful",
    "oracle": "oracle",
}

NONE = "-"
MOST_PERCENT = 999
_WIDE = Console(width=1000)

REASONS = {
    "approach": "5 was not found in time",
    "cap": "5 lies above the force limit",
    "contact": "longest contact",
    "time-at-pressure": "longest time at pressure",
    "silence": "no answer",
    "too-much": "too much twice",
    "ramps": "5 was not found in a ramp",
    "slip": "slipped off",
}


def _number(value: float | None, decimals: int = 2) -> str:
    return NONE if value is None else f"{value:.{decimals}f}"


def _percent(value: float | None, sign: str = "") -> str:
    if value is None:
        return NONE
    percent = round(100 * value)
    if percent > MOST_PERCENT:
        return f">{MOST_PERCENT} %"
    return f"{percent:{sign}d} %" if percent else "0 %"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: what it says of an arm, and its rank; those of the highest rank go first."""

    heading: str
    rank: int
    cell: Callable[[dict[str, Any]], str]


COLUMNS: tuple[Column, ...] = (
    Column("in\nband", 0, lambda arm: _number(arm["in_band"]["mean"])),
    Column("\nstrict", 3, lambda arm: _number(arm["strict"]["mean"])),
    Column("worst\ntenth", 4, lambda arm: _number(arm["worst_tenth_in_band"])),
    Column("at\n7+", 5, lambda arm: _percent(arm["over_7"]["mean"])),
    Column("ever\n8+", 1, lambda arm: _percent(arm["people_over_8"])),
    Column("credit\nerror", 6, lambda arm: _percent(arm["credit_error"]["mean"], sign="+")),
    Column("asks\n/min", 7, lambda arm: _number(arm["questions_per_min"]["mean"], 1)),
    Column("touch\n/dose", 8, lambda arm: _number(arm["contact_per_dose"]["mean"], 1)),
    Column("\ndone", 2, lambda arm: _percent(arm["completed"])),
)


def print_trial(console: Console, figures: dict[str, Any]) -> None:
    """Print what `report` returns; a narrow console is spared the columns that matter least, and nothing is cut."""
    columns = COLUMNS
    while len(columns) > 1 and _width(figures, columns) > console.width:
        least = max(columns, key=lambda column: column.rank)
        columns = tuple(column for column in columns if column is not least)
    console.print(_table(figures, columns), highlight=False)
    for line in _lines(figures):
        console.print(line, highlight=False)


def _width(figures: dict[str, Any], columns: Sequence[Column]) -> int:
    return Measurement.get(_WIDE, _WIDE.options, _table(figures, columns)).maximum


def _table(figures: dict[str, Any], columns: Sequence[Column]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column.heading, justify="right", no_wrap=True)
    for name, arm in figures["arms"].items():
        cells = [column.cell(arm) for column in columns]
        table.add_row(NAMES[name], *cells, style="bold" if name == ENGINE else "")
    return table


def _lines(figures: dict[str, Any]) -> list[str]:
    ours, people, held = figures["arms"][ENGINE], figures["people"], figures["held"]
    approach_s = ours["approach_s"]["median"]
    took = "" if approach_s is None else f"; the approach took {approach_s:.0f} s (median)"
    whom = "person" if people == 1 else "people"
    lines = ["", f"{held} of {people} {whom} came to a hold{took}."]
    why = ", ".join(f"{REASONS.get(reason, reason)} ({count})" for reason, count in ours["not_completed"].items())
    if why:
        lines.append(f"Without the whole dose with holdwell, and how many: {why}.")
    if "covered_80" in ours:
        lines.append(f"Its 80 % intervals held the truth for {_percent(ours['covered_80'])} of the time.")
    against = figures["against_ideal"]
    if against["in_band"] is not None and against["strict"] is not None:
        lines.append(
            f"It reached {against['in_band']:.2f} of the ideal observer's time in band, {against['strict']:.2f} strict."
        )
    if figures["calibrate"]:
        lines.append(f"8 or more in the calibration itself: {_percent(figures['people_over_8_in_calibration'])}.")
    if figures["population"] is not None:
        lines.append(f"These people were drawn from {figures['population']}, not from the default population.")
    lines.append("These people are simulated: the figures are about the program, not about you.")
    return lines
