"""A `holdwell` process at a terminal of its own, as a person has it."""

import os
import pty
import subprocess
import termios
import threading
from pathlib import Path
from typing import Any, Self

from tests.command_line import HOLDWELL, LONGEST_S


class AtTerminal:
    """Runs one command whose input and output are a terminal; `said` is all that it showed."""

    def __init__(self, data: Path, *arguments: object) -> None:
        self._ours, self._theirs = pty.openpty()
        self.before = self.modes
        self._shown: list[bytes] = []
        self._process = subprocess.Popen(
            [HOLDWELL, *map(str, arguments)],
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={**os.environ, "HOLDWELL_DATA": str(data), "COLUMNS": "100", "TERM": "xterm"},
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
        self._reader.join()
        os.close(self._ours)

    @property
    def modes(self) -> list[Any]:
        """How the terminal is set: whether it echoes, reads by the line, and the like."""
        return termios.tcgetattr(self._theirs)

    @property
    def said(self) -> str:
        return b"".join(self._shown).decode(errors="replace")

    def code(self) -> int:
        return self._process.wait(LONGEST_S)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 4096)
            except OSError:
                return
            if not data:
                return
            self._shown.append(data)
