"""What is printed where it cannot be printed as it is: other encodings, a full disk, a closed stream, odd arguments."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.command_line import HOLDWELL, LONGEST_S, Said, is_one_line

QUICK = ("run", "--tool", "sim", "--fast", "--person", "tender", "--dose", "30")


def said(*arguments: str | bytes, out: str | None = None, **variables: str) -> Said:
    """Run `holdwell` in a process of its own with these environment variables; `out`: a file for standard output."""
    with open(out or os.devnull, "w", encoding="utf-8") as file:  # noqa: PTH123 - a device
        done = subprocess.run(
            [HOLDWELL, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if out is None else file,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
            timeout=LONGEST_S,
            check=False,
        )
    return Said(done.returncode, (done.stdout or b"").decode("latin-1"), done.stderr.decode("latin-1"))


def test_everything_can_be_printed_in_ascii():
    for arguments in (QUICK, ("show", "last"), ("sessions",), ("--help",), ("run", "--help"), ()):
        answer = said(*arguments, PYTHONIOENCODING="ascii")
        assert answer.code == 0, (arguments, answer)
        assert answer.out
        assert answer.err == ""
        assert answer.out.isascii()
        assert "?" not in answer.out.replace("What is it now?", "").replace("WHAT IS IT NOW?", ""), answer.out


def test_the_whole_display_can_be_printed_in_ascii():
    lines = said(*QUICK, PYTHONIOENCODING="ascii").out.splitlines()
    assert lines[0] == "simulated tool and person - upper-trapezius-left - HW-0001"
    assert any("finding your 5" in line for line in lines)


def test_screen_and_summary_say_that_tool_and_person_are_simulated(tmp_path):
    first, *_, summary = [line for line in said(*QUICK).out.splitlines() if "simulated" in line]
    assert first.startswith("simulated tool and person")
    assert summary.startswith("Complete")
    assert "(simulated tool and person)" in summary
    recording = tmp_path / "force.csv"
    recording.write_text("t_s,force_n\n0,0\n1,5\n2,0\n")
    lines = said("run", "--tool", "sim", "--fast", "--force-from", str(recording)).out.splitlines()
    assert sum("simulated tool, force from a recording" in line for line in lines) == 2


def test_json_is_exact_in_every_encoding():
    assert said(*QUICK, "--profile", "Zoë").code == 0
    for encoding in ("ascii", "latin-1"):
        answer = said("show", "last", "--json", PYTHONIOENCODING=encoding)
        assert json.loads(answer.out)["profile"] == "Zoë"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_for_the_output_is_one_line_and_the_session_is_logged(unbuffered):
    for arguments in (QUICK, ("show", "last"), ("sessions", "--json"), ("export", "last"), ("replay", "last"), ()):
        answer = said(*arguments, out="/dev/full", PYTHONUNBUFFERED=unbuffered)
        assert is_one_line(answer), (arguments, answer)
        assert "No space left" in answer.err
        assert "elsewhere" in answer.err
    assert json.loads(said("show", "last", "--json").out)["outcome"] == "complete"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("is_full", [True, False], ids=["full", "nobody reads"])
@pytest.mark.parametrize(("dose", "code"), [("30", 0), ("0", 2)])
def test_messages_that_cannot_be_written_change_nothing(is_full, unbuffered, dose, code):
    reading, writing = os.pipe()
    os.close(reading)
    if is_full:
        os.close(writing)
        writing = os.open("/dev/full", os.O_WRONLY)
    try:
        done = subprocess.run(
            [HOLDWELL, *QUICK[:-1], dose, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=writing,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            timeout=LONGEST_S,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.returncode == code
    assert [json.loads(line)["outcome"] for line in done.stdout.splitlines()] == ["complete"] * (code == 0)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_who_reads_no_further_than_the_first_line_is_no_error(unbuffered):
    commands = (
        (*QUICK, "--calibrate"),
        ("show", "last"),
        ("sessions", "--json"),
        ("export", "last"),
        ("simulator", "check", "--people", "400"),
        ("trial", "--people", "1", "--dose", "30", "--jobs", "1"),
        ("trial", "--help"),
    )
    for arguments in commands:
        reading, writing = os.pipe()
        os.close(reading)
        with os.fdopen(writing, "w") as unread:
            done = subprocess.run(
                [HOLDWELL, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=unread,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
                timeout=LONGEST_S,
                check=False,
            )
        assert (done.returncode, done.stderr) == (0, b""), arguments
    assert json.loads(said("show", "last", "--json").out)["outcome"] is not None, "the session was logged to its end"


@pytest.mark.parametrize("columns", ["24", "30", "45", "60"])
def test_a_narrow_list_of_sessions_has_whole_ids(columns):
    assert said(*QUICK).code == 0
    session = json.loads(said("show", "last", "--json").out)["session_id"]
    words = said("sessions", COLUMNS=columns).out
    assert session in words
    assert "\N{HORIZONTAL ELLIPSIS}".encode().decode("latin-1") not in words


def test_an_output_that_is_closed_is_no_error():
    for closed in (">&-", "2>&-"):
        done = subprocess.run(
            f"{HOLDWELL} sessions {closed}", shell=True, capture_output=True, timeout=LONGEST_S, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments", [("show", b"ab\xff"), (*QUICK, "--profile", b"\xff"), (*QUICK, "--person", b"\xff.toml")]
)
def test_an_argument_that_is_no_text_is_refused(arguments):
    answer = said(*arguments)
    assert is_one_line(answer), answer
    assert "\\xff" in answer.err
    assert "UTF-8" in answer.err
