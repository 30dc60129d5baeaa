import asyncio
import socket
import threading

import pytest

from simulator.virtual_time import DeadlockError, VirtualTimeError, VirtualTimeLoop, run_virtual


def loop() -> VirtualTimeLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualTimeLoop)
    return running


def test_time_starts_at_zero_and_jumps_to_the_timer():
    async def main() -> tuple[float, float]:
        started = loop().time()
        await asyncio.sleep(3600.0)
        return started, loop().time()

    assert run_virtual(main) == (0.0, 3600.0)


def test_a_coroutine_is_taken_too():
    async def main() -> int:
        return 7

    assert run_virtual(main()) == 7


def test_many_short_sleeps_add_up_to_the_nanosecond():
    async def main() -> int:
        for _ in range(10_000):
            await asyncio.sleep(0.1)
        return loop().time_ns()

    assert run_virtual(main) == 1_000_000_000_000


def test_neighbouring_nanoseconds_stay_apart_and_in_order():
    async def main() -> list[int]:
        seen: list[int] = []
        base_ns = 86_400_000_000_000
        for offset_ns in (2, 0, 1):
            loop().call_at((base_ns + offset_ns) / 1e9, lambda: seen.append(loop().time_ns() - base_ns))
        await asyncio.sleep(86_401)
        return seen

    assert run_virtual(main) == [0, 1, 2]


def test_a_deadline_less_than_a_nanosecond_away_is_reached():
    async def main() -> int:
        deadline = 0.3 + 1e-16
        rounds = 0
        while loop().time() < deadline and rounds < 10:
            await asyncio.sleep(deadline - loop().time())
            rounds += 1
        return rounds

    assert run_virtual(main) <= 2


def test_waiting_for_ever_is_an_error_that_names_the_task():
    async def main() -> None:
        task = asyncio.create_task(asyncio.Event().wait(), name="the-one-that-waits")
        await task

    with pytest.raises(DeadlockError, match="the-one-that-waits"):
        run_virtual(main)


def test_the_clock_stands_still_while_a_thread_works():
    async def main() -> tuple[str, float]:
        gate = threading.Event()
        late = asyncio.create_task(asyncio.sleep(1000.0))
        work = asyncio.create_task(asyncio.to_thread(gate.wait, 10))
        await asyncio.sleep(0)
        threading.Timer(0.02, gate.set).start()
        assert await work
        at = loop().time()
        late.cancel()
        return threading.current_thread().name, at

    assert run_virtual(main)[1] == 0.0


def test_wait_for_times_out_on_virtual_time():
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 42.0)
        return loop().time()

    assert run_virtual(main) == 42.0


def test_sockets_are_refused():
    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs, pytest.raises(VirtualTimeError, match="sockets"):
            loop().add_reader(ours.fileno(), lambda: None)

    run_virtual(main)
