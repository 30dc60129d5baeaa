"""Two processes and one journal: a writer that is really killed, and a writer that lives."""

import random
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from controller.journal import Journal
from controller.journal_reader import read_entries
from controller.replay import replay
from controller.review import find_session, list_sessions, report
from protocols.commands import Outcome
from tests.journal_sessions import ORIGIN_NS, begin, noon, steps, write_session

WRITER = """
import sys, threading
from controller.journal import Journal
from tests.journal_sessions import begin, noon, steps

journal = Journal.open(sys.argv[1], inline=False, utc_now=noon, batch_s=float(sys.argv[2]))
print(begin(journal), flush=True)
pause = threading.Event()
for event, commands, _ in steps():
    journal.append(event, commands)
    print(event.at_ns, flush=True)
    pause.wait(0.0005)
journal.flush()
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'journal.sqlite'}"


def start_writer(url: str, batch_s: float = 0.02) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, str(batch_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(writer: subprocess.Popen[str]) -> list[str]:
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().split()
    writer.wait()
    writer.stdin.close()
    writer.stdout.close()
    return rest


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_session_is_there_as_interrupted_up_to_the_last_batch(url, seed):
    writer = start_writer(url)
    session_id = writer.stdout.readline().strip()
    for _ in range(random.Random(seed).randrange(1200, 2400)):
        last_ns = int(writer.stdout.readline())
    last_ns = max([last_ns, *map(int, kill(writer))])

    journal = Journal.open(url, inline=True, utc_now=noon)
    assert journal.recovered == (session_id,)
    session = find_session(journal.engine, "last")
    assert session.outcome is Outcome.INTERRUPTED
    kept = [(entry.event, entry.commands) for entry in read_entries(journal.engine, session_id)]
    assert kept == [(event, commands) for event, commands, _ in steps()][: len(kept)]
    assert kept[-1][0].at_ns >= last_ns - 20_000_000_000  # some 0.4 s of the writer's real time
    said = report(session)
    assert said["samples"] == sum(len(getattr(event, "forces_n", ())) for event, _ in kept)
    assert said["contact_s"] > 0
    assert session.ended_at - session.started_at == timedelta(microseconds=(kept[-1][0].at_ns - ORIGIN_NS) // 1000)
    assert replay(journal.engine, session).difference is None
    journal.close()


def test_a_living_session_is_left_alone_and_a_dead_one_is_not(url):
    writer = start_writer(url)
    session_id = writer.stdout.readline().strip()
    journal = Journal.open(url, inline=True, utc_now=lambda: noon() + timedelta(days=30))
    assert journal.recovered == ()
    assert find_session(journal.engine, session_id).ended_at is None
    journal.close()
    kill(writer)
    journal = Journal.open(url, inline=True, utc_now=noon)
    assert journal.recovered == (session_id,)
    journal.close()


def test_a_session_that_had_ended_keeps_its_outcome(url):
    writer = start_writer(url)
    for line in writer.stdout:
        if line.strip() == "done":
            break
    kill(writer)
    journal = Journal.open(url, inline=True, utc_now=noon)
    session = find_session(journal.engine, "last")
    assert (session.outcome, session.reason) == (Outcome.COMPLETE, "dose")
    journal.close()


def test_recovery_gives_the_figures_that_the_app_would_have_given(url):
    journal = Journal.open(url, inline=True, utc_now=noon)
    whole_id, written = write_session(journal)
    cut_id = begin(journal)
    for event, commands, _ in written:
        journal.append(event, commands)
    journal.flush()
    with journal.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE sessions SET owner_pid = 999999999 WHERE id = '{cut_id}'")
    journal.close()
    journal = Journal.open(url, inline=True, utc_now=noon)
    assert journal.recovered == (cut_id,)
    whole, cut = (report(find_session(journal.engine, each)) for each in (whole_id, cut_id))
    assert whole | {"session_id": cut_id} == cut
    journal.close()


def test_two_processes_write_one_file_at_once(url):
    writers = [start_writer(url, batch_s=0.001) for _ in range(2)]
    ids = [writer.stdout.readline().strip() for writer in writers]
    journal = Journal.open(url, inline=False, utc_now=noon, batch_s=0.001)
    own_id, written = write_session(journal)
    for writer in writers:
        for line in writer.stdout:
            if line.strip() == "done":
                break
    assert [session.id for session in list_sessions(journal.engine)] == sorted([own_id, *ids], reverse=True)
    for session_id in ids:
        entries = list(read_entries(journal.engine, session_id))
        assert [(entry.event, entry.commands) for entry in entries] == [step[:2] for step in written]
    with journal.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    journal.close()
    for writer in writers:
        kill(writer)
