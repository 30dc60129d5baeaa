import csv
import json
import math
import os
import stat
from dataclasses import replace

import pytest

from controller.export import Format, export_lines, write_file
from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.records import command_from_record, event_from_record
from controller.review import find_session
from protocols.events import Sampled
from tests.journal_sessions import ORIGIN_NS, begin, noon, steps, write_session


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


def exported(journal, form):
    return list(export_lines(journal.engine, find_session(journal.engine, "last"), form))


def rows(journal):
    return list(csv.DictReader(exported(journal, Format.CSV)))


def append_samples(journal, *packets: Sampled) -> None:
    """Begin a session up to its connected tool, and give it these packets."""
    begin(journal)
    for event, commands, _ in list(steps())[:4]:
        if not isinstance(event, Sampled):
            journal.append(event, commands)
    for packet in packets:
        journal.append(packet, ())
    journal.flush()


def packet(first_ns: int, *forces_n: float) -> Sampled:
    return Sampled(first_ns + 10_000_000 * len(forces_n), first_ns, 10_000_000, forces_n)


def test_jsonl_has_the_session_then_everything_in_order(journal):
    session_id, written = write_session(journal)
    head, *lines = [json.loads(line) for line in exported(journal, Format.JSONL)]
    assert head["session_id"] == session_id
    assert head["outcome"] == "complete"
    assert head["plan"]["steps"][0]["dose_s"] == 30
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    read = []
    for line in lines:
        record = {key: value for key, value in line.items() if key not in {"seq", "t_s", "side"}}
        if line["side"] == "event":
            assert line["t_s"] == pytest.approx((record["at_ns"] - ORIGIN_NS) / 1e9)
            read.append((event_from_record(record), []))
        else:
            read[-1][1].append(command_from_record(record))
    assert [(event, tuple(given)) for event, given in read] == [step[:2] for step in written]


def test_csv_has_every_sample_also_those_after_the_end(journal):
    _, written = write_session(journal)
    got = rows(journal)
    forces = [force for event, _, _ in written if isinstance(event, Sampled) for force in event.forces_n]
    assert [float(row["force_n"]) for row in got] == forces
    assert [row["t_s"] for row in got[:3]] == ["0.000000", "0.010000", "0.020000"]
    assert float(got[-1]["t_s"]) == pytest.approx((len(forces) - 1) * 0.01)
    assert all(len(row["force_n"].partition(".")[2]) == 2 for row in got)


def test_csv_has_the_estimate_of_the_session(journal):
    _, written = write_session(journal)
    got = rows(journal)
    means = [belief.mean for event, _, state in written if isinstance(event, Sampled) for belief in state.beliefs]
    assert [row["discomfort"] for row in got] == [f"{mean:.2f}" for mean in means]
    assert [row["in_band"] for row in got] == [str(int(4.5 <= mean < 6.5)) for mean in means]
    assert {"0", "1"} == {row["in_band"] for row in got}


def test_an_invalid_sample_leaves_its_fields_empty(journal):
    append_samples(journal, packet(ORIGIN_NS, 1.0, math.nan, 3.0))
    assert exported(journal, Format.CSV)[2] == "0.010000,,,"
    assert rows(journal)[2]["discomfort"] != ""


def test_a_repeated_packet_is_there_but_has_no_estimate(journal):
    first, second = packet(ORIGIN_NS, 1.0, 2.0), packet(ORIGIN_NS + 20_000_000, 3.0, 4.0)
    overlapping = packet(ORIGIN_NS + 30_000_000, 4.0, 5.0)
    append_samples(journal, first, second, first, overlapping)
    got = rows(journal)
    assert [row["force_n"] for row in got] == ["1.00", "2.00", "3.00", "4.00", "1.00", "2.00", "4.00", "5.00"]
    assert [row["discomfort"] != "" for row in got] == [True] * 4 + [False] * 3 + [True]


@pytest.mark.parametrize(
    ("force_n", "text"), [(12.3, "12.30"), (0.125, "0.125"), (-0.0, "0.00"), (-3e-7, "0.00"), (0.1 + 0.2, "0.30")]
)
def test_forces_have_two_decimals_or_as_many_as_they_need(journal, force_n, text):
    append_samples(journal, packet(ORIGIN_NS, force_n))
    assert rows(journal)[0]["force_n"] == text


def test_a_session_without_samples_is_a_header(journal):
    begin(journal)
    assert exported(journal, Format.CSV) == ["t_s,force_n,discomfort,in_band"]


def test_a_file_is_whole_and_private(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    write_file(path, ["a", "b"])
    assert path.read_bytes() == b"a\nb\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_half_way_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")

    def failing():
        yield "a"
        raise JournalError("the journal went away")

    with pytest.raises(JournalError, match="went away"):
        write_file(path, failing())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_file(tmp_path / "link", ["a"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "a\n"


def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_file(tmp_path / "pipe", ["a"])
    assert os.read(reader, 10) == b"a\n"
    os.close(reader)


@pytest.mark.parametrize("name", ["none/out.csv", "."])
def test_a_place_that_cannot_be_written_is_told(tmp_path, name):
    with pytest.raises(JournalError, match="--output"):
        write_file(tmp_path / name, ["a"])


def test_moving_a_session_in_time_changes_no_line_but_its_dates(journal):
    write_session(journal)
    before = exported(journal, Format.CSV)
    begin(journal, origin_ns=ORIGIN_NS + 10**15)
    for event, commands, _ in steps():
        moved = replace(event, at_ns=event.at_ns + 10**15)
        if isinstance(moved, Sampled):
            moved = replace(moved, first_ns=moved.first_ns + 10**15)
        if hasattr(moved, "given_ns"):
            moved = replace(moved, given_ns=moved.given_ns + 10**15)
        journal.append(moved, commands)
    journal.flush()
    assert exported(journal, Format.CSV) == before
