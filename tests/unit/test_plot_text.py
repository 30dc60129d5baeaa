import io

import pytest
from rich.console import Console

from controller.course import Course, GivenAnswer, HoldCourse, Point, Shown
from controller.plot_text import plot_lines, print_course
from protocols.commands import Phase
from protocols.plan import Band

WIDTH = 80
BAND = Band(5, 6)


def point(t_s: float, force_n: float = 10.0, discomfort: float = 5.0, sd: float = 0.5, **changes: object) -> Point:
    values = {"phase": Phase.HOLD, "shown": Shown(9.0, 10.0, 11.0)} | changes
    return Point(t_s, force_n, values["phase"], values["shown"], discomfort, sd)


def hold(*points: Point, answers: tuple[tuple[float, int | str], ...] = ()) -> HoldCourse:
    return HoldCourse(1, points, tuple(GivenAnswer(t_s, said) for t_s, said in answers))


def steady(seconds: float = 74.0, **changes: object) -> list[Point]:
    return [point(i * 0.05, **changes) for i in range(round(seconds * 20) + 1)]


def panels(lines: list[str]) -> tuple[dict[float, str], dict[float, str]]:
    """Return the rows of both plots by what their label says, without labels; unlabelled rows are left out."""
    found: list[dict[float, str]] = []
    for line in lines:
        label, bar, row = line.partition("│")
        if ":" in line.partition("█")[0]:
            found.append({})
        elif bar and label.strip() and label.strip()[0].isdigit():
            found[-1][float(label)] = row.ljust(WIDTH - 6)
    force, felt = found
    return force, felt


def test_force_and_band_are_in_the_rows_of_their_newtons():
    force, _ = panels(plot_lines(hold(*steady(force_n=20.0, shown=Shown(7.6, 10.0, 12.4))), BAND, WIDTH))
    for newtons, row in force.items():
        expected = "█" if newtons == 20 else "▒" if newtons in {8, 10, 12} else " "
        assert set(row) == {expected}, newtons
    assert {0, 8, 12, 20} <= force.keys()


def test_the_estimate_its_spread_and_the_band_are_in_their_rows():
    _, felt = panels(plot_lines(hold(*steady(discomfort=3.0, sd=1.5)), BAND, WIDTH))
    signs = {rating: set(row) for rating, row in felt.items()}
    assert signs[3] == {"█"}
    assert signs[1] == signs[2] == signs[4] == signs[5] == {"▒"}
    assert signs[0] == signs[7] == {" "}
    assert signs[6] == {"·"}
    assert list(felt) == list(range(10, -1, -1))


def test_a_change_in_force_is_in_the_column_of_its_time_and_joined():
    points = [*(point(i * 0.5, 4.0) for i in range(74)), *(point(i * 0.5, 12.0) for i in range(74, 149))]
    force, _ = panels(plot_lines(hold(*points), BAND, WIDTH))
    assert [row.index("█") for row in (force[4], force[12])] == [0, 37]
    assert force[4].rindex("█") == 36
    assert force[8].count("█") == 1, "the rows between are passed"


def test_answers_stand_at_their_time_and_rating():
    said = ((0.0, 2), (37.0, 7), (74.0, 10))
    _, felt = panels(plot_lines(hold(*steady(), answers=said), BAND, WIDTH))
    assert [(rating, row.index("●")) for rating, row in felt.items() if "●" in row] == [(10, 73), (7, 37), (2, 0)]


def test_presses_stand_at_the_edge_that_they_are_beyond():
    said = ((10.0, "too-little"), (20.0, "in-band"), (30.0, "too-much"))
    _, felt = panels(plot_lines(hold(*steady(), answers=said), BAND, WIDTH))
    assert (felt[4][10], felt[6][20], felt[7][30]) == ("v", "●", "^")


def test_an_answer_out_of_the_time_drawn_is_at_the_border():
    _, felt = panels(plot_lines(hold(*steady(), answers=((-3.0, 8), (99.0, 9))), BAND, WIDTH))
    assert (felt[8].index("●"), felt[9].index("●")) == (0, 73)


