"""Says what to do about a load cell that reads a push as a pull."""

from collections.abc import Callable
from typing import Final

from protocols.commands import Command, EndSession
from protocols.session import Session

NEGATIVE: Final = "tared-under-load"
"""How a session ends whose force goes below zero: as if the zero had been set with something on the tool."""


class SignWatch:
    """A channel that tells, when the force went below zero, what else that means on a rig that somebody has built."""

    def __init__(self, notice: Callable[[str], None], address: str) -> None:
        self._notice, self._address = notice, address

    def give(self, command: Command, at_ns: int) -> None:  # noqa: ARG002 - a channel's signature
        """Look how it ended."""
        if isinstance(command, EndSession) and command.reason == NEGATIVE:
            self._notice(
                "The force went below zero. If that was when you pressed, this cell measures the other way round: "
                f"holdwell tool set {self._address} --invert"
            )

    def see(self, session: Session) -> None:
        """Need nothing of the state."""
