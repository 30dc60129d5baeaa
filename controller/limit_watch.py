"""Tells the person where the force limit goes, and why."""

from protocols.history import LIMIT_OVER_FIVE
from protocols.session import Session
from protocols.turn import GUIDED

SETTLED_NS = 500_000_000
"""A limit is told once it has stood this long."""

CHANGE_N = 0.5
"""Less is not seen on a gauge in whole newtons."""


class LimitWatch:
    """Looks at every state, and puts each change of where the force limit goes into one line."""

    def __init__(self) -> None:
        self._told_n: float | None = None
        self._goal_n = 0.0
        self._since_ns = 0

    def see(self, session: Session) -> str | None:
        """Return what to tell of the limit now, or None. The first limit of a session is no change."""
        if session.tool is None or session.phase not in GUIDED:
            return None
        limit_n = session.guard.limit_n
        # A lower one comes into force as the person eases off, or with the next contact: told once, when it is known.
        goal_n = limit_n if session.found_limit_n is None else min(limit_n, session.found_limit_n)
        if self._told_n is None:
            self._told_n = goal_n
        if goal_n != self._goal_n:
            self._goal_n, self._since_ns = goal_n, session.now_ns
        told_n = self._told_n
        if abs(goal_n - told_n) < CHANGE_N or session.now_ns - self._since_ns < SETTLED_NS:
            return None
        self._told_n = goal_n
        return None if round(goal_n) == round(told_n) else _words(session, goal_n, told_n)


def _words(session: Session, goal_n: float, before_n: float) -> str:
    if round(session.guard.limit_n) > round(goal_n):
        return f"The force limit comes down to {goal_n:.0f} N as you ease off."
    now = f"The force limit is {'up' if goal_n > before_n else 'down'} to {goal_n:.0f} N"
    if goal_n >= session.cap_n - CHANGE_N:
        return f"{now}, the most that is allowed here."
    if session.found_limit_n is None:
        return f"{now}: your answer says that you bear {'more' if goal_n > before_n else 'less'} than expected."
    return f"{now}: {LIMIT_OVER_FIVE:g} times the force at your 5."
