"""The app killed, interrupted and terminated in a hold, in real time with the tool in its own process."""

import json
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.journal import Journal
from controller.journal_reader import read_entries
from controller.replay import replay
from controller.review import find_session
from protocols.commands import EnterPhase, Outcome, Phase
from protocols.events import Sampled
from tests.processes import Running, ended, quick_person

pause = threading.Event().wait
AT_ONCE = 5


def app_process(folder: Path, person: Path, *arguments: object) -> Running:
    return Running(folder / "app", "run", "--tool", "sim", "--person", person, "--dose", "30", "--json", *arguments)


def killed_in_the_hold(folder: Path, seed: int) -> datetime:
    """Start a session, kill it at a random moment of its hold, and return when."""
    with app_process(folder, quick_person(folder), "--seed", seed) as app:
        app.until(" hold$")
        pause(random.Random(seed).uniform(0.0, 6.0))
        killed_at = SystemClock().utc_now()
        app.kill()
    return killed_at


def check_killed_sessions(folder: Path, count: int) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        killed_at = list(pool.map(lambda seed: killed_in_the_hold(folder, seed), range(count)))
    listed = json.loads(ended(folder / "app", "sessions", "--json").out)
    assert [each["outcome"] for each in listed] == ["interrupted"] * count
    journal = Journal.open(f"sqlite:///{folder / 'app' / 'journal.sqlite'}", inline=True, utc_now=SystemClock().utc_now)
    for each in listed:
        record = find_session(journal.engine, each["session_id"])
        entries = list(read_entries(journal.engine, record.id))
        assert replay(journal.engine, record).difference is None
        packets = [entry.event for entry in entries if isinstance(entry.event, Sampled)]
        samples = sum(len(packet.forces_n) for packet in packets)
        assert each["samples"] == samples
        assert each["contact_s"] > 0
        span_ns = packets[-1].first_ns + len(packets[-1].forces_n) * packets[-1].period_ns - packets[0].first_ns
        # Host times of the first packets may be some 10 ms late on a busy machine; a lost packet is told by its number.
        assert samples == pytest.approx(span_ns / 1e7, abs=10), "none is missing in between"
        assert not any(packet.lost for packet in packets)
        last_at = record.started_at + timedelta(microseconds=(packets[-1].at_ns - record.origin_ns) / 1000)
        assert min(abs((at - last_at).total_seconds()) for at in killed_at) < 1.0
        assert any(command == EnterPhase(Phase.HOLD, 1) for entry in entries for command in entry.commands), (
            "it was killed in the hold"
        )
    journal.close()


def test_an_app_killed_in_a_hold_loses_less_than_a_second(tmp_path):
    check_killed_sessions(tmp_path, 5)


@pytest.mark.nightly
def test_an_app_killed_in_a_hold_twenty_times_loses_less_than_a_second(tmp_path):
    check_killed_sessions(tmp_path, 20)


@pytest.mark.parametrize(
    ("number", "reason"), [(signal.SIGINT, "ctrl-c"), (signal.SIGTERM, "terminated"), (signal.SIGHUP, "terminated")]
)
def test_a_signal_ends_the_session_in_order(tmp_path, number, reason):
    with app_process(tmp_path, quick_person(tmp_path)) as app:
        app.until("finding your 5")
        pause(1.0)
        app.signal(number)
        assert app.code() == 3, app.err
        said = app.json()
        assert (said["outcome"], said["reason"]) == ("stopped", reason)
        assert "let go" in app.err
        assert "Traceback" not in app.err
    assert json.loads(ended(tmp_path / "app", "sessions", "--json").out) == [said]
    assert ended(tmp_path / "app", "replay", "last").code() == 0


@pytest.mark.parametrize(("number", "reason"), [(signal.SIGINT, "ctrl-c"), (signal.SIGTERM, "terminated")])
def test_a_second_signal_ends_at_once_with_the_journal_closed(tmp_path, number, reason):
    person = quick_person(tmp_path)
    person.write_text(person.read_text().replace("[hand]", "[hand]\nheeds_release = false"))
    stubborn = person.rename(tmp_path / "stubborn.toml")
    with app_process(tmp_path, stubborn) as app:
        app.until("finding your 5")
        pause(1.0)
        app.signal(number)
        app.until("let go")
        pause(0.5)
        assert app.is_running, "nobody has let go"
        app.signal(number)
        assert app.code() == 3, app.err
        said = app.json()
        assert (said["outcome"], said["reason"]) == ("stopped", reason)
        assert [hold["reason"] for hold in said["holds"]] == [reason]
        assert "Traceback" not in app.err
    (listed,) = json.loads(ended(tmp_path / "app", "sessions", "--json").out)
    assert listed["outcome"] == Outcome.STOPPED.value
    assert ended(tmp_path / "app", "replay", "last").code() == 0


def test_ctrl_c_before_the_session_begins_is_one_line(tmp_path):
    with Running(tmp_path / "app", "tool", "--listen", "127.0.0.1:0") as tool:
        radio = tool.until(r"--radio (\S+)", on="out")
        with Running(tmp_path / "app", "run", "--radio", radio, "--tool", "HW-9999", "--json") as app:
            tool.until("An app is here", on="out")
            app.signal(signal.SIGINT)
            assert app.code() == 3, app.err
            assert [line for line in app.err.splitlines() if line] == ["holdwell: stopped"]
