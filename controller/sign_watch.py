"""Notices a load cell that reads a push as a pull, so that nothing would ever count as contact."""

from collections.abc import Callable
from typing import Final

from protocols.commands import Command, Phase
from protocols.session import Session

PULLED_N: Final = -5.0
LONG_NS: Final = 1_000_000_000
"""A zero that drifts, or was set with the tool in the hand, is not as far off for as long. A design choice."""


class SignWatch:
    """A channel that says once what to do when the force stays negative before the first contact."""

    def __init__(self, notice: Callable[[str], None], address: str) -> None:
        self._notice, self._address = notice, address
        self._since_ns: int | None = None
        self._has_told = False

    def give(self, command: Command, at_ns: int) -> None:
        """Need no command."""

    def see(self, session: Session) -> None:
        """Look at the force."""
        if session.phase is not Phase.CONTACT or session.contact.force_n > PULLED_N:
            self._since_ns = None
            return
        since_ns = self._since_ns = session.now_ns if self._since_ns is None else self._since_ns
        if not self._has_told and session.now_ns - since_ns >= LONG_NS:
            self._has_told = True
            self._notice(
                f"It reads {session.contact.force_n:.0f} N: if you are pressing, it measures the other way round. "
                f"End this, then: holdwell tool set {self._address} --invert"
            )
