"""How a finger presses the tool's button: the edges of a short, a double and a long press."""

from typing import assert_never

from protocols.events import Press

SHORT_NS = 120_000_000
SECOND_AFTER_NS = 250_000_000
LONG_NS = 950_000_000
"""Within the profile's limits of 350 ms for a second press and 800 ms for a long one. Design choices."""


def held_ns(press: Press) -> int:
    """Return how long it takes from the first press-down to the last release."""
    match press:
        case Press.SHORT:
            return SHORT_NS
        case Press.DOUBLE:
            return SECOND_AFTER_NS + SHORT_NS
        case Press.LONG:
            return LONG_NS
        case _:
            assert_never(press)


def edges_of(press: Press, at_ns: int) -> list[tuple[int, bool]]:
    """Return (time, is down) of every edge of a press that begins at `at_ns`."""
    edges = [(at_ns, True), (at_ns + held_ns(press), False)]
    if press is Press.DOUBLE:
        edges[1:1] = [(at_ns + SHORT_NS, False), (at_ns + SECOND_AFTER_NS, True)]
    return edges