def test_where_no_packet_came_nothing_is_drawn():
    points = [each for each in steady() if not 20 < each.t_s < 40]
    force, felt = panels(plot_lines(hold(*points), BAND, WIDTH))
    assert set(force[10][21:39]) == {" "}
    assert set(felt[5][21:39]) == {"·"}
    assert "█" in force[10][45:]


def test_the_phases_are_named_where_there_is_room():
    phases = [(2.0, Phase.CONTACT), (30.0, Phase.APPROACH), (70.0, Phase.HOLD), (74.1, Phase.RELEASE)]
    points = [
        point(each.t_s, phase=next(phase for end_s, phase in phases if each.t_s < end_s), shown=None)
        for each in steady()
    ]
    (line,) = [line for line in plot_lines(hold(*points), BAND, WIDTH) if "finding" in line]
    row = line[6:]
    assert row.index("│finding your 5") == 2
    assert row.index("│hold") == 30
    assert row.rindex("│") == 70
    assert "place" not in row
    assert "let go" not in row


def test_the_axis_tells_seconds_under_their_columns():
    *_, line, under = plot_lines(hold(*steady()), BAND, WIDTH)
    assert under.endswith(" s")
    for said in under.removesuffix(" s").split():
        column = under.index(f" {said} ") + 1
        assert line[column] == "┬"
        assert column - 6 == pytest.approx(float(said), abs=1)


@pytest.mark.parametrize("width", [40, 61, 80])
def test_no_line_is_wider_than_asked(width):
    points = [point(i * 0.05, 3.0 + i / 40, min(i / 100, 9.0)) for i in range(1200)]
    first, *rows, axis, under = plot_lines(hold(*points, answers=((59.9, 5),)), BAND, width, "hold 1, ")
    plotted = [row for row in rows if "newtons" not in row and "discomfort" not in row]
    assert max(map(len, (*plotted, axis, under))) <= width
    assert max(map(len, (first, *rows))) <= 80


def test_a_time_that_would_not_fit_is_left_out():
    *_, line, under = plot_lines(hold(*steady(40.0)), BAND, WIDTH)
    assert line[-1] == "┬", "40 s is the last column"
    assert under.split() == ["0", "5", "10", "15", "20", "25", "30", "35", "s"]


@pytest.mark.parametrize(
    "points",
    [
        [point(0.0)],
        [point(1.0, -3.0, 0.0, 0.0, shown=None), point(1.0, -3.0, 0.0, 0.0, shown=None)],
        [point(0.0, 900.0, 10.0, 9.0), point(7200.0, 0.0, 0.0, 0.0)],
    ],
)
def test_odd_courses_can_be_drawn(points):
    assert max(map(len, plot_lines(hold(*points, answers=((0.0, 0), (0.0, 10))), BAND, WIDTH))) <= WIDTH


def printed(course: Course, width: int = WIDTH) -> list[str]:
    file = io.StringIO()
    print_course(Console(file=file, width=width), course)
    return file.getvalue().splitlines()


def test_the_estimate_is_told_in_a_sentence_too():
    points = [point(float(i), discomfort=5.0 + i / 10, sd=1.0 - i / 20) for i in range(11)]
    before = point(-1.0, discomfort=1.0, sd=3.0, phase=Phase.APPROACH)
    *_, last = printed(Course((hold(before, *points),), BAND, same=True))
    assert last == "estimate in the hold: mean 5.5; spread (sd) 1.0 as it began, 0.5 at its end"


def test_each_hold_has_a_plot_of_its_own_and_says_which():
    two = Course((hold(*steady()), HoldCourse(2, tuple(steady()), ())), BAND, same=True)
    lines = printed(two)
    assert [line.split(",")[0] for line in lines if "newtons" in line] == ["hold 1", "hold 2"]
    assert not any(line.startswith("hold") for line in printed(Course((hold(*steady()),), BAND, same=True)))


def test_a_narrow_terminal_cuts_lines_and_wraps_none():
    course = Course((hold(*steady()),), BAND, same=True)
    narrow, wide = (
        [line.startswith("estimate in the hold") for line in printed(course, width)].index(True)
        for width in (30, WIDTH)
    )
    assert narrow == wide, "as many lines before the sentence"
    assert max(map(len, printed(course, 30))) == 30
