"""The gauge: one bar from nothing to the force limit, with the band, the force now, and the limit."""

from rich.text import Text

from protocols.commands import Phase
from protocols.guard import STALE_NS
from protocols.session import Session
from protocols.turn import GUIDED

HEADROOM = 1.05
SHORTEST = 10


def gauge(session: Session, width: int) -> tuple[Text, Text]:
    """Return the bar and, under it, the band in numbers; each fills one line of `width` columns."""
    force_n, limit_n = session.force_n, session.guard.limit_n
    seen = is_fresh(session)
    before, after = f"{newtons(force_n) if seen else '-':>6} N ", f" max {limit_n:.0f} N"
    columns = max(width - len(before) - len(after), SHORTEST)
    top_n = max(limit_n, force_n, 1.0) * HEADROOM

    def column(at_n: float) -> int:
        return round(min(max(at_n, 0.0) / top_n, 1.0) * (columns - 1))

    bar = Text(before, no_wrap=True, overflow="crop")
    now, limit = column(force_n), column(limit_n)
    guided = session.phase in GUIDED
    low, high = column(session.pacing.low_n), column(session.pacing.high_n)
    for i in range(columns):
        if seen and i == now:
            bar.append("█", style="bold")
        elif guided and low <= i <= high:
            bar.append("▒", style="green")
        elif i == limit:
            bar.append("|", style="red")
        else:
            bar.append("━" if seen and i < now else "─", style="dim")
    bar.append(after)
    under = " " * len(before) + band_words(session) if guided else ""
    return bar, Text(under, style="green", no_wrap=True, overflow="ellipsis")


def band_words(session: Session) -> str:
    """Return the band that the session shows now, in newtons."""
    pacing, band = session.pacing, session.dose.band
    what = f"your {band.low}-{band.high}" if session.phase is Phase.HOLD else "stay within"
    return f"{what}: {newtons(pacing.low_n)} to {newtons(pacing.high_n)} N"


def is_fresh(session: Session) -> bool:
    """Return whether the newest sample still says what the force is now."""
    newest_ns = session.contact.last_ns
    return newest_ns is not None and session.now_ns - newest_ns < STALE_NS


def newtons(force_n: float) -> str:
    """Return a force with one decimal, never -0.0."""
    return f"{round(force_n, 1) + 0.0:.1f}"
