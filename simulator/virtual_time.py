"""An asyncio event loop whose clock jumps to the next timer instead of waiting for it.

When nothing is ready, the time becomes that of the earliest timer, so a 90 s hold takes as long as its
computation. The clock counts integer nanoseconds from 0: `sleep(0.05)` done 20 times ends at exactly 1 s, and
the same program sees the same times in every run.

Work in executor threads (`asyncio.to_thread`) takes no virtual time: the clock stands still until it is done.
Sockets, pipes and child processes do not work, since nobody can say how much virtual time a peer outside
needs. When nothing is ready, no timer runs and no thread works, the program can never go on: DeadlockError
names the tasks that wait.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

NS_PER_S = 1_000_000_000
POLL_EVERY = 64
"""Rounds of the loop between two looks at the operating system, which only signals and threads need; a look
costs as much as the rest of a round."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class VirtualTimeError(RuntimeError):
    """Something that cannot be done on virtual time."""


class DeadlockError(VirtualTimeError):
    """Every task waits and nothing will ever wake one."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time; hand the class itself to whatever takes a loop factory."""

    _clock_resolution: float

    def __init__(self) -> None:
        self._now_ns = 0
        self._threads_at_work = 0
        super().__init__(_JumpingSelector(self._idle))
        # asyncio fires timers up to this much early; half a step keeps neighbouring nanoseconds apart.
        self._clock_resolution = 0.5 / NS_PER_S

    def time(self) -> float:
        """Return the virtual time in seconds; it starts at 0."""
        return self._now_ns / NS_PER_S

    def time_ns(self) -> int:
        """Return the virtual time in nanoseconds."""
        return self._now_ns

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Schedule `callback` at the nanosecond nearest to `when`; never now when `when` is still to come.

        Otherwise a loop that waits for `time() >= deadline` would spin once less than half a nanosecond is
        left.
        """
        at_ns = round(when * NS_PER_S)
        if at_ns == self._now_ns and when > self.time():
            at_ns += 1
        return super().call_at(at_ns / NS_PER_S, callback, *args, context=context)

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Run `func` in a thread while the clock stands still."""
        future = super().run_in_executor(executor, func, *args)
        self._threads_at_work += 1
        future.add_done_callback(self._thread_done)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 (asyncio's name)
        """Wait for the executor's threads, in no virtual time; `timeout` therefore never passes."""
        del timeout
        self._threads_at_work += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self._threads_at_work -= 1

    def _thread_done(self, _future: asyncio.Future[Any]) -> None:
        self._threads_at_work -= 1

    def _idle(self, timeout: float | None) -> bool:
        """Nothing is ready: jump by `timeout` and return False; True if a thread must be waited for."""
        if self._threads_at_work:
            return True
        if timeout is None:
            waiting = sorted(task.get_name() for task in asyncio.all_tasks(self))
            raise DeadlockError(f"nothing is ready, no timer runs; these wait for ever: {', '.join(waiting)}")
        self._now_ns += round(timeout * NS_PER_S)
        return False


def run_virtual(main: Coroutine[Any, Any, T] | Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine, or a function that makes one, on virtual time from 0 and return its result.

    Raises DeadlockError when it can never finish, and whatever it raises itself.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main() if callable(main) else main)


class _JumpingSelector(selectors.BaseSelector):
    """A selector that asks the loop how to wait instead of waiting; it serves the loop's own wake-up pipe."""

    def __init__(self, idle: Callable[[float | None], bool]) -> None:
        self._idle = idle
        self._real = selectors.DefaultSelector()
        self._rounds = 0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        if self._real.get_map():
            raise VirtualTimeError("sockets and pipes do not work on virtual time; use a loop on real time")
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._rounds += 1
        if timeout == 0:
            return self._real.select(0) if self._rounds % POLL_EVERY == 0 else []
        woken = self._real.select(0)
        if woken:
            return woken
        return self._real.select(None) if self._idle(timeout) else []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()
