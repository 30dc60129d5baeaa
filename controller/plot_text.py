"""The course of a hold as text: force with the band that was shown, and under it the estimate with the answers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from rich.console import Console
from rich.text import Text

from controller.course import Course, HoldCourse, Point
from controller.words import PHASE
from protocols.plan import Band

WIDEST = 80
NARROWEST = 40
"""On a terminal of fewer columns lines are cut: a plot in less shows nothing."""

LABEL = 4
FORCE_ROWS = 13
"""At most so many steps above zero."""

STEPS_N = (0.5, 1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 50.0)
STEPS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
TICK_COLUMNS = 8
UNIT_S = " s"
SHORTEST_NAME = 6
"""A phase's name is cut to no fewer letters than these; without room for them there is only where it begins."""

TEN = 10

LINE, SPREAD, IN_BAND, ANSWER = "█", "▒", "·", "●"
PRESS_SAID = {"too-little": "v", "in-band": ANSWER, "too-much": "^"}
"""What a press said has no number: an arrow at the band's edge stands for "lower" or "higher" than it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a plot, and which points fall into each."""

    begin_s: float
    end_s: float
    count: int

    def of(self, t_s: float) -> int:
        """Return the column of a time; what lies outside is at the border."""
        share = (t_s - self.begin_s) / max(self.end_s - self.begin_s, 1e-9)
        return min(max(int(share * self.count), 0), self.count - 1)

    def filled(self, points: Iterable[Point]) -> list[list[Point]]:
        """Return each column's points."""
        columns: list[list[Point]] = [[] for _ in range(self.count)]
        for point in points:
            columns[self.of(point.t_s)].append(point)
        return columns


def print_course(console: Console, course: Course) -> None:
    """Print a plot of each hold, as wide as the terminal up to 80 columns."""
    width = max(min(console.width, WIDEST), NARROWEST)
    for hold in course.holds:
        name = f"{hold.name}, " if len(course.holds) > 1 else ""
        console.print()
        for line in plot_lines(hold, course.band, width, name):
            text = Text(line)
            text.highlight_regex(f"{SPREAD}+", "green")
            text.highlight_regex(f"{ANSWER}|[v^](?=[^a-z]|$)", "bold")
            console.print(text, no_wrap=True, overflow="crop")
        if held := hold.held():
            mean, begin, end = fmean(point.discomfort for point in held), held[0].sd, held[-1].sd
            spread = f"spread (sd) {begin:.1f} as it began, {end:.1f} at its end"
            console.print(f"{name}estimate in the hold: mean {mean:.1f}; {spread}", highlight=False)


def plot_lines(hold: HoldCourse, band: Band, width: int, name: str = "") -> list[str]:
    """Return the two plots of a hold over one axis of time, `width` columns wide at most."""
    columns = Columns(hold.points[0].t_s, hold.points[-1].t_s, width - LABEL - 2)
    filled = columns.filled(hold.points)
    force, unit_n = _force(filled, hold.points)
    felt = _discomfort(filled, band)
    _answers(felt, hold, columns, band)
    return [
        f"{name}newtons: {LINE} force, {SPREAD} the band that was shown",
        *_panel(force, lambda row: f"{row * unit_n:g}" if row % 2 == 0 else ""),
        _phases(hold, columns),
        f"{name}discomfort: {LINE} estimate, {SPREAD} 80 % of its spread, {ANSWER} your answers",
        *_panel(felt, str),
        *_axis(columns),
    ]


def _force(filled: Sequence[Sequence[Point]], points: Sequence[Point]) -> tuple[list[list[str]], float]:
    highest_n = max(max(point.force_n, point.shown.high_n if point.shown else 0.0, 0.0) for point in points)
    unit_n = next((step for step in STEPS_N if highest_n / step <= FORCE_ROWS), STEPS_N[-1])
    rows = _empty(round(highest_n / unit_n) + 1, len(filled))
    before: int | None = None
    for column, here in enumerate(filled):
        for shown in (point.shown for point in here if point.shown is not None):
            _fill(rows, column, shown.low_n / unit_n, shown.high_n / unit_n, SPREAD)
        now = round(fmean(point.force_n for point in here) / unit_n) if here else None
        if now is not None:
            # A fast change fills the rows that it passed, so that the line does not break.
            joined = now if before is None or now == before else before + (1 if now > before else -1)
            _fill(rows, column, min(now, joined), max(now, joined), LINE)
        before = now
    return rows, unit_n


def _discomfort(filled: Sequence[Sequence[Point]], band: Band) -> list[list[str]]:
    rows = _empty(TEN + 1, len(filled))
    for rating in range(band.low, band.high + 1):
        rows[rating] = [IN_BAND] * len(filled)
    for column, here in enumerate(filled):
        if here:
            lows, highs = zip(*(point.interval for point in here), strict=True)
            _fill(rows, column, fmean(lows), fmean(highs), SPREAD)
            mean = fmean(point.discomfort for point in here)
            _fill(rows, column, mean, mean, LINE)
    return rows


def _answers(rows: list[list[str]], hold: HoldCourse, columns: Columns, band: Band) -> None:
    edge = {"too-little": band.low - 1, "too-much": band.high + 1}
    for answer in hold.answers:
        if isinstance(answer.said, int):
            row, sign = answer.said, ANSWER
        else:
            row, sign = edge.get(answer.said, band.high), PRESS_SAID.get(answer.said, ANSWER)
        rows[row][columns.of(answer.t_s)] = sign


def _empty(rows: int, columns: int) -> list[list[str]]:
    return [[" "] * columns for _ in range(rows)]


def _fill(rows: list[list[str]], column: int, low: float, high: float, sign: str) -> None:
    top = len(rows) - 1
    for row in range(min(max(round(low), 0), top), min(max(round(high), 0), top) + 1):
        rows[row][column] = sign


def _panel(rows: list[list[str]], label: Callable[[int], str]) -> Iterator[str]:
    for row in reversed(range(len(rows))):
        yield f"{label(row):>{LABEL}} │{''.join(rows[row])}".rstrip()


def _phases(hold: HoldCourse, columns: Columns) -> str:
    line = [" "] * columns.count
    for phase, begin_s, end_s in hold.spans():
        begin, end = columns.of(begin_s), columns.of(end_s)
        room = end - begin if end_s < columns.end_s else columns.count - begin
        said = PHASE[phase] if room > min(len(PHASE[phase]), SHORTEST_NAME) else ""
        line[begin : begin + room] = f"│{said}".ljust(room)[:room]
    return f"{'':{LABEL}} {'└'}{''.join(line)}".rstrip()


def _axis(columns: Columns) -> Iterator[str]:
    seconds = columns.end_s - columns.begin_s
    most = max(columns.count // TICK_COLUMNS, 1)
    step_s = next((step for step in STEPS_S if seconds / step <= most), STEPS_S[-1])
    line, under = ["─"] * columns.count, [" "] * columns.count
    tick = -(-columns.begin_s // step_s)
    while tick * step_s <= columns.end_s:
        column, said = columns.of(tick * step_s), f"{tick * step_s:g}"
        line[column] = "┬"
        if column + len(said) + len(UNIT_S) <= columns.count:
            under[column : column + len(said)] = said
        tick += 1
    yield f"{'':{LABEL}} └{''.join(line)}"
    yield f"{'':{LABEL}}  {''.join(under).rstrip()}{UNIT_S}"
