"""What the terminal shows: always the same lines, nothing cut that matters, readable without colour, or at all."""

import asyncio
import errno
import io
import itertools
import math
import threading
from dataclasses import replace

import pytest
from rich.console import Console
from rich.control import Control
from rich.live import Live

from controller import words
from controller.display import PlainDisplay, TerminalDisplay, display_for
from controller.gauge import gauge
from protocols.commands import Ask, Cue, EnterPhase, Message, Phase, Question, Tell
from protocols.guard import LOST_NS
from protocols.plan import Dose
from protocols.session import PauseReason, Session, Standing
from tests.engine_sessions import Script
from tests.journal_sessions import PROTOCOL, SITE, steps


def drawn(display: TerminalDisplay, width: int, height: int = 40) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, no_color=True)
    display.console = console
    with console.capture() as capture:
        console.print(display._drawn())
    return capture.get().splitlines()


def display() -> TerminalDisplay:
    return TerminalDisplay(Console(file=io.StringIO()), "upper-trapezius-left · HW-0001", words.SIMULATED)


def states() -> list[Session]:
    return [session for _, _, session in steps(60) if session.tool is not None][::40]


@pytest.mark.parametrize(("width", "height"), [(24, 40), (44, 40), (80, 40), (120, 40), (80, 10), (40, 12), (80, 3)])
def test_the_number_of_lines_never_changes_and_is_never_more_than_there_are(width, height):
    shows = display()
    counts = set()
    for number, session in enumerate(states()):
        shows.see(session)
        shows.give(Tell(list(Message)[number % len(Message)]), 0)
        if number % 2:
            shows.give(Ask(Question.RATE_NOW, louder=True), 0)
        lines = drawn(shows, width, height)
        assert len(lines) <= height
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
        words.question_words(Question.RATE_NOW),
        "0-9, t for 10",
        "stop, again: end",
        words.SIMULATED,
        f"max {session.guard.limit_n:.0f} N",
    ):
        assert part in text, part
    assert set("▒█") <= set(text), "band and force without colour"


@pytest.mark.parametrize(("width", "height"), [(80, 10), (40, 12)])
@pytest.mark.parametrize("question", Question)
def test_what_matters_most_is_there_on_a_small_terminal(width, height, question):
    shows = display()
    session = next(each for each in states() if each.phase is Phase.HOLD and each.credit.seconds > 2)
    shows.see(session)
    shows.give(Ask(question), 0)
    shows.give(Tell(Message.BATTERY_LOW), session.now_ns)
    lines = drawn(shows, width, height)
    text = " ".join(" ".join(lines).split())
    for part in (
        words.CUE[session.standing.cue],
        "your 5-6:",
        f"{session.force_n:.1f} N",
        f"max {session.guard.limit_n:.0f} N",
        words.question_words(question),
        "q, Space",
        "0-9",
        words.SIMULATED,
        words.MESSAGE[Message.BATTERY_LOW],
    ):
        assert part in text, part


@pytest.mark.parametrize(("width", "height"), [(80, 8), (40, 6), (80, 3), (24, 2)])
def test_what_is_simulated_says_so_on_the_smallest_terminal(width, height):
    shows = display()
    for session in states():
        shows.see(session)
        shows.give(Ask(Question.RATE_NOW), 0)
        lines = drawn(shows, width, height)
        assert any("simulated" in line for line in lines), lines
        assert words.CUE[session.standing.cue] in "\n".join(lines) or words.LET_GO in "\n".join(lines)


def test_the_smallest_terminal_still_says_what_to_do_and_what_is_asked():
    shows = TerminalDisplay(Console(file=io.StringIO()), "upper-trapezius-left · HW-0001")
    session = next(each for each in states() if each.phase is Phase.HOLD)
    shows.see(session)
    shows.give(Ask(Question.RATE_NOW), 0)
    cue, bar, question = drawn(shows, 80, 3)
    assert cue.strip() == words.CUE[session.standing.cue]
    assert f"{session.force_n:.1f} N" in bar
    assert question.strip() == words.question_words(Question.RATE_NOW)


def test_what_a_stop_is_is_said_as_it_is():
    shows = display()
    hold = next(each for each in states() if each.phase is Phase.HOLD)
    for session, words_of_stop in (
        (hold, "stop, again: end"),
        (replace(hold, strikes=(PauseReason.STOPPED,)), "Esc: end"),
        (replace(hold, phase=Phase.PAUSED), "Esc: end"),
        (replace(hold, phase=Phase.REST), "Esc: end"),
    ):
        shows.see(session)
        assert words_of_stop in "\n".join(drawn(shows, 80))


@pytest.mark.parametrize(("force_n", "word"), [(20.0, words.CUE[Cue.RELEASE]), (0.0, words.LET_GO)])
def test_once_let_go_the_word_is_rest(force_n, word):
    session = states()[-1]
    shows = display()
    contact = replace(session.contact, force_n=force_n, last_ns=session.now_ns)
    shows.see(replace(session, contact=contact, standing=Standing(Cue.RELEASE)))
    assert word in "\n".join(drawn(shows, 80))


