"""What is printed after a session, and of the journal."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from controller.calibration_words import calibration_lines
from controller.heart_words import heart_lines
from controller.journal_reader import SessionRecord
from controller.output import can_print
from controller.replay import Difference
from controller.session_id import begun_at
from controller.summary import summary_of
from controller.words import OUTCOME, reason_words, simulated_words
from protocols.commands import Command, Outcome
from protocols.figures import Figures

_NAMES = ("id", "recorded", "who", "outcome", "credited", "site", "profile", "tool")
_NARROW = 6
"""So many of them fit 80 columns."""


def print_json(value: Any) -> None:
    """Print one JSON value to standard output."""
    text = json.dumps(value, ensure_ascii=False)
    sys.stdout.write((text if can_print(text) else json.dumps(value)) + "\n")
    sys.stdout.flush()


def tell_summary(console: Console, session: SessionRecord, result: Figures, journal: str | None) -> None:
    """Say how the session went, where it is logged and what to try next; `journal` is None if it is not logged."""
    outcome = session.outcome or Outcome.INTERRUPTED
    style = "bold green" if outcome is Outcome.COMPLETE else "bold yellow"
    simulated = simulated_words(session.person)
    by_whom = f" ({simulated})" if simulated else ""
    console.print(f"[{style}]{OUTCOME[outcome]}[/]: {reason_words(session.reason or '')}{by_whom}.", highlight=False)
    if result.samples or result.contact_s:
        _tell_figures(console, result, session)
    if journal is not None:
        console.print(f"Logged as {session.id} in {journal}", highlight=False, soft_wrap=True)
        commands = ("holdwell show last", "holdwell export last", "holdwell replay last")
        console.print("Next: " + "   ".join(f"[bold]{command}[/bold]" for command in commands))


def tell_not_logged(console: Console, journal: str, rest: Path) -> None:
    """Say where the rest of a session is that the journal could not take."""
    console.print(
        f"Not all of it is in {journal}, which could not be written. The rest is in {rest}: keep that file and make "
        "room; the next holdwell command on this journal then brings it in.",
        style="red",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def sessions_table(found: list[SessionRecord], width: int) -> Table:
    """Return sessions as a table, as they were given; a narrow one leaves out the last columns, and cuts nothing.

    *recorded* is when a session was logged, local time; a simulated one has a simulated date besides (`show`).
    """
    rows = [_NAMES, *map(_session_row, found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    is_wide = sum(widths) + 2 * (len(_NAMES) - 1) <= width
    shown = len(_NAMES) if is_wide else _NARROW
    while shown > 1 and not is_wide and sum(widths[:shown]) + shown - 1 > width:
        shown -= 1
    table = Table(box=None, padding=(0, 2 if is_wide else 1, 0, 0), pad_edge=False)
    for name in _NAMES[:shown]:
        table.add_column(name, no_wrap=True)
    for row in rows[1:]:
        table.add_row(*map(Text, row[:shown]))
    return table


def show_session(console: Console, shown: dict[str, Any]) -> None:
    """Print the figures of one session."""
    table = Table.grid(padding=(0, 2))
    for key, value in shown.items():
        if key == "holds" or (key in {"calibration", "heart"} and value is None):
            continue
        if key == "heart":
            for name, text in heart_lines(value):
                table.add_row(name, text)
            continue
        if key == "calibration":
            for name, text in calibration_lines(value):
                table.add_row(name, text)
            continue
        if key == "reason":
            table.add_row(key, reason_words(value or ""))
        elif isinstance(value, list):
            table.add_row(key, ", ".join(str(item) for item in value) or "none")
        else:
            table.add_row(key, "-" if value is None else str(value))
    console.print(table, highlight=False, markup=False)
    for number, hold in enumerate(shown["holds"], start=1):
        console.print(
            f"hold {number}: {hold['credited_s']:.1f} s credited, {hold['contact_s']:.1f} s of contact, "
            f"mean {_newtons(hold['mean_n'])}, peak {_newtons(hold['peak_n'])}",
            highlight=False,
        )


def tell_damaged(found: Iterable[SessionRecord]) -> None:
    """Say on standard error which of these sessions have figures that cannot be those that were written."""
    damaged = [session for session in found if session.damage is not None]
    if not damaged:
        return
    first, several = damaged[0], len(damaged) > 1
    which = f"{len(damaged)} sessions, such as {first.id}," if several else f"session {first.id}"
    sys.stderr.write(
        f"holdwell: the figures of {which} in the journal are damaged ({first.damage}). They are left out, and so is "
        f"what {'they' if several else 'it'} taught about you; the contact is taken for as long as "
        f"{'each' if several else 'it'} lasted. To have them back, bring back a copy of the journal.\n"
    )


def no_session_words(profile: str | None, profiles: list[str]) -> str:
    """Return why a list of sessions is empty; `profile`: whose was asked for, `profiles`: who has some."""
    if profile is None or not profiles:
        return "No session yet; `holdwell run --tool sim` makes one."
    return f"Profile '{profile}' has no session here; there are sessions of: {', '.join(profiles)}."


def difference_words(difference: Difference) -> str:
    """Return where a replay first gave other commands, as a sentence."""

    def words(commands: tuple[Command, ...]) -> str:
        return ", ".join(str(command) for command in commands) or "nothing"

    return (
        f"differs at {difference.at_s:.3f} s (entry {difference.seq}, {difference.event}): "
        f"journalled {words(difference.expected)}; now {words(difference.got)}"
    )


def _tell_figures(console: Console, result: Figures, session: SessionRecord) -> None:
    table = Table.grid(padding=(0, 2))
    for name, text in calibration_lines(summary_of(result)["calibration"]) if result.calibration else ():
        table.add_row(name, text)
    in_hold = f"mean {_newtons(result.mean_n)} in the hold, "
    if result.dose_s:
        table.add_row("credited", f"{result.credited_s:.1f} of {result.dose_s:g} s in your band")
        found = "" if result.force_at_five_n is not None else ", not found"
        # After ramps it is known before the hold.
        if result.approach_s or found:
            table.add_row("finding 5", f"{result.approach_s:.1f} s{found}")
    table.add_row("contact", f"{result.contact_s:.1f} s in all")
    table.add_row("force", f"{in_hold if result.dose_s else ''}peak {_newtons(result.peak_n)}")
    table.add_row("answers", ", ".join(str(answer) for answer in result.answers) or "none")
    for name, text in heart_lines((session.summary or {}).get("heart")):
        table.add_row(name, text)
    table.add_row("samples", f"{result.samples}, {result.packets_lost} packets lost")
    console.print(table, highlight=False)
    if any(hold.suspect for hold in result.holds):
        console.print("[yellow]The tool's zero was off afterwards: the forces may be wrong.[/yellow]")


def _session_row(session: SessionRecord) -> tuple[str, ...]:
    credited = (session.summary or {}).get("credited_s")
    return (
        session.id,
        f"{begun_at(session.id).astimezone():%Y-%m-%d %H:%M}",
        "real" if session.person is None else "sim",
        session.outcome.value if session.outcome else "running",
        f"{credited:.0f}/{session.dose_s:g} s" if credited is not None and session.dose_s else "-",
        session.site.name,
        session.profile if session.person is None else f"{session.profile} ({session.person})",
        session.tool,
    )


def _newtons(force_n: float | None) -> str:
    return "-" if force_n is None else f"{force_n:.1f} N"
