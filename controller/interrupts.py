"""Ctrl-C and requests to terminate, as events of the session."""

import asyncio
import signal
import sys
from typing import Any, Self

from controller.clock import Clock
from controller.runtime import Runtime
from protocols.events import StopRequested


class Interrupts:
    """Ctrl-C and a request to terminate: the first ends the session in order, the second at once.

    A terminal that is gone asks to terminate. `by`: who interrupted last; empty while nobody has.
    """

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime, self._clock = runtime, clock
        self._task: asyncio.Task[Any] | None = None
        self.by = ""

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            loop.add_signal_handler(signal.SIGINT, self._interrupt, "ctrl-c")
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._interrupt, "terminated")
        return self

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _interrupt(self, by: str) -> None:
        is_second = bool(self.by)
        self.by = by
        if is_second and self._task is not None:
            self._task.cancel()
            return
        self._runtime.post(StopRequested(self._clock.now_ns(), by))
