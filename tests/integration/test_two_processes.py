"""The app and the simulated tool in processes of their own: a whole run, either side killed, bonds that last."""

import json
import random
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.load_cell import ERROR_FLOOR_N, ERROR_SHARE
from tests.processes import Running, ended, quick_person

pause = threading.Event().wait


def tool_process(folder: Path, where: str = "127.0.0.1:0") -> Running:
    return Running(folder / "tool", "tool", "--listen", where, "--person", quick_person(folder))


def radio_of(tool: Running) -> str:
    return tool.until(r"--radio (\S+)", on="out")


def app_process(folder: Path, radio: str) -> Running:
    return Running(folder / "app", "run", "--radio", radio, "--tool", "HW-0001", "--dose", "30", "--json")


def listed(folder: Path) -> list[dict[str, object]]:
    sessions = json.loads(ended(folder / "app", "sessions", "--json").out)
    assert isinstance(sessions, list)
    return sessions


def replays(folder: Path) -> bool:
    return ended(folder / "app", "replay", "last").code() == 0


def test_a_whole_run_and_the_tool_waits_for_the_next(tmp_path):
    with tool_process(tmp_path) as tool, app_process(tmp_path, radio_of(tool)) as app:
        assert app.code() == 0, app.err
        said = app.json()
        assert (said["outcome"], said["credited_s"], said["packets_lost"]) == ("complete", 30.0, 0)
        assert said["answers"][0] == 5
        assert set(said["answers"][1:]) <= {"in-band", "too-little", "too-much"}, "by the tool's button alone"
        assert replays(tmp_path)
        scanned = ended(tmp_path / "app", "scan", "--seconds", "1", "--radio", radio_of(tool))
        assert scanned.code() == 0
        assert "HW-0001" in scanned.out
        tool.signal(signal.SIGTERM)
        assert tool.code() == 0
        assert "The tool is off" in tool.out
        assert "Traceback" not in tool.err + app.err


@pytest.mark.parametrize("moment", ["setting the zero", "place the tool", "finding your 5", " hold$"])
def test_the_tool_killed_at_any_moment_the_app_says_so_and_ends_in_order(tmp_path, moment):
    with tool_process(tmp_path) as tool, app_process(tmp_path, radio_of(tool)) as app:
        app.until(moment)
        pause(0.3)
        tool.kill()
        assert app.code() == 4, app.err
        assert app.err.splitlines()[-1].startswith("the Bluetooth controller"), app.err
        assert "Traceback" not in app.err
        if "5" in moment or "hold" in moment:
            assert "Let go" in app.err
        said = app.json()
        assert said["reason"] == "link"
        assert said["outcome"] in ("short", "stopped")
        assert listed(tmp_path) == [said]
        assert replays(tmp_path)


def test_the_app_killed_at_any_moment_the_tool_waits_and_can_be_used_again(tmp_path):
    chance = random.Random(1)
    with tool_process(tmp_path) as tool:
        radio = radio_of(tool)
        for gone, moment in enumerate(("setting the zero", "place the tool", " hold$")):
            with app_process(tmp_path, radio) as app:
                app.until(moment)
                pause(chance.uniform(0.0, 1.0))
                app.kill()
                tool.until("The app is gone; waiting for the next", on="out", times=1 + gone)
        with app_process(tmp_path, radio) as app:
            app.until(" hold$")
            app.signal(signal.SIGINT)
            assert app.code() == 3, app.err
            said = app.json()
            assert said["answers"][0] == 5, "the person began anew"
            assert said["approach_s"] > 5.0
        tool.until("The app is gone", on="out", times=4)
        assert tool.is_running
        assert tool.out.count("An app is here.") == 4, "once for each"
        assert [each["outcome"] for each in listed(tmp_path)] == ["stopped", *["interrupted"] * 3]
        assert "Traceback" not in tool.err


def test_bonds_last_over_restarts_of_both(tmp_path):
    bonds = []
    where = "127.0.0.1:0"
    for _ in range(2):
        with tool_process(tmp_path, where) as tool, app_process(tmp_path, radio_of(tool)) as app:
            where = radio_of(tool).removeprefix("tcp-client:")
            app.until("place the tool")
            app.signal(signal.SIGINT)
            assert app.code() == 3, app.err
            bonds.append([(tmp_path / side / "bonds.json").read_text() for side in ("app",)])
            bonds[-1].append((tmp_path / "tool" / "tool-bonds.json").read_text())
            tool.signal(signal.SIGTERM)
            assert tool.code() == 0
    assert bonds[0] == bonds[1], "nobody paired anew"


