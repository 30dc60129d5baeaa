"""What a calibration found, in words, from its figures as the journal keeps them."""

from collections.abc import Sequence
from typing import Any

NOISE_N = 5.7
"""A smaller change of the force at first pain may be chance: its standard error is 2.06 N (docs/evidence.md)."""


def calibration_lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what there is to say, each with a name; newtons."""
    lines = [
        ("first pain", _tapped(found["ppt_n"], found["ppt_mean_n"], found["ppt_sd_n"])),
        ("5 of 10", _tapped(found["five_n"], found["five_mean_n"], found["five_sd_n"])),
    ]
    if found["ppt_mean_n"] is not None:
        lines.append(("since last time", _changed(found["ppt_change_n"])))
    if _upside_down(found["ppt_mean_n"], found["five_mean_n"]):
        lines.append(("order", "5 came at no more force than first pain, which can't be: calibrate again another day"))
    if found["suspect"]:
        lines.append(("zero", "it was off after a ramp: the forces may be wrong"))
    return lines


def _upside_down(ppt_n: float | None, five_n: float | None) -> bool:
    return ppt_n is not None and five_n is not None and five_n <= ppt_n


def _tapped(values: Sequence[float | None], mean_n: float | None, sd_n: float | None) -> str:
    if mean_n is None:
        return "not found"
    each = ", ".join("-" if value is None else f"{value:.1f}" for value in values)
    spread = "" if sd_n is None else f", spread {sd_n:.1f} N"
    return f"mean {mean_n:.1f} N{spread} ({each})"


def _changed(change_n: float | None) -> str:
    if change_n is None:
        return "no earlier calibration at this site with this tip"
    way = "up" if change_n >= 0 else "down"
    judged = (
        f"under {NOISE_N:g} N may be chance" if abs(change_n) < NOISE_N else f"more than the {NOISE_N:g} N of chance"
    )
    return f"first pain {way} {abs(change_n):.1f} N; {judged}"
