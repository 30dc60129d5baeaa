"""Pictures as PNG files.

Colours are those of Okabe and Ito, which colour-blind people tell apart; nothing is told by colour alone.
"""

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from controller.errors import UsageError
from controller.whole_file import check_writable, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIX = ".png"
OPTION = "--plot"
DOTS_PER_INCH = 120

BLACK, BLUE, GREEN, ORANGE, GREY = "#000000", "#0072B2", "#009E73", "#D55E00", "#BBBBBB"


def check_png(path: Path) -> None:
    """Raise UsageError unless a picture can be named so, JournalError unless it can be written there."""
    if path.suffix.lower() != SUFFIX:
        raise UsageError(f"{OPTION}: {path} does not end with {SUFFIX}; name a file such as hold{SUFFIX}")
    check_writable(path, OPTION)


def write_png(path: Path, inches: tuple[float, float], draw: "Callable[[Figure], None]") -> None:
    """Write what `draw` draws, of this width and height. Raises UsageError, JournalError.

    matplotlib is imported here, for it takes as long as a whole other command.
    """
    # What it has to say of fonts and caches is nothing that the person could use.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    try:
        import matplotlib as mpl  # noqa: PLC0415 - see above
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"{OPTION} needs matplotlib: install it with `pip install matplotlib`") from error
    except ValueError as error:  # of a setting in the environment
        raise UsageError(f"{OPTION}: matplotlib cannot be loaded: {error}") from error
    drawn = io.BytesIO()
    with mpl.rc_context():
        mpl.rcdefaults()
        figure = Figure(inches, DOTS_PER_INCH, layout="constrained")
        figure.set_canvas(FigureCanvasAgg(figure))
        draw(figure)
        figure.savefig(drawn, format="png")
    write_whole(path, [drawn.getvalue()], OPTION)
