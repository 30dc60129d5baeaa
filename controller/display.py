"""The terminal: band, force now, what to do in a word, credit, time left, answer keys."""

import asyncio
import logging
import threading
from dataclasses import dataclass, field
from queue import SimpleQueue

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from controller import words
from controller.gauge import gauge
from controller.keys import HELP
from protocols.commands import Ask, CloseQuestion, Command, Cue, EnterPhase, Message, Phase, SoundAlarm, Tell
from protocols.session import Session

logger = logging.getLogger(__name__)

REFRESH_HZ = 10
BORDERS = 4
MESSAGE_LINES = 3
SHORTEST_BAR = 10
LAST_LINES_S = 2.0
"""How long a terminal may take for the last lines."""

_STYLE = {
    Cue.NONE: "bold",
    Cue.PRESS_MORE: "bold black on cyan",
    Cue.HOLD: "bold black on green",
    Cue.EASE_OFF: "bold black on yellow",
    Cue.RELEASE: "bold white on red",
    Cue.DONE: "bold white on blue",
}
_FELT = (Phase.APPROACH, Phase.HOLD)


@dataclass
class TerminalDisplay:
    """Draws the session ten times a second while `run` runs, always on the same number of lines."""

    console: Console
    title: str
    _session: Session | None = None
    _question: str = ""
    _message: str = ""
    _lasting: list[str] = field(default_factory=list)
    _rings: bool = False

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
                self._message = words.MESSAGE[command.message]
                if command.message is Message.ADVICE:
                    self._lasting.append(self._message)
            case SoundAlarm():
                self._rings = True
            case _:
                pass

    def notice(self, text: str) -> None:
        """Show something the controller itself has to say."""
        self._message = text
        self._lasting.append(text)

    def see(self, session: Session) -> None:
        """Remember the state."""
        self._session = session

    async def run(self) -> None:
        """Draw until cancelled; what must not be missed stays on the screen afterwards."""
        try:
            with Live(self._drawn(), console=self.console, auto_refresh=False, transient=True) as live:
                while True:
                    await asyncio.sleep(1 / REFRESH_HZ)
                    # On a thread of its own: a terminal that does not take what is drawn must hold nobody up.
                    await asyncio.to_thread(self._draw, live)
        finally:
            for text in self._lasting:
                self.console.print(text, style="yellow", markup=False, highlight=False)

    def _draw(self, live: Live) -> None:
        live.update(self._drawn(), refresh=True)
        if self._rings:
            self._rings = False
            self.console.bell()

    def _drawn(self) -> RenderableType:
        session = self._session
        if session is None or session.tool is None:
            return Panel("looking for the tool ...", title=self.title)
        width = max(self.console.width - BORDERS, SHORTEST_BAR)
        lines: list[RenderableType] = [
            _cue(session, width),
            Text(),
            *gauge(session, width),
            Text(),
            _credit(session, width),
            _line(_limits(session)),
            Text(),
            _line(self._question, "bold magenta"),
            *self._message_lines(width),
            *(Text(line, style="dim") for line in HELP),
        ]
        hold = f" {session.hold} of {session.dose.holds}" if session.dose.holds > 1 else ""
        style = "red" if session.standing.alarm_ns is not None else "none"
        return Panel(Group(*lines), title=f"{self.title} · {words.PHASE[session.phase]}{hold}", border_style=style)

    def _message_lines(self, width: int) -> list[Text]:
        wrapped = list(Text(self._message).wrap(self.console, width))[:MESSAGE_LINES]
        return [*wrapped, *[Text()] * (MESSAGE_LINES - len(wrapped))]


class PlainDisplay:
    """The same for a terminal that cannot be redrawn: one line for each phase, question and message.

    A thread of its own prints, in order: a terminal that takes nothing must hold nobody up.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="display", daemon=True)
        self._writer.start()
        self._origin_ns: int | None = None

    def give(self, command: Command, at_ns: int) -> None:
        """Print what changes."""
        self._origin_ns = at_ns if self._origin_ns is None else self._origin_ns
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
        self._lines.put(text)

    def see(self, session: Session) -> None:
        """Need nothing of the state."""

    def close(self, limit_s: float = LAST_LINES_S) -> None:
        """Wait until every line is printed, for at most `limit_s`. Blocks."""
        self._lines.put(None)
        self._writer.join(limit_s)

    def _print(self, text: str, at_ns: int) -> None:
        seconds = (at_ns - (at_ns if self._origin_ns is None else self._origin_ns)) * 1e-9
        self._lines.put(f"{seconds:6.1f} s  {text}")

    def _write(self) -> None:
        try:
            while (line := self._lines.get()) is not None:
                self._console.print(line, markup=False, highlight=False)
        except Exception as error:  # noqa: BLE001 - whatever the terminal has, the hold goes on without its lines
            logger.warning("the display is gone: %s", error)


def _cue(session: Session, width: int) -> Text:
    cue = session.standing.cue
    is_off = cue is Cue.RELEASE and not session.contact.pressed
    return Text((words.LET_GO if is_off else words.CUE[cue]).center(width), style=_STYLE[Cue.NONE if is_off else cue])


def _credit(session: Session, width: int) -> Text:
    dose_s, seconds = session.dose.credited_s, session.credit.seconds
    text = _line(f"credit {seconds:4.1f} of {dose_s:g} s ")
    columns = max(width - len(text), SHORTEST_BAR)
    done = round(min(seconds / dose_s, 1.0) * columns)
    # Two characters, for a terminal without colour.
    return text.append("█" * done, style="green").append("─" * (columns - done), style="dim")


def _limits(session: Session) -> str:
    left_s = max(session.dose.contact_limit_s - session.hold_contact_s, 0.0)
    text = f"at most {left_s:.0f} s of contact left"
    if session.phase in _FELT and session.estimate is not None and session.estimate.found and session.beliefs:
        belief = session.beliefs[-1]
        text += f"    about {belief.mean:.1f} ± {belief.sd:.1f} of 10"
    return text


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
