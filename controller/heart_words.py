"""What was measured of the heart, in words."""

from typing import Any


def heart_lines(heart: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Return a line for the rest before and one for that after; none without a wearable."""
    if heart is None:
        return []
    return [(f"heart {when}", _words(heart[when])) for when in ("before", "after")]


def _words(rest: dict[str, Any]) -> str:
    if rest["rate"] is None:
        return "not heard"
    rate = f"{rest['rate']:.0f} a minute"
    if rest["rmssd_ms"] is None:
        return f"{rate}, no RMSSD: {rest['why']}"
    return f"{rate}, RMSSD {rest['rmssd_ms']:.0f} ms from {rest['intervals']} beats"
