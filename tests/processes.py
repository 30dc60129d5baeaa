"""Holdwell in processes of its own, in real time: started, waited for by what it prints, and really killed."""

import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

from tests.command_line import HOLDWELL

QUICK = """
[body]
ppt_n = 11.0
tolerance_n = 18.0
habituation = 0.0
day_ln_sd = 0.0
[hand]
wander = 0.01
[rater]
noise_sd = 0.0
unanswered = 0.0
"""
"""Somebody whose 5 is near 13.5 N: found in ten seconds, for the approach begins fast."""

LONGEST_S = 90


class Running:
    """One `holdwell` process with a data folder of its own; leaving the context kills what still runs."""

    def __init__(self, data: Path, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [HOLDWELL, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "HOLDWELL_DATA": str(data), "COLUMNS": "200"},
        )
        self._lines: dict[str, list[str]] = {"out": [], "err": []}
        self._changed = threading.Condition()
        self._ended = 0
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("out", self._process.stdout), ("err", self._process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def out(self) -> str:
        return "\n".join(self._lines["out"])

    @property
    def err(self) -> str:
        return "\n".join(self._lines["err"])

    def until(self, pattern: str, *, on: str = "err", times: int = 1) -> str:
        """Wait until a line matches, the so-manieth time, and return what its first group, or it, matched."""

        def found() -> list[re.Match[str]]:
            return [match for line in self._lines[on] if (match := re.search(pattern, line))]

        with self._changed:
            in_time = self._changed.wait_for(lambda: len(found()) >= times or self._ended == 2, LONGEST_S)
            assert in_time, f"no {pattern!r} in time:\n{self.out}\n{self.err}"
            assert len(found()) >= times, f"no {pattern!r} in:\n{self.out}\n{self.err}"
            match = found()[times - 1]
        return match.group(match.lastindex or 0)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def code(self) -> int:
        """Wait for the end and return the exit code."""
        code = self._process.wait(LONGEST_S)
        for reader in self._readers:
            reader.join()
        return code

    def json(self) -> dict[str, Any]:
        """Return the one JSON object on standard output."""
        assert len(self._lines["out"]) == 1, self.out
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    def _read(self, name: str, stream: Any) -> None:
        for line in stream:
            with self._changed:
                self._lines[name].append(line.rstrip("\n"))
                self._changed.notify_all()
        stream.close()
        with self._changed:
            self._ended += 1
            self._changed.notify_all()


def quick_person(folder: Path) -> Path:
    """Write the quick person's file."""
    path = folder / "quick.toml"
    path.write_text(QUICK)
    return path


def ended(data: Path, *arguments: object) -> Running:
    """Run a command to its end."""
    with Running(data, *arguments) as process:
        process.code()
    return process
