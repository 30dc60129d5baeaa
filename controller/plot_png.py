"""The course of a session as a PNG: force with the shown band above, the estimate with its spread and answers below."""

from collections.abc import Sequence
from itertools import pairwise
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.course import Course, HoldCourse, Point, Shown
from controller.errors import UsageError
from controller.png_file import BLACK, BLUE, GREEN, GREY, OPTION, ORANGE, check_png, write_png
from controller.words import PHASE
from protocols.commands import Phase
from protocols.plan import Band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES, WIDER_INCHES = (11.0, 6.5), 3.0
"""Width and height for one hold, and how much wider for each further one, or ramp."""

GAP_S = 0.5
"""Where no packet came for longer, lines break."""

SHADES = {Phase.RAMP: 0.26, Phase.APPROACH: 0.16, Phase.PAUSED: 0.55, Phase.RELEASE: 0.38}
"""How dark a phase's ground is; the others have none."""

NAMED_SHARE = 0.12
"""A phase that fills less of the axis is named in the legend alone."""

OUTSIDE = (1.0, 1.0)
"""A legend's upper left corner, where it covers nothing."""

NOTHING_SHOWN = Shown(nan, nan, nan)
PRESS_MARKS = {"too-little": "v", "too-much": "^"}


def write_plot(path: Path, course: Course, title: str) -> None:
    """Draw all holds of a session, side by side, into a file. Raises UsageError, JournalError."""
    check_png(path)
    if not course.holds:
        raise UsageError(f"{OPTION}: there is nothing to plot, for no force was measured: {title}")
    width, height = INCHES
    inches = (width + WIDER_INCHES * (len(course.holds) - 1), height)
    write_png(path, inches, lambda figure: _draw(figure, course, title))


def _draw(figure: "Figure", course: Course, title: str) -> None:
    lengths = [max(hold.points[-1].t_s - hold.points[0].t_s, 1.0) for hold in course.holds]
    axes: Any = figure.subplots(2, len(course.holds), sharex="col", sharey="row", squeeze=False, width_ratios=lengths)
    for (force, felt), hold in zip(axes.T, course.holds, strict=True):
        _draw_force(force, hold.points)
        _draw_discomfort(felt, hold, course.band)
        _shade(force, hold)
        _shade(felt, hold, unnamed="_")
        for panel in (force, felt):
            panel.set_xlim(hold.points[0].t_s, max(hold.points[-1].t_s, hold.points[0].t_s + 1.0))
            panel.grid(axis="y", color=GREY, linewidth=0.4)
        _name_phases(force, hold)
        if len(course.holds) > 1:
            felt.set_xlabel(hold.name)
    axes[0, 0].set_ylabel("force (N)")
    axes[1, 0].set_ylabel("discomfort (0-10)")
    axes[0, 0].set_ylim(bottom=0.0)
    axes[1, 0].set_ylim(0.0, 10.0)
    axes[1, 0].set_yticks(range(11))
    for panels in axes:
        _legend(panels)
    figure.supxlabel("time since the first sample (s)", fontsize="medium")
    figure.suptitle(title, fontsize="medium")


def _draw_force(panel: "Axes", points: Sequence[Point]) -> None:
    times, unbroken = _unbroken(points)
    forces = [nan if point is None else point.force_n for point in unbroken]

    bands = [NOTHING_SHOWN if point is None or point.shown is None else point.shown for point in unbroken]
    lows, highs = [band.low_n for band in bands], [band.high_n for band in bands]
    panel.fill_between(times, lows, highs, color=GREEN, alpha=0.3, linewidth=0, label="band that was shown")
    panel.plot(times, [band.aim_n for band in bands], color=GREEN, linestyle="--", label="target")
    panel.plot(times, forces, color=BLACK, linewidth=1.0, label="force")


def _draw_discomfort(panel: "Axes", hold: HoldCourse, band: Band) -> None:
    times, unbroken = _unbroken(hold.points)
    means = [nan if point is None else point.discomfort for point in unbroken]
    lows, highs = zip(*((nan, nan) if point is None else point.interval for point in unbroken), strict=True)
    label = f"answers {band.low}-{band.high}"
    panel.axhspan(band.low_edge, band.high_edge, facecolor="none", edgecolor=GREEN, hatch="///", alpha=0.5, label=label)
    panel.fill_between(times, lows, highs, color=BLUE, alpha=0.3, linewidth=0, label="80 % of the estimate")
    panel.plot(times, means, color=BLUE, linewidth=1.5, label="estimate")
    edges = {"too-little": band.low_edge, "too-much": band.high_edge}
    for mark in ("D", *PRESS_MARKS.values()):
        given = [answer for answer in hold.answers if PRESS_MARKS.get(str(answer.said), "D") == mark]
        at = [answer.said if isinstance(answer.said, int) else edges.get(answer.said, band.aim) for answer in given]
        label = {"D": "your answer", "^": "pressed: too much", "v": "pressed: too little"}[mark]
        if given:
            panel.plot(
                # One that came when the tool was already let go is at the border.
                [min(max(answer.t_s, times[0]), times[-1]) for answer in given],
                at,
                mark,
                color=ORANGE,
                markeredgecolor=BLACK,
                label=label,
                clip_on=False,
                zorder=5,
            )


def _shade(panel: "Axes", hold: HoldCourse, *, unnamed: str = "") -> None:
    # matplotlib leaves labels out of the legend that begin with "_".
    for phase, begin_s, end_s in hold.spans():
        if phase in SHADES:
            label = unnamed + PHASE[phase]
            panel.axvspan(begin_s, end_s, color=GREY, alpha=SHADES[phase], linewidth=0, zorder=0, label=label)


def _name_phases(panel: "Axes", hold: HoldCourse) -> None:
    length_s = hold.points[-1].t_s - hold.points[0].t_s
    for phase, begin_s, end_s in hold.spans():
        if end_s - begin_s >= NAMED_SHARE * length_s:
            middle = ((begin_s + end_s) / 2, 1.01)
            panel.annotate(
                PHASE[phase], middle, xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize="small"
            )


def _legend(panels: "Sequence[Axes]") -> None:
    # One entry for each label, in the order of drawing, whichever of the holds has it.
    found = (panel.get_legend_handles_labels() for panel in panels)
    entries = {label: handle for handles, labels in found for handle, label in zip(handles, labels, strict=True)}
    panels[-1].legend(
        list(entries.values()), list(entries), loc="upper left", bbox_to_anchor=OUTSIDE, fontsize="small", frameon=False
    )


def _unbroken(points: Sequence[Point]) -> tuple[list[float], list[Point | None]]:
    """Return times and points, with None in the middle of each gap."""
    times, drawn = [points[0].t_s], list[Point | None](points[:1])
    for before, point in pairwise(points):
        if point.t_s - before.t_s > GAP_S:
            times.append((before.t_s + point.t_s) / 2)
            drawn.append(None)
        times.append(point.t_s)
        drawn.append(point)
    return times, drawn