@pytest.mark.parametrize("last_ns", [None, -LOST_NS])
def test_unseen_nobody_is_told_to_be_off(last_ns):
    session = states()[-1]
    shows = display()
    newest_ns = None if last_ns is None else session.now_ns + last_ns
    contact = replace(session.contact, force_n=0.0, last_ns=newest_ns)
    shows.see(replace(session, contact=contact, standing=Standing(Cue.RELEASE)))
    text = "\n".join(drawn(shows, 80))
    assert words.CUE[Cue.RELEASE] in text
    assert words.LET_GO not in text


def test_a_link_that_falls_silent_after_a_slip_says_let_go():
    script = Script().to_five()
    script.follow(3)
    script.packet(0.5, 0.4)
    script.silence(2.0)
    assert script.cue is Cue.RELEASE
    shows = display()
    shows.see(script.session)
    assert words.CUE[Cue.RELEASE] in "\n".join(drawn(shows, 80))


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


def changes_told(until: Phase) -> list[str]:
    terminal = io.StringIO()
    shows = PlainDisplay(Console(file=terminal, width=80), ["simulated tool and person · HW-0001"])
    for event, commands, session in steps(60):
        for command in commands:
            shows.give(command, event.at_ns)
        shows.see(session)
        if session.phase is until:
            break
    shows.close()
    return terminal.getvalue().splitlines()


def test_a_terminal_that_cannot_be_redrawn_gets_one_line_for_each_change():
    lines = changes_told(Phase.RELEASE)
    assert lines[0] == "simulated tool and person · HW-0001"
    text = "\n".join(lines)
    for part in (
        "press more: ",
        "N now, stay within: ",
        "credit 10 of 30 s",
        "force limit is down to",
        "You said 5.",
    ):
        assert part in text, part
    said = [line.partition(" s  ")[2] for line in lines]
    cues = [line.partition(":")[0] for line in said if " N now" in line]
    assert len(cues) > 2
    assert all(one != next_one for one, next_one in itertools.pairwise(cues)), "told again without a change"


@pytest.mark.parametrize(
    ("term", "live", "kind"),
    [("xterm", True, TerminalDisplay), ("dumb", True, PlainDisplay), ("xterm", False, PlainDisplay)],
)
def test_a_dumb_terminal_is_not_redrawn(term, live, kind):
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": term})
    shows = display_for(console, "HW-0001", words.SIMULATED, live=live)
    assert isinstance(shows, kind)
    if isinstance(shows, PlainDisplay):
        shows.close()
        assert f"{words.SIMULATED} · HW-0001" in console.file.getvalue()


class GoneTerminal(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "gone")


async def test_a_terminal_that_is_gone_ends_the_drawing_and_nothing_else():
    shows = TerminalDisplay(Console(file=GoneTerminal(), width=80, force_terminal=True), "x")
    shows.notice("something")
    await shows.run()


def test_a_terminal_that_changed_its_size_is_drawn_anew_from_the_top():
    shown = io.StringIO()
    shows = TerminalDisplay(Console(file=shown, width=80, height=24, force_terminal=True), "x")
    cleared = str(Control.clear())
    with Live(console=shows.console, auto_refresh=False) as live:
        for width, clears in ((80, 0), (80, 0), (50, 1), (50, 1), (90, 2)):
            shows.console.width = width
            shows._draw(live)
            assert shown.getvalue().count(cleared) == clears


def test_a_pause_says_how_long_to_rest_and_then_how_long_there_is():
    script = Script(Dose(credited_s=60)).to_five()
    script.hold_for(5)
    script.answer(8)
    script.let_go(4.3)
    assert "rest for 11 s, then you may go on" in on_screen(script.session)
    script.let_go(11)
    assert "over in 45 s" in on_screen(script.session)


def test_who_slipped_sees_how_long_there_is_to_come_back():
    script = Script(Dose(credited_s=60)).to_five()
    script.hold_for(5)
    script.let_go(1.2)
    assert script.session.pause.why == "slip"
    script.let_go(4.2)
    left_s = 15 - (script.session.now_ns - script.session.pause.since_ns) * 1e-9
    assert f"over in {math.ceil(left_s)} s" in on_screen(script.session)


def test_a_pause_that_ends_before_the_calm_does_not_promise_to_go_on():
    script = Script(Dose(credited_s=60)).to_five()
    script.hold_for(5)
    script.answer(8)
    script.press_at(15.0, 47)
    script.go_on()
    script.answer(7)
    script.press_at(15.0, 1)
    said_s = script.now_s - 0.01
    script.go_on()
    assert script.given(Tell, said_s) == []
    assert "over in 12 s" in on_screen(script.session)


def on_screen(session: Session) -> str:
    shows = display()
    shows.see(session)
    return "\n".join(drawn(shows, 80, 40))


def test_an_old_force_is_not_shown_as_the_force_now():
    script = Script().to_five()
    assert f"{script.force_n:.1f} N" in gauge(script.session, 60)[0].plain
    script.silence(0.6)
    assert gauge(script.session, 60)[0].plain.startswith("     - N")
    assert "█" not in gauge(script.session, 60)[0].plain
