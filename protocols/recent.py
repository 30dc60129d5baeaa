"""The felt forces of the last seconds, (time, newtons) in order: answers refer to what was felt before them."""

from typing import Final

MEMORY_NS: Final = 5_000_000_000
"""How far back an answer may refer."""

Recent = tuple[tuple[int, float], ...]


def kept(recent: Recent, now_ns: int) -> Recent:
    """Return what is still to be remembered."""
    oldest_ns = now_ns - MEMORY_NS
    if recent and recent[0][0] < oldest_ns:
        return tuple([old for old in recent if old[0] >= oldest_ns])
    return recent


def felt_at(recent: Recent, now_n: float, at_ns: int) -> float:
    """Return the felt force at an instant, newtons: the oldest known if it is further back, `now_n` if it is later."""
    later_ns, later_n = None, now_n
    for before_ns, before_n in reversed(recent):
        if before_ns <= at_ns:
            if later_ns is None:
                return before_n
            return before_n + (later_n - before_n) * (at_ns - before_ns) / (later_ns - before_ns)
        later_ns, later_n = before_ns, before_n
    return later_n


def most_n(recent: Recent, now_n: float, since_ns: int | None, until_ns: int) -> float:
    """Return the highest felt force between two instants, newtons; 0 if the second one is before the first.

    `since_ns` None: from the first one known on.
    """
    if since_ns is not None and until_ns < since_ns:
        return 0.0
    highest_n = felt_at(recent, now_n, until_ns)
    for at_ns, felt_n in recent:
        if (since_ns is None or since_ns <= at_ns) and at_ns <= until_ns and felt_n > highest_n:
            highest_n = felt_n
    return highest_n
