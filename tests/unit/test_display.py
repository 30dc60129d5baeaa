"""What the terminal shows: always the same lines, nothing cut that matters, readable without colour."""

import asyncio
import io
import threading
from dataclasses import replace

import pytest
from rich.console import Console

from controller import words
from controller.display import PlainDisplay, TerminalDisplay
from protocols.commands import Ask, Cue, EnterPhase, Message, Phase, Question, Tell
from protocols.session import Session, Standing
from tests.journal_sessions import PROTOCOL, SITE, steps


def drawn(display: TerminalDisplay, width: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=40, no_color=True)
    display.console = console
    with console.capture() as capture:
        console.print(display._drawn())
    return capture.get().splitlines()


def display() -> TerminalDisplay:
    return TerminalDisplay(Console(file=io.StringIO()), "upper-trapezius-left · HW-0001")


def states() -> list[Session]:
    return [session for _, _, session in steps(60) if session.tool is not None][::40]


@pytest.mark.parametrize("width", [24, 44, 80, 120])
def test_the_number_of_lines_never_changes(width):
    shows = display()
    counts = set()
    for number, session in enumerate(states()):
        shows.see(session)
        shows.give(Tell(list(Message)[number % len(Message)]), 0)
        if number % 2:
            shows.give(Ask(Question.RATE_NOW, louder=True), 0)
        lines = drawn(shows, width)
        counts.add(len(lines))
        assert max(map(len, lines)) <= width
    assert len(counts) == 1


def test_everything_that_is_needed_is_there_at_eighty_columns():
    shows = display()
    session = next(each for each in states() if each.phase is Phase.HOLD and each.credit.seconds > 2)
    shows.see(session)
    shows.give(Ask(Question.RATE_NOW), 0)
    text = "\n".join(drawn(shows, 80))
    for part in (
        words.CUE[session.standing.cue],
        "your 5-6:",
        f"{session.force_n:.1f} N",
        f"credit {session.credit.seconds:4.1f} of 30 s",
        "s of contact left",
        words.QUESTION[Question.RATE_NOW],
        "0-9, 10 or t",
        "stop",
        f"max {session.guard.limit_n:.0f} N",
    ):
        assert part in text, part
    assert set("▒█") <= set(text), "band and force without colour"


@pytest.mark.parametrize(("force_n", "word"), [(20.0, words.CUE[Cue.RELEASE]), (0.0, words.LET_GO)])
def test_once_let_go_the_word_is_rest(force_n, word):
    session = states()[-1]
    shows = display()
    contact = replace(session.contact, force_n=force_n)
    shows.see(replace(session, contact=contact, standing=Standing(Cue.RELEASE)))
    assert word in "\n".join(drawn(shows, 80))


async def test_advice_and_trouble_stay_on_the_screen_afterwards():
    shown = io.StringIO()
    shows = TerminalDisplay(Console(file=shown, width=80, force_terminal=True), "x")
    shows.see(Session.begin(PROTOCOL, SITE))
    drawing = asyncio.create_task(shows.run())
    await asyncio.sleep(0)
    shows.give(Tell(Message.ADVICE), 0)
    shows.notice("the disk is full [/red]")
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    after = " ".join(shown.getvalue().split())
    assert words.MESSAGE[Message.ADVICE].split(";")[0] in after
    assert "the disk is full [/red]" in after


class StuckTerminal(io.StringIO):
    """Takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.takes = threading.Event()

    def write(self, text: str) -> int:
        assert self.takes.wait(5), "whoever prints waits for ever"
        return super().write(text)


def test_a_terminal_that_takes_nothing_holds_nobody_up_and_misses_nothing():
    terminal = StuckTerminal()
    shows = PlainDisplay(Console(file=terminal, width=80))
    shows.give(EnterPhase(Phase.HOLD, 1), 0)
    shows.notice("the disk is full")
    shows.give(EnterPhase(Phase.RELEASE, 1), 1_500_000_000)
    shows.close(limit_s=0.01)
    assert terminal.getvalue() == ""
    terminal.takes.set()
    shows.close()
    assert terminal.getvalue().splitlines() == ["   0.0 s  hold", "the disk is full", "   1.5 s  let go"]
