import stat
import sys
from math import isnan
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from controller import plot_png
from controller.course import Course, GivenAnswer, HoldCourse, Point, Shown
from controller.errors import UsageError
from controller.journal_errors import JournalError
from controller.plot_png import write_plot
from protocols.commands import Phase
from protocols.plan import Band

PNG = b"\x89PNG\r\n\x1a\n"


def hold(number: int = 1, begin_s: float = 0.0, *, gap: bool = False) -> HoldCourse:
    points = []
    for i in range(600):
        t_s = i * 0.05
        phase = Phase.APPROACH if t_s < 10 else Phase.HOLD if t_s < 28 else Phase.RELEASE
        shown = None if phase is Phase.RELEASE else Shown(9.0, 10.0, 11.0)
        if not (gap and 15 < t_s < 18):
            points.append(Point(begin_s + t_s, 10.0 + i / 600, phase, shown, 5.0, 1.0))
    answers = (GivenAnswer(begin_s + 10.0, 5), GivenAnswer(begin_s + 20.0, "too-much"), GivenAnswer(begin_s + 99.0, 6))
    return HoldCourse(number, tuple(points), answers)


def drawn(*holds: HoldCourse) -> Figure:
    figure = Figure((11, 6.5), layout="constrained")
    plot_png._draw(figure, Course(holds, Band(), same=True), "a title")
    return figure


def line(panel, label):
    (found,) = [each for each in panel.get_lines() if each.get_label() == label]
    return found


def test_a_png_is_written_whole_and_private(tmp_path):
    path = tmp_path / "hold.PNG"
    write_plot(path, Course((hold(),), Band(), same=True), "a title")
    data = path.read_bytes()
    assert data.startswith(PNG)
    assert data.endswith(b"IEND\xaeB`\x82")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_settings_of_others_are_neither_used_nor_changed(tmp_path):
    course = Course((hold(),), Band(), same=True)
    write_plot(tmp_path / "a.png", course, "a title")
    with mpl.rc_context({"lines.linewidth": 9.0, "axes.facecolor": "red"}):
        write_plot(tmp_path / "b.png", course, "a title")
        assert mpl.rcParams["lines.linewidth"] == 9.0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert "matplotlib.pyplot" not in sys.modules


def test_both_panels_have_their_units_and_share_the_time():
    figure = drawn(hold())
    force, felt = figure.axes
    assert force.get_ylabel() == "force (N)"
    assert felt.get_ylabel() == "discomfort (0-10)"
    assert "(s)" in figure.get_supxlabel()
    assert force.get_xlim() == felt.get_xlim() == (0.0, pytest.approx(29.95))
    assert felt.get_ylim() == (0.0, 10.0)


def test_the_upper_panel_has_force_target_and_band():
    course = hold()
    force, _ = drawn(course).axes
    assert list(line(force, "force").get_ydata()) == [point.force_n for point in course.points]
    target = list(line(force, "target").get_ydata())
    assert target[0] == 10.0
    assert isnan(target[-1]), "none when letting go"
    (band,) = [each for each in force.collections if each.get_label() == "band that was shown"]
    box = band.get_datalim(force.transData)
    assert (box.y0, box.y1) == (9.0, 11.0)
    assert box.x1 < 28.0


def test_the_lower_panel_has_the_estimate_its_spread_and_the_answers():
    _, felt = drawn(hold()).axes
    assert set(line(felt, "estimate").get_ydata()) == {5.0}
    (spread,) = [each for each in felt.collections if each.get_label() == "80 % of the estimate"]
    box = spread.get_datalim(felt.transData)
    assert (box.y0, box.y1) == pytest.approx((5 - 1.2816, 5 + 1.2816), abs=1e-3)
    answers = line(felt, "your answer")
    assert list(answers.get_ydata()) == [5, 6]
    assert list(answers.get_xdata()) == [10.0, pytest.approx(29.95)], "one after the hold is at the border"
    pressed = line(felt, "pressed: too much")
    assert (list(pressed.get_xdata()), list(pressed.get_ydata())) == ([20.0], [6.5])
    (band,) = [each for each in felt.patches if each.get_label() == "answers 5-6"]
    assert (band.get_y(), band.get_y() + band.get_height()) == (4.5, 6.5)


def test_phases_are_shaded_and_named():
    force, felt = drawn(hold()).axes
    (approach,) = [each for each in force.patches if each.get_label() == "finding your 5"]
    assert (approach.get_x(), approach.get_x() + approach.get_width()) == (0.0, pytest.approx(10.0))
    (release,) = [each for each in felt.patches if each.get_label() == "_let go"]
    assert release.get_x() == pytest.approx(28.0)
    assert [text.get_text() for text in force.texts] == ["finding your 5", "hold"]


def test_lines_break_where_no_packet_came():
    force, felt = drawn(hold(gap=True)).axes
    for found in (line(force, "force"), line(felt, "estimate")):
        missing = [t_s for t_s, value in zip(found.get_xdata(), found.get_ydata(), strict=True) if isnan(value)]
        assert len(missing) == 1
        assert 15 < missing[0] < 18


def test_holds_stand_side_by_side_with_one_legend_for_each_row():
    figure = drawn(hold(1), hold(2, 500.0))
    assert [panel.get_xlabel() for panel in figure.axes[2:]] == ["hold 1", "hold 2"]
    legends = [panel.get_legend() for panel in figure.axes]
    assert [legend is not None for legend in legends] == [False, True, False, True]
    said = [text.get_text() for text in legends[1].get_texts()]
    assert sorted(said) == sorted({*said})
    assert {"force", "target", "band that was shown", "finding your 5", "let go"} == {*said}


@pytest.mark.parametrize("name", ["hold.svg", "hold", ".png", ""])
def test_another_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match=r"\.png"):
        write_plot(tmp_path / name, Course((hold(),), Band(), same=True), "a title")


def test_nothing_to_plot_is_told(tmp_path):
    with pytest.raises(UsageError, match="nothing to plot"):
        write_plot(tmp_path / "a.png", Course((), Band(), same=True), "a title")


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(JournalError, match="--plot"):
        write_plot(tmp_path / "nowhere" / "a.png", Course((hold(),), Band(), same=True), "a title")


def test_matplotlib_that_is_missing_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UsageError, match="pip install matplotlib"):
        write_plot(tmp_path / "a.png", Course((hold(),), Band(), same=True), "a title")
    assert not Path(tmp_path / "a.png").exists()


def test_a_single_point_can_be_drawn(tmp_path):
    one = HoldCourse(1, hold().points[:1], ())
    write_plot(tmp_path / "a.png", Course((one,), Band(), same=True), "a title")
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)
