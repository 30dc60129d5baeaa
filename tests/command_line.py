"""The command line, called as a user or a script would: in this process where that is as good, else in its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.cli import main

HOLDWELL = Path(sys.executable).with_name("holdwell")
LONGEST_S = 60


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Here:
    """Runs `holdwell` in this process: the same entry point, a quarter of the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *arguments: object) -> Said:
        self._monkeypatch.setattr(sys, "argv", ["holdwell", *map(str, arguments)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = self._capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, captured.out, captured.err)


def holdwell(*arguments: object) -> Said:
    """Run `holdwell` in a process of its own, without a terminal."""
    done = subprocess.run(
        [HOLDWELL, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def started(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start `holdwell` and leave it running; whoever starts it ends it, by its own process id."""
    return subprocess.Popen(
        [HOLDWELL, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload] # passed on as they are
    )


def is_one_line(said: Said, code: int = 2) -> bool:
    """Return whether a command refused as it should: one line on stderr, nothing on stdout."""
    lines = said.err.splitlines()
    return (
        said.code == code
        and said.out == ""
        and len(lines) == 1
        and lines[0].startswith("holdwell: ")
        and "Traceback" not in said.err
    )
