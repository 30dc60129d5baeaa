"""Tells the person why the force limit on the gauge has moved."""

from protocols.history import LIMIT_OVER_FIVE
from protocols.session import Session

SETTLED_NS = 500_000_000
"""A limit that comes down with the force is told once it has stood this long."""

CHANGE_N = 0.5
"""Less is not seen on a gauge in whole newtons."""


class LimitWatch:
    """Looks at every state, and puts each change of the force limit into one line."""

    def __init__(self) -> None:
        self._told_n: float | None = None
        self._limit_n = 0.0
        self._since_ns = 0

    def see(self, session: Session) -> str | None:
        """Return what to tell of the limit now, or None. The first limit of a session is no change."""
        if session.tool is None or session.ended:
            return None
        limit_n = session.guard.limit_n
        if self._told_n is None:
            self._told_n = limit_n
        if limit_n != self._limit_n:
            self._limit_n, self._since_ns = limit_n, session.now_ns
        told_n = self._told_n
        if abs(limit_n - told_n) < CHANGE_N or session.now_ns - self._since_ns < SETTLED_NS:
            return None
        self._told_n = limit_n
        return _words(session, limit_n, told_n)


def _words(session: Session, limit_n: float, before_n: float) -> str:
    now = f"The force limit is now {limit_n:.0f} N"
    found_n = session.found_limit_n
    if limit_n >= session.cap_n - CHANGE_N:
        return f"{now}, the most that is allowed here."
    if found_n is None:
        return f"{now}: your answer says that you bear {'more' if limit_n > before_n else 'less'} than expected."
    if round(limit_n) > round(found_n):
        return f"{now}; it comes down to {found_n:.0f} N as you ease off, or by the next hold."
    return f"{now}: {LIMIT_OVER_FIVE:g} times the force at your 5."
