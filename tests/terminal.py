"""A `holdwell` process at a terminal of its own, as a person has it."""

import os
import pty
import select
import subprocess
import sys
import termios
import threading
from pathlib import Path
from typing import Any, Self

from tests.command_line import HOLDWELL, LONGEST_S

IN_A_WINDOW = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes standard input the controlling terminal, as of what a window runs: its end is told by a signal too."""

LOOK_S = 0.05


class AtTerminal:
    """Runs one command whose input and output are a terminal; `said` is all that it showed.

    `in_window`: the terminal ends with the process, and tells the process when it is closed.
    """

    def __init__(self, data: Path, *arguments: object, in_window: bool = False) -> None:
        self._ours, self._theirs = pty.openpty()
        self.before = self.modes
        self._shown: list[bytes] = []
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._process = subprocess.Popen(
            [*((sys.executable, "-c", IN_A_WINDOW) if in_window else ()), HOLDWELL, *map(str, arguments)],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={
                **os.environ,
                "HOLDWELL_DATA": str(data),
                "TMPDIR": str(data),
                "COLUMNS": "100",
                "TERM": "xterm",
            },
            start_new_session=in_window,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._theirs)
        self.close()

    @property
    def modes(self) -> list[Any]:
        """How the terminal is set: whether it echoes, reads by the line, and the like."""
        return termios.tcgetattr(self._theirs)

    @property
    def said(self) -> str:
        return b"".join(self._shown).decode(errors="replace")

    def until(self, text: str) -> None:
        """Wait until it shows this."""
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.said, LONGEST_S), self.said

    def close(self) -> None:
        """Close the window: from here on there is no terminal."""
        if not self._closed.is_set():
            self._closed.set()
            self._reader.join()
            os.close(self._ours)

    def code(self) -> int:
        return self._process.wait(LONGEST_S)

    def _read(self) -> None:
        while not self._closed.is_set():
            # A read that waits would keep open what is closed meanwhile.
            if not select.select([self._ours], [], [], LOOK_S)[0]:
                continue
            try:
                data = os.read(self._ours, 4096)
            except OSError:
                return
            if not data:
                return
            with self._changed:
                self._shown.append(data)
                self._changed.notify_all()
