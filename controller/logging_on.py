"""Says that a session is over whose force is logged on all the same."""

from collections.abc import Callable

from controller.words import reason_words
from protocols.commands import TOO_COARSE, Command, EndSession
from protocols.session import Session


class LoggingOn:
    """A channel that tells the end of the session, while force still comes."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        self._notice = notice

    def give(self, command: Command, at_ns: int) -> None:  # noqa: ARG002 - a channel's signature
        """Say why the session is over, and what goes on."""
        if isinstance(command, EndSession):
            logged = "Force is logged on" if command.reason == TOO_COARSE else "The recording is logged to its end"
            self._notice(f"Over: {reason_words(command.reason)}. {logged}; q or Ctrl-C ends that.")

    def see(self, session: Session) -> None:
        """Need nothing of the state."""
