"""The figures of a trial as a table for reading."""

from typing import Any

from rich.console import Console
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

REASONS = {
    "approach": "5 was not found in time",
    "cap": "5 lies above the force limit",
    "contact": "longest contact",
    "time-at-pressure": "longest time at pressure",
    "silence": "no answer",
    "too-much": "too much, twice",
    "ramps": "5 was not found in a ramp",
    "slip": "slipped off",
}


def print_trial(console: Console, figures: dict[str, Any]) -> None:
    """Print what `report` returns."""
    console.print(_table(figures), highlight=False)
    for line in _lines(figures):
        console.print(line, highlight=False)


def _table(figures: dict[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for heading in (
        "in\nband",
        "\nstrict",
        "worst\ntenth",
        "at\n7+",
        "ever\n8+",
        "credit\nerror",
        "asks\n/min",
        "touch\n/dose",
        "\ndone",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, arm in figures["arms"].items():
        table.add_row(
            NAMES[name],
            _number(arm["in_band"]["mean"]),
            _number(arm["strict"]["mean"]),
            _number(arm["worst_tenth_in_band"]),
            _percent(arm["over_7"]["mean"]),
            _percent(arm["people_over_8"]),
            _percent(arm["credit_error"]["mean"], sign="+"),
            _number(arm["questions_per_min"]["mean"], 1),
            _number(arm["contact_per_dose"]["mean"], 1),
            _percent(arm["completed"]),
            style="bold" if name == ENGINE else "",
        )
    return table


def _lines(figures: dict[str, Any]) -> list[str]:
    ours, people, held = figures["arms"][ENGINE], figures["people"], figures["held"]
    approach_s = ours["approach_s"]["median"]
    took = "" if approach_s is None else f"; the approach took {approach_s:.0f} s (median)"
    lines = ["", f"{held} of {people} people came to a hold{took}."]
    why = ", ".join(f"{REASONS.get(reason, reason)} {count}" for reason, count in ours["not_completed"].items())
    if why:
        lines.append(f"Without the whole dose with holdwell: {why}.")
    if "covered_80" in ours:
        lines.append(f"Its 80 % intervals held the truth for {_percent(ours['covered_80'])} of the time.")
    against = figures["against_ideal"]
    if against["in_band"] is not None and against["strict"] is not None:
        lines.append(
            f"It reached {against['in_band']:.2f} of the ideal observer's time in band, {against['strict']:.2f} strict."
        )
    if figures["calibrate"]:
        lines.append(f"8 or more in the calibration itself: {_percent(figures['people_over_8_in_calibration'])}.")
    lines.append("These people are simulated: the figures are about the program, not about you.")
    return lines


def _number(value: float | None, decimals: int = 2) -> str:
    return NONE if value is None else f"{value:.{decimals}f}"


def _percent(value: float | None, sign: str = "") -> str:
    return NONE if value is None else f"{100 * value:{sign}.0f} %"
