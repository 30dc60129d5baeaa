"""The terminal: redrawn ten times a second where it can be, line by line where it cannot."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue

from rich.console import Console, ConsoleDimensions, RenderableType
from rich.control import Control
from rich.live import Live

from controller import words
from controller.answer_watch import AnswerWatch
from controller.gauge import band_words, newtons
from controller.keys import WIDE, help_lines
from controller.limit_watch import LimitWatch
from controller.messages import Messages, Topic
from controller.screen import View, screen
from protocols.commands import Ask, CloseQuestion, Command, Cue, EnterPhase, GiveCue, Message, Phase, SoundAlarm, Tell
from protocols.session import Session
from protocols.turn import GUIDED

logger = logging.getLogger(__name__)

REFRESH_HZ = 10
CREDIT_STEP_S = 10
"""How often a line tells the credit."""

LAST_LINES_S = 2.0
"""How long a terminal may take for the last lines."""


def display_for(console: Console, title: str, simulated: str, *, live: bool) -> "TerminalDisplay | PlainDisplay":
    """Return the display that this terminal can show; `live`: whether there is somebody to look at it.

    `simulated`: what of the session is not real, in words; empty: nothing.
    """
    if live and console.is_terminal and not console.is_dumb_terminal:
        return TerminalDisplay(console, title, simulated)
    keys = help_lines(WIDE, stop_may_go_on=True) if live and sys.stdin is not None and sys.stdin.isatty() else ()
    return PlainDisplay(console, [" · ".join(part for part in (simulated, title) if part), *keys])


def _watches() -> tuple[tuple[Topic, LimitWatch | AnswerWatch], ...]:
    return (Topic.LIMIT, LimitWatch()), (Topic.ANSWER, AnswerWatch())


@dataclass
class TerminalDisplay:
    """Draws the session ten times a second while `run` runs, always on the same number of lines.

    `pulse`: asks for the heart's rate now.
    """

    console: Console
    title: str
    simulated: str = ""
    pulse: Callable[[], int | None] | None = None
    _session: Session | None = None
    _question: str = ""
    _messages: Messages = field(default_factory=Messages)
    _watches: tuple[tuple[Topic, LimitWatch | AnswerWatch], ...] = field(default_factory=_watches)
    _lasting: list[str] = field(default_factory=list)
    _rings: bool = False
    _size: ConsoleDimensions | None = None

    def give(self, command: Command, at_ns: int) -> None:
        """Remember what is to be shown."""
        match command:
            case Ask():
                text = words.question_words(command.question, command.rating, has_button=_has_button(self._session))
                self._question = text.upper() if command.louder else text
            case CloseQuestion():
                self._question = ""
            case Tell():
                self._messages.tell(command.message, at_ns, command.seconds)
                if command.message is Message.ADVICE:
                    self._lasting.append(words.MESSAGE[command.message])
            case SoundAlarm():
                self._rings = True
            case _:
                pass

    def introduce(self, text: str) -> None:
        """Print something above what is drawn, before `run`."""
        self.console.print(text, markup=False, highlight=False)

    def notice(self, text: str) -> None:
        """Show something the controller itself has to say."""
        self._messages.notice(text)
        self._lasting.append(text)

    def see(self, session: Session) -> None:
        """Remember the state."""
        self._session = session
        for topic, watch in self._watches:
            text = watch.see(session)
            if text is not None:
                self._messages.happened(topic, text, session.now_ns)
        self._messages.see(session)

    async def run(self) -> None:
        """Draw until cancelled; what must not be missed stays on the screen afterwards."""
        try:
            with Live(self._drawn(), console=self.console, auto_refresh=False, transient=True) as live:
                while True:
                    await asyncio.sleep(1 / REFRESH_HZ)
                    # On a thread of its own: a terminal that does not take what is drawn must hold nobody up.
                    await asyncio.to_thread(self._draw, live)
        except OSError as error:
            logger.warning("the display is gone: %s", error)
        finally:
            with suppress(OSError):
                for text in self._lasting:
                    self.console.print(text, style="yellow", markup=False, highlight=False)

    def _draw(self, live: Live) -> None:
        size = self.console.size
        if size != self._size and self._size is not None:
            # A terminal wraps anew what stands on it, so how many lines are to be taken back is not known.
            self.console.control(Control.clear(), Control.home())
        self._size = size
        live.update(self._drawn(), refresh=True)
        if self._rings:
            self._rings = False
            self.console.bell()

    def _drawn(self) -> RenderableType:
        session = self._session
        said = tuple(self._messages.standing(Cue.NONE if session is None else session.standing.cue))
        bpm = None if self.pulse is None else self.pulse()
        heart = "" if bpm is None else f"heart {bpm}"
        return screen(View(self.title, self.simulated, session, self._question, said, heart), self.console)


class PlainDisplay:
    """The same for a terminal that cannot be redrawn: one line for each change, after those of `first`.

    A thread of its own prints, in order: a terminal that takes nothing must hold nobody up.
    """

    def __init__(self, console: Console, first: Sequence[str] = ()) -> None:
        self._console = console
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="display", daemon=True)
        self._writer.start()
        self._origin_ns: int | None = None
        self._cue: Cue | None = None
        self._watches = _watches()
        self._credited = 0
        self._session: Session | None = None
        for line in first:
            self._lines.put(line)

    def give(self, command: Command, at_ns: int) -> None:
        """Print what changes."""
        self._origin_ns = at_ns if self._origin_ns is None else self._origin_ns
        match command:
            case EnterPhase():
                number = f", ramp {command.hold}" if command.phase is Phase.RAMP else ""
                self._print(words.PHASE[command.phase] + number, at_ns)
            case Tell():
                self._print(words.message_words(command.message, command.seconds), at_ns)
            case Ask():
                text = words.question_words(command.question, command.rating, has_button=_has_button(self._session))
                self._print(text.upper() if command.louder else text, at_ns)
            case SoundAlarm():
                self._print("ALARM: let go", at_ns)
            case GiveCue(again=False):
                self._cue = command.cue
            case _:
                pass

    def notice(self, text: str) -> None:
        """Print something the controller itself has to say."""
        self._lines.put(text)

    introduce = notice

    def see(self, session: Session) -> None:
        """Print a new cue with the force it is about, a limit that has changed, and the credit now and then."""
        self._session = session
        if self._cue is not None and self._cue is not Cue.NONE:
            self._print(words.CUE[self._cue] + _now(session), session.now_ns)
        self._cue = None
        for _, watch in self._watches:
            text = watch.see(session)
            if text is not None:
                self._print(text, session.now_ns)
        credited = int(session.credit.seconds // CREDIT_STEP_S)
        if credited > self._credited:
            self._print(f"credit {credited * CREDIT_STEP_S} of {session.dose.credited_s:g} s", session.now_ns)
        self._credited = credited

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
                self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        except Exception as error:  # noqa: BLE001 - whatever the terminal has, the hold goes on without its lines
            # A file or pipe that is full nobody looks at now; it is told at the end.
            later = isinstance(error, OSError) and not self._console.is_terminal
            logger.log(logging.INFO if later else logging.WARNING, "the display is gone: %s", error)


def _has_button(session: Session | None) -> bool:
    return session is None or session.tool is None or session.tool.has_button


def _now(session: Session) -> str:
    return f": {newtons(session.force_n)} N now, {band_words(session)}" if session.phase in GUIDED else ""
