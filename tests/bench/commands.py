"""Whole commands: how long `--help` takes, and a 90 s session on virtual time."""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from statistics import median

from controller.options import RunOptions
from controller.run import run

RUNS = 5
HOLDWELL = str(Path(sys.executable).with_name("holdwell"))


def report() -> list[str]:
    """Return the figures as lines."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "HOLDWELL_DATA": folder}
        help_s = median(_timed([HOLDWELL, "--help"], environment)[0] for _ in range(RUNS))
        recording = Path(folder) / "ninety.csv"
        recording.write_text(
            "t_s,force_n\n" + "".join(f"{i / 100:.2f},{min(i / 100 * 1.5, 20):.3f}\n" for i in range(9000))
        )
        command = [HOLDWELL, "run", "--fast", "--json", "--force-from", str(recording)]
        timed = [_timed(command, environment) for _ in range(RUNS)]
        session_s = median(seconds for seconds, _ in timed)
        samples = json.loads(timed[-1][1])["samples"]
        in_process = [_in_process(folder) for _ in range(RUNS)]
        guided_s, simulated_s = median(wall for wall, _ in in_process), in_process[0][1]
    return [
        f"holdwell --help, whole process: median {help_s:.2f} s of {RUNS}",
        f"a recorded 90 s session on virtual time, whole process: median {session_s:.2f} s, {samples} samples",
        f"a guided session of {simulated_s:.0f} s on virtual time, without start-up: median {guided_s:.2f} s",
        f"the same for 90 s of it: {guided_s / simulated_s * 90:.2f} s",
    ]


def _in_process(folder: str) -> tuple[float, float]:
    options = RunOptions(tool="sim", fast=True, json=True, journal=f"sqlite:///{folder}/journal.sqlite")
    said = io.StringIO()
    began = time.perf_counter()
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        run(options)
    return time.perf_counter() - began, json.loads(said.getvalue())["samples"] / 100


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return time.perf_counter() - began, done.stdout