@pytest.mark.parametrize("forgetful", ["app/bonds.json", "tool/tool-bonds.json"])
def test_a_side_that_forgot_the_bond_makes_a_new_one_or_says_what_to_do(tmp_path, forgetful):
    with tool_process(tmp_path) as tool, app_process(tmp_path, radio_of(tool)) as app:
        app.until("place the tool")
        app.signal(signal.SIGINT)
        assert app.code() == 3
    (tmp_path / forgetful).unlink()
    with tool_process(tmp_path) as tool, app_process(tmp_path, radio_of(tool)) as app:
        app.until("place the tool|holdwell:")
        app.signal(signal.SIGINT)
        assert app.code() == 3, app.err


def test_a_tool_that_is_not_there_is_one_line(tmp_path):
    with tool_process(tmp_path) as tool:
        app = ended(tmp_path / "app", "run", "--radio", radio_of(tool), "--tool", "HW-9999", "--json")
        assert app.code() == 4
        assert app.out == ""
        (line,) = [line for line in app.err.splitlines() if line]
        assert line.startswith("holdwell: ")
        assert "HW-9999" in line
        assert "HW-0001" in line
        assert listed(tmp_path) == []


def test_two_apps_at_one_radio_the_second_is_told(tmp_path):
    with tool_process(tmp_path) as tool, app_process(tmp_path, radio_of(tool)) as first:
        first.until("place the tool")
        second = ended(tmp_path / "app", "run", "--radio", radio_of(tool), "--tool", "HW-0001", "--json")
        assert second.code() == 4
        (line,) = [line for line in second.err.splitlines() if line]
        assert line.startswith("holdwell: ")
        first.signal(signal.SIGINT)
        assert first.code() == 3, "undisturbed"


def recording(path: Path, force_of: Callable[[float], float], seconds: float) -> Path:
    """Write a recording at the tool's own rate."""
    rows = [f"{k / 100:.2f},{force_of(k / 100)}" for k in range(round(seconds * 100))]
    path.write_text("t_s,force_n\n" + "\n".join(rows) + "\n")
    return path


def recorded_tool(folder: Path, path: Path) -> Running:
    return Running(folder / "tool", "tool", "--listen", "127.0.0.1:0", "--force-from", path)


def exported(folder: Path) -> list[float]:
    rows = ended(folder / "app", "export", "last").out.splitlines()[1:]
    return [float(row.split(",")[1]) for row in rows]


def test_a_recording_that_ends_first_ends_the_session_of_the_other_process(tmp_path):
    path = recording(tmp_path / "force.csv", lambda t_s: 1.0 if t_s > 0.5 else 0.0, 3.0)
    with recorded_tool(tmp_path, path) as tool, app_process(tmp_path, radio_of(tool)) as app:
        tool.until("The recording is over", on="out")
        assert app.code() == 3, app.err
        said = app.json()
        assert (said["outcome"], said["reason"], said["samples"]) == ("short", "recording-ended", 300)
        assert said["person"] == "sim:recording"
        assert replays(tmp_path)
        tool.until("is on the air", on="out", times=2)
        assert "Traceback" not in app.err + tool.err


def test_a_recording_is_logged_to_its_end_in_another_process_whatever_the_engine_decides(tmp_path):
    def force_n(t_s: float) -> float:
        """Far too much at 1 s, off at 2 s, and squeezes again long after the session is over."""
        return 60.0 if 1.0 <= t_s < 2.0 else 3.0 + t_s if t_s >= 6.0 else 0.0

    path = recording(tmp_path / "force.csv", force_n, 9.0)
    with recorded_tool(tmp_path, path) as tool:
        with app_process(tmp_path, radio_of(tool)) as killed:
            killed.until("finding your 5")
            killed.kill()
            tool.until("is on the air", on="out", times=2)
        with app_process(tmp_path, radio_of(tool)) as app:
            assert app.code() == 3, app.err
            said = app.json()
        assert (said["outcome"], said["reason"]) == ("stopped", "force-limit")
        assert (said["samples"], said["packets_lost"]) == (900, 0), "from its beginning, for each app"
        logged = exported(tmp_path)
        assert len(logged) == 900
        for k, logged_n in enumerate(logged):
            assert abs(logged_n - force_n(k / 100)) <= ERROR_FLOOR_N + ERROR_SHARE * force_n(k / 100), f"sample {k}"
        assert replays(tmp_path)


def test_a_radio_with_one_tool_needs_no_name(tmp_path):
    with (
        tool_process(tmp_path) as tool,
        Running(tmp_path / "app", "run", "--radio", radio_of(tool), "--json") as app,
    ):
        app.until("place the tool")
        app.signal(signal.SIGINT)
        assert app.code() == 3, app.err
        assert app.json()["tool"] == "HW-0001"
