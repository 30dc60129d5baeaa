"""Ctrl-C and requests to terminate, as events of the session."""

import asyncio
import signal
import sys
from typing import Any

from controller.clock import Clock
from controller.runtime import Runtime
from protocols.events import StopRequested


class Interrupts:
    """Ctrl-C and a request to terminate: the first ends the session in order, the second at once."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._runtime, self._clock = runtime, clock
        self._task: asyncio.Task[Any] | None = None
        self._heard = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            loop.add_signal_handler(signal.SIGINT, self._interrupt, "ctrl-c")
            loop.add_signal_handler(signal.SIGTERM, self._interrupt, "terminated")

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        if sys.platform != "win32":
            loop.remove_signal_handler(signal.SIGINT)
            loop.remove_signal_handler(signal.SIGTERM)

    def _interrupt(self, by: str) -> None:
        if self._heard and self._task is not None:
            self._task.cancel()
            return
        self._heard = True
        self._runtime.post(StopRequested(self._clock.now_ns(), by))
