"""Notices that the Bluetooth controller itself is gone: then no tool will ever come back."""

from collections.abc import Callable, Iterable

from protocols.events import Event, ToolFailed

LET_GO_NS = 5_000_000_000
"""How long the person is told to let go, by the lost link, before the session ends for want of a radio."""


class RadioWatch:
    """A source of one event. `is_available`: whether the controller still answers; `name`: how it was asked for."""

    def __init__(self, is_available: Callable[[], bool], name: str) -> None:
        self._is_available, self._name = is_available, name
        self._gone_ns: int | None = None
        self._is_told = False

    def events(self, now_ns: int) -> Iterable[Event]:
        """Return the tool's failure, once, some seconds after the controller was last seen."""
        if self._is_told or self._is_available():
            return ()
        self._gone_ns = now_ns if self._gone_ns is None else self._gone_ns
        if now_ns - self._gone_ns < LET_GO_NS:
            return ()
        self._is_told = True
        return (ToolFailed(now_ns, f"the Bluetooth controller {self._name} is gone; start it again first"),)
