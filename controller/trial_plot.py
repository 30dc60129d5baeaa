"""The picture of a trial: a row for each arm, with one person's hold and how much of it everybody spent in band.

Below, whether the engine was right about how sure it was.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from controller.calibration_plot import draw_chances, draw_intervals
from controller.errors import UsageError
from controller.png_file import BLACK, BLUE, GREEN, GREY, OPTION, ORANGE, write_png
from controller.trial_table import NAMES
from protocols.plan import Band
from protocols.quasi import Floats
from simulator.trial.course import Course
from simulator.trial.measures import WORST
from simulator.trial.one_person import ENGINE, Trial, one_person
from simulator.trial.trial import Tried
from simulator.trial.world import PERIOD_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase

WIDTH, ROW, HEADING, SQUARE = 12.0, 1.45, 1.1, 3.3
"""Inches."""

BEFORE_S, AFTER_S = 10.0, 3.0
"""How much is shown of what was before and after the hold."""

EVERY = 5
"""One sample in so many is drawn: 20 a second."""

BINS = 20
TOP, ROOM = 10.0, 0.3
"""Discomfort is drawn up to 10, the most that is accepted, and a line there still has room."""


def write_trial_plot(path: Path, trial: Trial, tried: Sequence[Tried], figures: dict[str, Any]) -> None:
    """Draw a trial and its figures into a file. Raises UsageError, JournalError."""
    number = typical(tried)
    if number is None:
        raise UsageError(f"{OPTION}: nobody came to a hold, so there is nothing to draw; try more people")
    courses = one_person(trial, number).courses
    shares = {name: np.array([_share(one, name) for one in tried if _share(one, name) is not None]) for name in courses}
    inches = (WIDTH, HEADING + ROW * len(courses) + SQUARE)
    ours = figures["arms"][ENGINE]

    def draw_both(figure: "Figure") -> None:
        parts: Any = figure.subfigures(2, 1, height_ratios=(inches[1] - SQUARE, SQUARE))
        above, below = parts
        draw(above, trial, number, courses, shares)
        draw_sureness(below, ours)

    write_png(path, inches, draw_both)


def typical(tried: Sequence[Tried]) -> int | None:
    """Return the number of the person in the middle by the engine's time in band; None: nobody came to a hold."""
    held = [(share, number) for number, one in enumerate(tried) if (share := _share(one, ENGINE)) is not None]
    return sorted(held)[len(held) // 2][1] if held else None


def draw(
    figure: "FigureBase", trial: Trial, number: int, courses: dict[str, Course], shares: dict[str, Floats]
) -> None:
    """Draw the courses of one person, and everybody's shares in band, by arm."""
    panels: Any = figure.subplots(len(courses), 3, sharex="col", squeeze=False, width_ratios=(5, 5, 4))
    for row, (name, course) in enumerate(courses.items()):
        force, felt, everybody = panels[row]
        _draw_force(force, course)
        _draw_felt(felt, course, trial.dose.band)
        _draw_shares(everybody, shares[name])
        force.sharey(panels[0, 0])
        felt.sharey(panels[0, 1])
        force.set_ylabel(NAMES[name], rotation=0, ha="right", va="center", labelpad=10)
        if name == ENGINE:
            force.yaxis.label.set_fontweight("bold")
    for panel, title in zip(panels[0], _titles(trial, number, len(shares[ENGINE])), strict=True):
        panel.set_title(title, fontsize="medium", loc="left", pad=16 if panel is panels[0, 2] else None)
    _scale(panels, courses)
    named = dict[str, Any]()
    for panel in panels[0]:
        handles, labels = panel.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    figure.legend(named.values(), named, loc="outside lower left", ncols=len(named), fontsize="small", frameon=False)


def draw_sureness(figure: "FigureBase", ours: dict[str, Any]) -> None:
    """Draw whether the engine was right about how sure it was, from its figures."""
    chances, intervals = figure.subplots(1, 2)
    draw_chances(chances, ours)
    draw_intervals(intervals, ours)


def _titles(trial: Trial, number: int, held: int) -> tuple[str, str, str]:
    session = f", session {trial.sessions}" if trial.sessions > 1 else ""
    return (
        f"Person {number + 1}{session}: force (N)",
        "true discomfort (0-10)",
        f"share of the hold in band, {held} people",
    )


def _scale(panels: Any, courses: dict[str, Course]) -> None:
    seconds = [_seconds(course) for course in courses.values()]
    for panel in panels[-1, :2]:
        panel.set_xlabel("time in the hold (s)")
        panel.set_xlim(-BEFORE_S, max(times[-1] for times in seconds))
    panels[0, 0].set_ylim(0.0, 1.05 * max(float(course.force_n[_shown(course)].max()) for course in courses.values()))
    panels[0, 1].set_ylim(0.0, TOP + ROOM)
    panels[0, 1].set_yticks((0, 5, 10))
    panels[-1, 2].set_xlabel("share in band")
    panels[0, 2].set_xlim(0.0, 1.0)
    for panel in panels.flat:
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    for panel in panels[:, 2]:
        panel.spines["left"].set_visible(False)
        panel.set_yticks(())


def _draw_force(panel: "Axes", course: Course) -> None:
    shown = _shown(course)
    panel.plot(_seconds(course), course.force_n[shown], color=BLUE, linewidth=1.0, label="force")
    _mark_hold(panel, course)


def _draw_felt(panel: "Axes", course: Course, band: Band) -> None:
    label = f"answers {band.low}-{band.high}"
    panel.axhspan(band.low_edge, band.high_edge, facecolor=GREEN, alpha=0.3, linewidth=0, label=label)
    shown = _shown(course)
    panel.plot(_seconds(course), np.minimum(course.discomfort[shown], TOP), color=BLACK, linewidth=1.0, label="felt")
    _mark_hold(panel, course)


def _mark_hold(panel: "Axes", course: Course) -> None:
    assert course.began is not None
    end_s = (course.left - course.began) * PERIOD_S
    panel.axvline(0.0, color=GREY, linewidth=1.0, linestyle="--", label="hold begins, ends")
    panel.axvline(end_s, color=GREY, linewidth=1.0, linestyle="--")


def _draw_shares(panel: "Axes", shares: Floats) -> None:
    worst = np.sort(shares)[: max(round(WORST * len(shares)), 1)].mean()
    counts, edges = np.histogram(shares, BINS, (0.0, 1.0))
    panel.bar(edges[:-1], counts / max(len(shares), 1), width=1 / BINS, align="edge", color=GREY, edgecolor=BLACK)
    panel.axvline(float(shares.mean()), color=ORANGE, linewidth=2.0, label="mean of all people")
    panel.annotate(
        f"mean {shares.mean():.2f}, worst tenth {worst:.2f}",
        (0.0, 1.0),
        xycoords="axes fraction",
        ha="left",
        va="bottom",
        fontsize="small",
    )


def _shown(course: Course) -> slice:
    assert course.began is not None
    first = max(course.began - round(BEFORE_S / PERIOD_S), 0)
    return slice(first, course.left + round(AFTER_S / PERIOD_S), EVERY)


def _seconds(course: Course) -> Floats:
    assert course.began is not None
    shown = np.arange(len(course.force_n))[_shown(course)]
    return np.asarray((shown - course.began) * PERIOD_S, dtype=np.float64)


def _share(one: Tried, name: str) -> float | None:
    return one.arms[name].in_band
