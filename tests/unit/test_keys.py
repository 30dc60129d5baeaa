"""Keys as events: every key that stops does, whatever comes with it, and 10 can be typed."""

import asyncio
import errno
import os
import pty
import sys
import termios
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace

import pytest

from controller.keys import SECOND_DIGIT_S, SEQUENCE_S, Keys
from protocols.events import Answered, Event, StopRequested, Symptom, SymptomReported
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


@pytest.mark.parametrize(
    "text", [b"\x1b[A", b"\x1bOP", b"\x1b[15~", b"\x1b[1;5C\x1b[B", *(b"\x1b[[%c" % each for each in b"ABCDE")]
)
async def test_an_arrow_or_function_key_does_nothing(monkeypatch, text):
    assert await read(monkeypatch, text) == []


def typed(monkeypatch: pytest.MonkeyPatch, *chunks: tuple[float, bytes]) -> list[Event]:
    """Return what is posted when a terminal gives these, each so many seconds after the one before."""
    posted: list[Event] = []
    given = iter([data for _, data in chunks])
    monkeypatch.setattr(os, "read", lambda *_: next(given))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: 0))

    async def typing() -> None:
        loop = asyncio.get_running_loop()
        keys = Keys(posted.append, lambda: round(loop.time() * SECOND))
        for after_s, _ in chunks:
            await asyncio.sleep(after_s)
            keys._read()
        await asyncio.sleep(5)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(typing())
    return posted


@pytest.mark.parametrize(
    "parts",
    [
        (b"\x1b", b"[A"),
        (b"\x1b[", b"A"),
        (b"\x1bO", b"P"),
        (b"\x1b[1", b"5~"),
        (b"\x1b[[", b"E"),
        (b"\x1b", b"[", b"[C"),
    ],
)
def test_an_arrow_or_function_key_that_comes_in_parts_does_nothing(
    monkeypatch: pytest.MonkeyPatch, parts: Sequence[bytes]
):
    assert typed(monkeypatch, *((0.02, part) for part in parts)) == []


@pytest.mark.parametrize("text", [b"\x1b", b"\x1b[", b"\x1bO"])
def test_an_escape_alone_stops_promptly_and_once(monkeypatch, text):
    at_ns = round((1.0 + SEQUENCE_S) * SECOND)
    assert at_ns <= 1.05 * SECOND
    assert typed(monkeypatch, (1.0, text)) == [StopRequested(at_ns, "person")]


def test_escapes_apart_are_as_many_stops(monkeypatch):
    posted = typed(monkeypatch, (1.0, b"\x1b"), (0.5, b"\x1b"))
    assert posted == [StopRequested(round((at_s + SEQUENCE_S) * SECOND), "person") for at_s in (1.0, 1.5)]


@pytest.mark.parametrize("text", [b"\x1bq", b"\x1b ", b"\x1b\x1b[A"])
def test_a_key_with_alt_is_one_stop_at_most(monkeypatch, text):
    assert typed(monkeypatch, (1.0, text)) == [StopRequested(SECOND, "person")]


def test_what_comes_with_an_escape_is_not_lost(monkeypatch):
    assert typed(monkeypatch, (1.0, b"\x1bs")) == [
        StopRequested(SECOND, "person"),
        SymptomReported(SECOND, Symptom.OTHER),
    ]


async def hung_up(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Return what is posted when the terminal goes away while keys are read."""
    ours, theirs = pty.openpty()
    posted: list[Event] = []
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with Keys(posted.append, lambda: 7):
            os.close(ours)
            for _ in range(10):
                await asyncio.sleep(0)
            with pytest.raises(termios.error):
                termios.tcgetattr(terminal)
            assert not asyncio.get_running_loop().remove_reader(terminal.fileno()), "read again and again for ever"
    return posted


async def test_a_terminal_that_is_gone_ends_the_session_and_fails_nobody(monkeypatch):
    assert await hung_up(monkeypatch) == [StopRequested(7, "terminated")]


def unreadable(*_: object) -> bytes:
    raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("read", [lambda *_: b"", unreadable])
async def test_a_terminal_with_nothing_more_to_read_ends_the_session(monkeypatch, read):
    posted: list[Event] = []
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: 0))
        patch.setattr(os, "read", read)
        Keys(posted.append, lambda: 7)._read()
    assert posted == [StopRequested(7, "terminated")]


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
    assert pressed((1.0, "1"), (3.1, "0")) == [
        answered(at_ns, SECOND, 1),
        answered(SECOND * 41 // 10, SECOND * 41 // 10, 0),
    ]


@pytest.mark.parametrize("between", ["", "x", "\r"])
def test_a_nought_that_comes_late_still_makes_the_one_a_ten(between):
    posted = pressed((1.0, "1"), (1.0, between), (1.5, "0"))
    assert [each for each in posted if isinstance(each, Answered)] == [
        answered(round((1.0 + SECOND_DIGIT_S) * SECOND), SECOND, 1),
        answered(SECOND * 7 // 2, SECOND, 10),
    ]


@pytest.mark.parametrize("keys", ["150", "100"])
def test_a_nought_after_another_number_is_nought(keys):
    *_, last = pressed(*((0.5, key) for key in keys))
    assert last == answered(SECOND * 3 // 2, SECOND * 3 // 2, 0)


def test_another_key_lets_a_one_go_first():
    at_ns = SECOND * 3 // 2
    assert pressed((1.0, "1"), (0.5, "q")) == [answered(at_ns, SECOND, 1), StopRequested(at_ns, "person")]
    assert pressed((1.0, "1"), (0.5, "1"), (0.5, "0")) == [
        answered(at_ns, SECOND, 1),
        answered(2 * SECOND, at_ns, 10),
    ]
