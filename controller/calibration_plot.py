"""Whether the engine was right about how sure it was, as two squares: shares believed against shares that were so."""

from typing import TYPE_CHECKING, Any

from controller.png_file import BLACK, BLUE, GREEN, GREY
from controller.trial_table import NAMES
from simulator.trial.measures import EIGHTY_PERCENT, INTERVALS
from simulator.trial.one_person import ENGINE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDEST = 200.0
"""The area of the point that stands for the most time, square points."""

EIGHTY = INTERVALS[EIGHTY_PERCENT]
WANTED = (0.75, 0.85)
"""Between these the truth should lie in an 80 % interval."""


def draw_chances(panel: "Axes", figures: dict[str, Any]) -> None:
    """Draw the believed chance of being in band against how often that was so; a point is as large as its time."""
    tenths = figures["calibration"]
    most_s = max(tenth["seconds"] for tenth in tenths)
    panel.scatter(
        [tenth["believed"] for tenth in tenths],
        [tenth["true"] for tenth in tenths],
        s=[WIDEST * tenth["seconds"] / most_s for tenth in tenths],
        color=BLUE,
        edgecolor=BLACK,
        alpha=0.7,
        clip_on=False,
    )
    _square(panel, "believed chance of being in band", "share in band", "how sure it was of the band")


def draw_intervals(panel: "Axes", figures: dict[str, Any]) -> None:
    """Draw how much of the truth an interval should hold against how much it held."""
    pairs = figures["intervals"]
    low, high = (round(100 * share) for share in WANTED)
    panel.vlines(EIGHTY, *WANTED, color=GREEN, linewidth=8, alpha=0.4, label=f"wanted: {low}-{high} %")
    panel.legend(loc="upper left", fontsize="small", frameon=False)
    panel.plot([pair["believed"] for pair in pairs], [pair["true"] for pair in pairs], "o-", color=BLUE)
    panel.annotate(
        f"80 % interval: {100 * figures['covered_80']:.0f} %",
        (1.0, 0.0),
        xycoords="axes fraction",
        ha="right",
        va="bottom",
        fontsize="small",
    )
    _square(panel, "share an interval should hold", "share it held", "how much its intervals held")


def _square(panel: "Axes", across: str, up: str, title: str) -> None:
    panel.set_title(f"{NAMES[ENGINE]}: {title}, all people", fontsize="medium", loc="left", pad=14)
    panel.axline((0.0, 0.0), slope=1.0, color=GREY, linewidth=1.0, linestyle="--")
    panel.set_xlim(0.0, 1.0)
    panel.set_ylim(0.0, 1.0)
    panel.set_aspect("equal")
    panel.set_xlabel(across)
    panel.set_ylabel(up)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
