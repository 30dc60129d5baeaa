"""The standard streams, made so that nothing that is printed or typed can break a command."""

import codecs
import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

_SIGNS = {
    "·": "-",
    "…": ".",
    "±": "~",
    "●": "o",
    "█": "#",
    "▒": "+",
    "━": "=",
    "─": "-",
    "═": "=",
    "│": "|",
    "┃": "|",
    "║": "|",
    "≤": "<",
    "≥": ">",
}
"""One sign for each, so that bars and tables keep their width."""

_CORNERS = range(0x2500, 0x2580)
_SPINNERS = range(0x2800, 0x2900)
_HANDLER = "holdwell-signs"


class OutputError(OSError):
    """Standard output cannot be written: its disk is full, its terminal is gone, or nobody reads it any more."""

    @property
    def is_unread(self) -> bool:
        """Whether who read it has had enough, as `head` has."""
        return self.errno == errno.EPIPE


def make_output_safe() -> None:
    """Let the standard streams write a plain sign for what their encoding does not have; a closed one swallows.

    From here on standard output raises OutputError, so that its trouble is told from that of any other file, and
    standard error swallows what it cannot write: nobody could be told.
    """
    codecs.register_error(_HANDLER, _plain_signs)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)
    if not isinstance(sys.stdout, _Output):
        sys.stdout = cast("TextIO", _Output(sys.stdout, _told_apart))
    if not isinstance(sys.stderr, _Output):
        sys.stderr = cast("TextIO", _Output(sys.stderr, _swallowed))
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def can_print(text: str) -> bool:
    """Return whether standard output can write every character of a text as it is."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def flush_output() -> None:
    """Write what still waits for standard output. Raises OutputError."""
    sys.stdout.flush()


def give_up_output() -> None:
    """Let nothing more be written to standard output, so that the interpreter does not fail on it at its end."""
    with suppress(OSError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class _Output:
    """A stream whose trouble, OSError, is somebody's to see to; otherwise the one it is made of."""

    def __init__(self, stream: TextIO, seen_to: Callable[[], AbstractContextManager[None]]) -> None:
        self._stream, self._seen_to = stream, seen_to

    def write(self, text: str) -> int:
        with self._seen_to():
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        with self._seen_to():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _told_apart() -> Iterator[None]:
    # A broken pipe too: rich would end the program on it, with the exit code of an error.
    try:
        yield
    except OSError as error:
        raise OutputError(error.errno, error.strerror) from error


def _swallowed() -> AbstractContextManager[None]:
    return suppress(OSError)


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(sign: str) -> str:
    if sign in _SIGNS:
        return _SIGNS[sign]
    if ord(sign) in _CORNERS:
        return "+"
    return "*" if ord(sign) in _SPINNERS else "?"
