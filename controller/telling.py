"""What is printed after a session, and of the journal."""

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from controller.journal_reader import SessionRecord
from controller.replay import Difference
from controller.words import OUTCOME, reason_words
from protocols.commands import Command, Outcome
from protocols.figures import Figures

WIDE = 110
"""Columns that the whole table of sessions needs."""


def print_json(value: Any) -> None:
    """Print one JSON value to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def tell_summary(console: Console, session: SessionRecord, result: Figures, journal: str) -> None:
    """Say how the session went, where it is logged and what to try next."""
    outcome = session.outcome or Outcome.INTERRUPTED
    style = "bold green" if outcome is Outcome.COMPLETE else "bold yellow"
    console.print(f"[{style}]{OUTCOME[outcome]}[/]: {reason_words(session.reason or '')}.", highlight=False)
    table = Table.grid(padding=(0, 2))
    table.add_row("credited", f"{result.credited_s:.1f} of {result.dose_s:g} s in your band")
    table.add_row("contact", f"{result.contact_s:.1f} s, {result.approach_s:.1f} s of it finding 5")
    table.add_row("force", f"mean {result.mean_n:.1f} N, peak {result.peak_n:.1f} N")
    table.add_row("answers", ", ".join(str(answer) for answer in result.answers) or "none")
    table.add_row("samples", f"{result.samples}, {result.packets_lost} packets lost")
    console.print(table, highlight=False)
    console.print(f"Logged as {session.id} in {journal}", highlight=False, soft_wrap=True)
    if any(hold.suspect for hold in result.holds):
        console.print("[yellow]The tool's zero was off afterwards: the forces may be wrong.[/yellow]")
    console.print(
        "Next: [bold]holdwell show last[/bold]   [bold]holdwell export last[/bold]   [bold]holdwell replay last[/bold]"
    )


def sessions_table(found: list[SessionRecord], width: int) -> Table:
    """Return sessions as a table, as they were given; a narrow one leaves out who and with what, and cuts nothing."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    names = ("id", "started", "outcome", "credited", "site", "profile", "tool")
    shown = names if width >= WIDE else names[:5]
    for name in shown:
        table.add_column(name, no_wrap=True)
    for session in found:
        credited = (session.summary or {}).get("credited_s")
        row = (
            session.id,
            f"{session.started_at:%Y-%m-%d %H:%M}",
            session.outcome.value if session.outcome else "running",
            f"{credited:.0f}/{session.dose_s:g} s" if credited is not None else "-",
            session.site.name,
            session.profile if session.person is None else f"{session.profile} ({session.person})",
            session.tool,
        )
        table.add_row(*(Text(value) for value in row[: len(shown)]))
    return table


def show_session(console: Console, shown: dict[str, Any]) -> None:
    """Print the figures of one session."""
    table = Table.grid(padding=(0, 2))
    for key, value in shown.items():
        if key == "holds":
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
            f"mean {hold['mean_n']:.1f} N, peak {hold['peak_n']:.1f} N",
            highlight=False,
        )


def difference_words(difference: Difference) -> str:
    """Return where a replay first gave other commands, as a sentence."""

    def words(commands: tuple[Command, ...]) -> str:
        return ", ".join(str(command) for command in commands) or "nothing"

    return (
        f"differs at {difference.at_s:.3f} s (entry {difference.seq}, {difference.event}): "
        f"journalled {words(difference.expected)}; now {words(difference.got)}"
    )
