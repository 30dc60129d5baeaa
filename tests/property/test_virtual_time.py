import asyncio

from hypothesis import given
from hypothesis import strategies as st

from simulator.virtual_time import VirtualTimeLoop, run_virtual

NANOSECONDS = st.integers(0, 10**15)


def now_ns() -> int:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    return loop.time_ns()


@given(st.lists(NANOSECONDS, min_size=1, max_size=30))
def test_timers_fire_in_order_at_their_exact_nanosecond(due_ns: list[int]):
    async def main() -> list[tuple[int, int]]:
        fired: list[tuple[int, int]] = []
        loop = asyncio.get_running_loop()
        for at_ns in due_ns:
            loop.call_at(at_ns / 1e9, lambda at_ns=at_ns: fired.append((at_ns, now_ns())))
        await asyncio.sleep(2e6)
        return fired

    assert run_virtual(main) == [(at_ns, at_ns) for at_ns in sorted(due_ns)]


@given(st.floats(0, 1e5), st.lists(st.floats(1e-12, 1e3), min_size=1, max_size=20))
def test_a_loop_that_waits_for_a_deadline_ends_at_it(start_s: float, pauses_s: list[float]):
    async def main() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(start_s)
        for pause_s in pauses_s:
            deadline = loop.time() + pause_s
            rounds = 0
            while loop.time() < deadline:
                await asyncio.sleep(deadline - loop.time())
                rounds += 1
            assert rounds <= 2
            assert loop.time() - deadline < 2e-9

    run_virtual(main)
