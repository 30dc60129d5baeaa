"""Says that a session is over whose recording is logged to its end all the same."""

from collections.abc import Callable

from controller.words import reason_words
from protocols.commands import Command, EndSession
from protocols.session import Session


class LoggingOn:
    """A channel that tells the end of the session, while force still comes."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice

    def give(self, command: Command, at_ns: int) -> None:  # noqa: ARG002 - a channel's signature
        """Say why the session is over, and what goes on."""
        if isinstance(command, EndSession):
            why = reason_words(command.reason)
            self._notice(f"Over: {why}. The recording is logged to its end; q or Ctrl-C ends that.")

    def see(self, session: Session) -> None:
        """Need nothing of the state."""
