"""What the runtime talks to: channels that carry commands to people, and sources of what people say."""

from collections.abc import Callable, Iterable
from typing import Protocol

from protocols.commands import Command
from protocols.events import Event
from protocols.session import Session

Post = Callable[[Event], None]
"""Puts an event into the runtime's inbox; never blocks, never raises."""


class Channel(Protocol):
    """Something that tells the person: a display, a voice, a watch, or a simulated person's eyes and ears."""

    def give(self, command: Command, at_ns: int) -> None:
        """Carry out a command. Must return at once; what it raises is logged and disturbs nobody."""

    def see(self, session: Session) -> None:
        """Look at the state after a step."""


class Source(Protocol):
    """Something that is asked for events at every tick, such as a simulated person's replies."""

    def events(self, now_ns: int) -> Iterable[Event]:
        """Return what has happened by now."""
