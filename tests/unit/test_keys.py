"""Keys as events: every key that stops does, whatever comes with it, and 10 can be typed."""

import asyncio
import os
import pty
import sys
from functools import partial

import pytest

from controller.keys import SECOND_DIGIT_S, Keys
from protocols.events import Answered, Event, StopRequested
from simulator.virtual_time import VirtualTimeLoop

SECOND = 1_000_000_000


async def read(monkeypatch: pytest.MonkeyPatch, text: bytes) -> list[Event]:
    """Return what is posted when a terminal gives `text` at once."""
    ours, theirs = pty.openpty()
    posted: list[Event] = []
    try:
        with os.fdopen(theirs) as terminal:
            monkeypatch.setattr(sys, "stdin", terminal)
            with Keys(posted.append, lambda: 7) as keys:
                os.write(ours, text)
                await asyncio.sleep(0)
                keys._read()
    finally:
        os.close(ours)
    return posted


@pytest.mark.parametrize("text", [b"\x1b", b"\x1b\x1b", b"\x1b ", b"\x1bq", b"\x1b[A ", b"q\x1b[A"])
async def test_a_key_that_stops_does_so_whatever_comes_with_it(monkeypatch, text):
    posted = await read(monkeypatch, text)
    assert posted
    assert set(posted) == {StopRequested(7, "person")}


@pytest.mark.parametrize("text", [b"\x1b[A", b"\x1bOP", b"\x1b[15~", b"\x1b[1;5C\x1b[B"])
async def test_an_arrow_or_function_key_does_nothing(monkeypatch, text):
    assert await read(monkeypatch, text) == []


def pressed(*keys: tuple[float, str], leave_s: float = 5.0) -> list[Event]:
    """Return what is posted when keys are pressed, each so many seconds after the one before."""
    posted: list[Event] = []

    async def typing() -> None:
        loop = asyncio.get_running_loop()
        taken = Keys(posted.append, lambda: round(loop.time() * SECOND))
        for after_s, key in keys:
            await asyncio.sleep(after_s)
            taken.press(key)
        await asyncio.sleep(leave_s)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(typing())
    return posted


answered = partial(Answered, via="keys")


def test_one_then_nought_is_ten():
    assert pressed((1.0, "1"), (0.5, "0")) == [answered(SECOND * 3 // 2, SECOND, 10)]


def test_a_one_alone_is_one_when_no_nought_has_come():
    at_ns = round((1.0 + SECOND_DIGIT_S) * SECOND)
    assert pressed((1.0, "1")) == [answered(at_ns, SECOND, 1)]
    assert pressed((1.0, "1"), (1.0, "0")) == [answered(at_ns, SECOND, 1), answered(2 * SECOND, 2 * SECOND, 0)]


def test_another_key_lets_a_one_go_first():
    at_ns = SECOND * 3 // 2
    assert pressed((1.0, "1"), (0.5, "q")) == [answered(at_ns, SECOND, 1), StopRequested(at_ns, "person")]
    assert pressed((1.0, "1"), (0.5, "1"), (0.5, "0")) == [
        answered(at_ns, SECOND, 1),
        answered(2 * SECOND, at_ns, 10),
    ]
