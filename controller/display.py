"""The terminal: band, force now, what to do in a word, credit, time left, answer keys."""

import asyncio
from dataclasses import dataclass, field

from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from controller import words
from controller.keys import HELP
from protocols.commands import Ask, CloseQuestion, Command, Cue, EnterPhase, Phase, SoundAlarm, Tell
from protocols.session import Session

REFRESH_HZ = 10
GAUGE_WIDTH = 60
SHOWN_MESSAGES = 3

_STYLE = {
    Cue.NONE: "bold",
    Cue.PRESS_MORE: "bold black on cyan",
    Cue.HOLD: "bold black on green",
    Cue.EASE_OFF: "bold black on yellow",
    Cue.RELEASE: "bold white on red",
    Cue.DONE: "bold white on blue",
}


@dataclass
class TerminalDisplay:
    """Draws the session ten times a second while `run` runs."""

    console: Console
    title: str
    _session: Session | None = None
    _question: str = ""
    _messages: list[str] = field(default_factory=list)
    _alarms: int = 0

    def give(self, command: Command, at_ns: int) -> None:
        """Remember what is to be shown."""
        del at_ns
        match command:
            case Ask():
                text = words.QUESTION[command.question].format(rating=command.rating)
                self._question = text.upper() if command.louder else text
            case CloseQuestion():
                self._question = ""
            case Tell():
                self._tell(words.MESSAGE[command.message])
            case SoundAlarm():
                self._alarms += 1
                self.console.bell()
            case _:
                pass

    def notice(self, text: str) -> None:
        """Show something the controller itself has to say."""
        self._tell(text)

    def see(self, session: Session) -> None:
        """Remember the state."""
        self._session = session

    async def run(self) -> None:
        """Draw until cancelled."""
        with Live(self._drawn(), console=self.console, refresh_per_second=REFRESH_HZ, transient=True) as live:
            while True:
                await asyncio.sleep(1 / REFRESH_HZ)
                live.update(self._drawn())

    def _tell(self, text: str) -> None:
        self._messages = [*self._messages, text][-SHOWN_MESSAGES:]

    def _drawn(self) -> RenderableType:
        session = self._session
        if session is None or session.tool is None:
            return Panel("looking for the tool ...", title=self.title)
        cue = session.standing.cue
        lines: list[RenderableType] = [
            Align.center(Text(f"  {words.CUE[cue]}  ", style=_STYLE[cue])),
            Text(),
            _gauge(session),
            _figures(session),
            Text(self._question, style="bold magenta"),
            *(Text(message, style="dim") for message in self._messages),
            Text(HELP, style="dim"),
        ]
        style = "red" if session.standing.alarm_ns is not None else "none"
        return Panel(Group(*lines), title=f"{self.title} · {words.PHASE[session.phase]}", border_style=style)


class PlainDisplay:
    """The same for a terminal that cannot be redrawn: one line for each phase, question and message."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._origin_ns: int | None = None

    def give(self, command: Command, at_ns: int) -> None:
        """Print what changes."""
        if self._origin_ns is None:
            self._origin_ns = at_ns
        match command:
            case EnterPhase():
                self._print(words.PHASE[command.phase], at_ns)
            case Tell():
                self._print(words.MESSAGE[command.message], at_ns)
            case Ask():
                self._print(words.QUESTION[command.question].format(rating=command.rating), at_ns)
            case SoundAlarm():
                self._print("ALARM: let go", at_ns)
            case _:
                pass

    def notice(self, text: str) -> None:
        """Print something the controller itself has to say."""
        self._console.print(text, markup=False)

    def see(self, session: Session) -> None:
        """Need nothing of the state."""

    def _print(self, text: str, at_ns: int) -> None:
        seconds = (at_ns - (self._origin_ns or at_ns)) * 1e-9
        self._console.print(f"{seconds:6.1f} s  {text}", markup=False, highlight=False)


def _gauge(session: Session) -> RenderableType:
    pacing = session.pacing
    guided = session.phase in (Phase.CONTACT, Phase.APPROACH, Phase.HOLD)
    top = max(session.guard.limit_n, session.force_n, 1.0) * 1.05
    column = round(min(max(session.force_n, 0.0) / top, 1.0) * (GAUGE_WIDTH - 1))
    low, high = (round(min(max(edge, 0.0) / top, 1.0) * (GAUGE_WIDTH - 1)) for edge in (pacing.low_n, pacing.high_n))
    limit = round(session.guard.limit_n / top * (GAUGE_WIDTH - 1))
    text = Text()
    for i in range(GAUGE_WIDTH):
        inside = guided and low <= i <= high
        mark = "█" if i == column else "▒" if inside else "|" if i == limit else "─" if i > column else "━"
        text.append(mark, style="bold white" if i == column else "green" if inside else "red" if i == limit else "dim")
    band = f"{pacing.low_n:.1f} to {pacing.high_n:.1f} N" if guided else "-"
    table = Table.grid(padding=(0, 1))
    table.add_row(f"{session.force_n:5.1f} N", text, f"limit {session.guard.limit_n:.0f} N")
    table.add_row("", Text(f"band {band}", style="green"), "")
    return table


def _figures(session: Session) -> RenderableType:
    dose = session.dose
    left_s = max(dose.contact_limit_s - session.hold_contact_s, 0.0)
    belief = session.beliefs[-1] if session.beliefs else None
    found = session.estimate is not None and session.estimate.found
    table = Table.grid(padding=(0, 2))
    table.add_row(
        f"credit {session.credit.seconds:4.1f} of {dose.credited_s:g} s",
        ProgressBar(total=dose.credited_s, completed=session.credit.seconds, width=30),
        f"at most {left_s:.0f} s of contact left",
        f"about {belief.mean:.1f} ± {belief.sd:.1f} of 10" if belief is not None and found else "",
    )
    return table
