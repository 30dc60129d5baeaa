"""The screen as rows, the most important of them where a terminal is too small for all."""

from dataclasses import dataclass
from math import ceil

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from controller import words
from controller.gauge import gauge, newtons
from controller.keys import help_lines
from protocols.commands import Cue, Phase, Question
from protocols.figures import figures
from protocols.guard import LOST_NS
from protocols.pauses import MOST_STRIKES, calm_left_s, given_up_ns
from protocols.plan import Calibrate
from protocols.rest import rest_s
from protocols.session import Session
from protocols.turn import IN_TOUCH

BORDERS = 4
BORDER_LINES = 2
MESSAGE_LINES = 3
SHORTEST_BAR = 10

_STYLE = {
    Cue.NONE: "bold",
    Cue.PRESS_MORE: "bold black on cyan",
    Cue.HOLD: "bold black on green",
    Cue.EASE_OFF: "bold black on yellow",
    Cue.RELEASE: "bold white on red",
    Cue.DONE: "bold white on blue",
}

# Which rows go first where there is no room: the higher the earlier.
_CUE, _MARK, _QUESTION, _BAR, _KEYS, _BAND, _HEAD, _MESSAGE, _CREDIT, _MORE, _LIMITS, _SPACE = range(12)


@dataclass(frozen=True, slots=True)
class View:
    """What there is to show. `simulated`: what of it is not real, in words; empty: nothing. `heart`: its rate."""

    title: str
    simulated: str
    session: Session | None
    question: str = ""
    said: tuple[str, ...] = ()
    heart: str = ""


_Row = tuple[int, Text]
_QUESTIONS = tuple(words.question_words(question) for question in Question)


def screen(view: View, console: Console) -> RenderableType:
    """Return the screen for this terminal; it has as many lines for every view, and no more than the terminal."""
    session = view.session
    if session is None or session.tool is None:
        head = " · ".join(part for part in (view.simulated, view.title) if part)
        return Panel(_line(view.said[-1] if view.said else "looking for the tool ..."), title=head)
    width, height = console.width, console.height
    of = session.step.ramps if isinstance(session.step, Calibrate) else session.step.dose.holds
    hold = f" {session.hold} of {of}" if of > 1 else ""
    parts = (view.simulated, words.PHASE[session.phase] + hold, view.title, view.heart)
    head = " · ".join(part for part in parts if part)
    inner = max(width - BORDERS, SHORTEST_BAR)
    rows = _rows(view, session, inner, console)
    if sum(rank is not _SPACE for rank, _ in rows) + BORDER_LINES <= height:
        style = "red" if session.standing.alarm_ns is not None else "none"
        return Panel(Group(*_fitting(rows, height - BORDER_LINES)), title=Text(head), border_style=style)
    # Nobody is pressed where it is simulated, so who looks on must know that before anything else.
    rows = [(_MARK if view.simulated else _HEAD, _line(head)), *_rows(view, session, max(width, SHORTEST_BAR), console)]
    return Group(*_fitting(rows, height))


def _rows(view: View, session: Session, width: int, console: Console) -> list[_Row]:
    bar, band = gauge(session, width)
    again = session.phase in IN_TOUCH and len(session.strikes) + 1 < MOST_STRIKES
    return [
        (_CUE, _cue(session, width)),
        (_SPACE, Text()),
        (_BAR, bar),
        (_BAND, band),
        (_SPACE, Text()),
        (_CREDIT, _calibration(session) if session.calibrates else _credit(session, width)),
        (_LIMITS, _line(_limits(session))),
        (_SPACE, Text()),
        *_said(view, width, console),
        *((_KEYS, _line(text, "dim")) for text in help_lines(width, stop_may_go_on=again)),
    ]


def _fitting(rows: list[_Row], height: int) -> list[Text]:
    """Return the rows that fit, in their order; of two that matter as much the later one goes."""
    kept = list(range(len(rows)))
    while len(kept) > max(height, 1):
        kept.remove(max(kept, key=lambda i: (rows[i][0], i)))
    return [rows[i][1] for i in kept]


def _said(view: View, width: int, console: Console) -> list[_Row]:
    """Return the question, and under it the latest sentences: as many rows whatever there is to say."""
    asked = max(len(Text(question).wrap(console, width)) for question in _QUESTIONS)
    ranks = [*[_QUESTION] * asked, _MESSAGE, *[_MORE] * (MESSAGE_LINES - 1)]
    texts = [Text(view.question, style="bold magenta")] if view.question else []
    texts += [Text(text) for text in view.said]
    lines = [line for text in texts for line in text.wrap(console, width)][: len(ranks)]
    return list(zip(ranks, [*lines, *[Text()] * (len(ranks) - len(lines))], strict=True))


def _cue(session: Session, width: int) -> Text:
    cue = session.standing.cue
    is_off = cue is Cue.RELEASE and _is_off(session)
    text = words.LET_GO if is_off else words.CUE[cue]
    return Text(text.center(width), style=_STYLE[Cue.NONE if is_off else cue], no_wrap=True, overflow="crop")


def _is_off(session: Session) -> bool:
    # Unseen, nobody knows whether it is pressed.
    newest_ns = session.contact.last_ns
    return newest_ns is not None and session.now_ns - newest_ns < LOST_NS and not session.contact.pressed


def _credit(session: Session, width: int) -> Text:
    dose_s, seconds = session.dose.credited_s, session.credit.seconds
    text = _line(f"credit {seconds:4.1f} of {dose_s:g} s ")
    columns = max(width - len(text), SHORTEST_BAR)
    done = round(min(seconds / dose_s, 1.0) * columns)
    # Two characters, for a terminal without colour.
    return text.append("█" * done, style="green").append("─" * (columns - done), style="dim")


def _calibration(session: Session) -> Text:
    found = figures(session).calibration
    values = () if found is None else zip(found.ppt_n, found.five_n, strict=True)
    ramps = ", ".join(f"{_tapped(pain_n)}/{_tapped(five_n)}" for pain_n, five_n in values)
    return _line(f"first pain/5: {ramps} N" if ramps else "first pain/5: to be found")


def _tapped(force_n: float | None) -> str:
    return "-" if force_n is None else newtons(force_n)


def _limits(session: Session) -> str:
    if session.phase is Phase.REST:
        return f"rest for {max(rest_s(session) - (session.now_ns - session.phase_ns) * 1e-9, 0.0):.0f} s"
    if session.phase is Phase.PAUSED and session.pause is not None:
        until_ns = given_up_ns(session.pause, session.tally, session.phase_ns)
        calm_s = calm_left_s(session.pause, until_ns, session.now_ns)
        if calm_s > 0.0:
            return f"rest for {ceil(calm_s)} s, then you may go on"
        return f"over in {ceil(max(until_ns - session.now_ns, 0) * 1e-9)} s"
    left_s = max(session.step.contact_limit_s - session.hold_contact_s, 0.0)
    text = f"at most {left_s:.0f} s of contact left"
    felt = session.phase in IN_TOUCH
    if felt and session.estimate is not None and session.estimate.found and session.beliefs:
        belief = session.beliefs[-1]
        text += f"    about {belief.mean:.1f} ± {belief.sd:.1f} of 10"
    return text


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
