"""Whoever presses with a simulated tool."""

from typing import Protocol, runtime_checkable

from simulator.tool_output import Actuate


class ForceSource(Protocol):
    """A person, or what stands in for one. All times are host nanoseconds and increase from call to call."""

    def force_n(self, now_ns: int) -> float | None:
        """Return the force at the tip, newtons; None: there is no more."""

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        """Return presses and releases of the tool's button due by then, in order, each once."""

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        """Notice what the tool does."""


@runtime_checkable
class StreamFollower(Protocol):
    """A force source that begins with the first streamed sample, such as a recording."""

    def start(self, now_ns: int) -> None:
        """Begin: the first streamed sample is taken at this host time."""
