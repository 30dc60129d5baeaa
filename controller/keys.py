"""The keys of the terminal as events: 0-9 and t, a ten, are answers, Enter goes on, q, Escape and Space stop."""

import asyncio
import os
import re
import sys
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from controller.ports import Post
from protocols.events import Answered, StopRequested, Symptom, SymptomReported, WentOn

ESCAPE = "\x1b"
STOP = frozenset({"q", " ", ESCAPE})
GO_ON = frozenset("\r\ng")
TEN = "t"
SYMPTOM = "s"
ONE = "1"
NOUGHT = "0"

SECOND_DIGIT_S = 0.8
"""How long a 1 waits for the 0 that makes it a 10."""

LATE_DIGIT_NS = 3_000_000_000
"""How long after a 1 a 0 still makes it a 10: of the two that may be meant, the answer that lets go."""

SEQUENCE_S = 0.03
"""How long an Escape waits for the rest of an arrow or function key, which a slow line may bring apart."""

WIDE = 60
"""Columns for the whole of what the keys do."""

_SEQUENCE = re.compile(r"\x1b(?:\[\[[A-E]|[\[O][0-9;]*[A-Za-z~])")
_BEGUN = re.compile(r"\x1b(?:\[\[|[\[O][0-9;]*)?")
_STOP_WITH_ALT = re.compile(r"\x1b[q ]")


def help_lines(width: int, *, stop_may_go_on: bool) -> tuple[str, str]:
    """Return what the keys do, in two lines of `width` columns; `stop_may_go_on`: a stop is not yet the end."""
    if width < WIDE:
        return (f"q, Space, Esc: {'stop' if stop_may_go_on else 'end'}   s: unwell", "0-9, t for 10   Enter: I'm here")
    stop = "stop, again: end" if stop_may_go_on else "end"
    return (
        f"q, Space or Esc: {stop}   s: dizzy, numb or unwell",
        "0-9, t for 10: your answer   Enter: I'm here, go on",
    )


class Keys:
    """Reads single keys from the terminal while entered, and gives it back as it was.

    Where standard input is no terminal nothing is read. A terminal that is gone ends the session: nobody could stop it.
    """

    def __init__(self, post: Post, now_ns: Callable[[], int]) -> None:
        self._post, self._now_ns = post, now_ns
        self._before: list[Any] | None = None
        self._one_ns: int | None = None
        self._one: asyncio.TimerHandle | None = None
        self._begun = ""
        self._escape: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        if sys.stdin is not None and sys.stdin.isatty():
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._read)
            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin.fileno())
            _let_nothing_pause_output(sys.stdin.fileno())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            # A terminal that is gone cannot be given back.
            with suppress(OSError, termios.error):
                termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
            self._before = None
        self._post_escape()
        self._post_one()

    def press(self, key: str) -> None:
        """Take one key, on the running loop; a 1 waits for a 0, and one that comes later still makes it a 10."""
        now_ns = self._now_ns()
        one_ns = self._one_ns
        if key == NOUGHT and one_ns is not None and now_ns - one_ns <= LATE_DIGIT_NS:
            self._forget_one()
            self._post(Answered(now_ns, one_ns, 10, via="keys"))
            return
        self._post_one()
        if key == ONE:
            self._one_ns = now_ns
            self._one = asyncio.get_running_loop().call_later(SECOND_DIGIT_S, self._post_one)
        elif key.isdecimal() and key.isascii():
            self._one_ns = None
            self._post(Answered(now_ns, now_ns, int(key), via="keys"))
        elif key == TEN:
            self._post(Answered(now_ns, now_ns, 10, via="keys"))
        elif key in STOP:
            self._post(StopRequested(now_ns, "person"))
        elif key in GO_ON:
            self._post(WentOn(now_ns, via="keys"))
        elif key == SYMPTOM:
            self._post(SymptomReported(now_ns, Symptom.OTHER))

    def _read(self) -> None:
        terminal = sys.stdin.fileno()
        try:
            data = os.read(terminal, 64)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(terminal)
            self._post(StopRequested(self._now_ns(), "terminated"))
            return
        self._take(self._begun + data.decode(errors="ignore"))

    def _take(self, text: str) -> None:
        """Press the keys in a text. An arrow or function key begins with Escape too, and must not stop a hold."""
        self._wait_no_more()
        while text:
            if _BEGUN.fullmatch(text):
                self._begun = text
                self._escape = asyncio.get_running_loop().call_later(SEQUENCE_S, self._post_escape)
                return
            sequence = _SEQUENCE.match(text)
            if sequence is None:
                self.press(text[0])
                # A key with Alt comes as Escape and the key; two stops at once would be the end.
                sequence = _STOP_WITH_ALT.match(text)
            text = text[1:] if sequence is None else text[sequence.end() :]

    def _post_escape(self) -> None:
        if self._escape is not None:
            self._wait_no_more()
            self.press(ESCAPE)

    def _wait_no_more(self) -> None:
        if self._escape is not None:
            self._escape.cancel()
        self._escape, self._begun = None, ""

    def _post_one(self) -> None:
        if self._one is not None and self._one_ns is not None:
            self._one.cancel()
            self._one = None
            self._post(Answered(self._now_ns(), self._one_ns, 1, via="keys"))

    def _forget_one(self) -> None:
        if self._one is not None:
            self._one.cancel()
        self._one = self._one_ns = None


def _let_nothing_pause_output(terminal: int) -> None:
    # Ctrl-S would stop the display, and with it what is drawn from there.
    modes = termios.tcgetattr(terminal)
    modes[0] &= ~termios.IXON
    termios.tcsetattr(terminal, termios.TCSANOW, modes)
