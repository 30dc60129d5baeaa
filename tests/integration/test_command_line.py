"""The commands as others script them: what they print, where, and their exit codes."""

import csv
import io
import json
import re
import stat
from datetime import datetime

import pytest

from tests.command_line import Here, holdwell, is_one_line
from tests.terminal import AtTerminal

KEYS = [
    "session_id",
    "profile",
    "protocol",
    "site",
    "outcome",
    "reason",
    "dose_s",
    "credited_s",
    "contact_s",
    "approach_s",
    "mean_n",
    "peak_n",
    "answers",
    "holds",
    "packets_lost",
    "samples",
    "tool",
]
VARY = {"session_id", "recorded_at", "started_at", "ended_at"}
QUICK = ("run", "--tool", "sim", "--fast", "--person", "tender", "--dose", "30")
HEADER = ["t_s", "force_n", "discomfort", "in_band"]


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def one_object(text: str) -> dict[str, object]:
    """Return the one JSON object that is all of a standard output."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def test_holdwell_alone_says_what_it_is_and_three_things_to_try(here):
    said = here()
    assert said.code == 0
    assert said.err == ""
    assert "5-6 out of 10" in said.out
    assert "30-90 seconds" in said.out
    assert len(re.findall(r"^  holdwell ", said.out, re.MULTILINE)) == 3


def test_help_and_version(here):
    said = here("--help")
    assert said.code == 0
    for command in ("run", "scan", "tool", "sessions", "show", "export", "replay"):
        assert re.search(rf"\b{command}\b", said.out)
    assert here("--version").out.strip()


def test_run_json_is_one_object_on_stdout_and_all_else_on_stderr():
    said = holdwell(*QUICK, "--json")
    assert said.code == 0
    shown = one_object(said.out)
    assert set(KEYS) <= shown.keys()
    assert shown["outcome"] == "complete"
    assert shown["credited_s"] == shown["dose_s"] == 30
    assert "finding your 5" in said.err
    assert "Complete" in said.err
    (hold,) = shown["holds"]
    assert {"credited_s", "contact_s", "approach_s", "mean_n", "peak_n", "answers"} <= hold.keys()
    assert hold["answers"] == shown["answers"]


def test_the_same_seed_gives_the_same_object_but_for_ids_and_times(here):
    first, second = (one_object(here("run", "--fast", "--seed", "1", "--json").out) for _ in range(2))
    assert {key: first[key] for key in first.keys() - VARY} == {key: second[key] for key in second.keys() - VARY}
    other = one_object(here("run", "--fast", "--seed", "2", "--json").out)
    assert other["peak_n"] != first["peak_n"]


def test_the_summary_says_where_it_is_logged_and_what_to_try(here):
    said = here(*QUICK)
    assert said.code == 0
    assert "Logged as" in said.out
    assert "journal.sqlite" in said.out
    assert "holdwell show last" in said.out


def test_run_without_a_tool_uses_the_simulated_one_at_first(here):
    assert one_object(here("run", "--fast", "--person", "tender", "--json").out)["tool"] == "HW-0001"


@pytest.mark.parametrize(
    ("arguments", "code", "outcome"),
    [
        (["--person", "tender"], 0, "complete"),
        (["--person", "silent", "--seed", "2"], 3, "short"),
        (["--person", "tough"], 3, "short"),
        (["--site", "sternocleidomastoid-left", "--person", "tender"], 0, "complete"),
    ],
)
def test_exit_codes_of_outcomes(here, arguments, code, outcome):
    said = here("run", "--tool", "sim", "--fast", "--json", "--dose", "30", *arguments)
    assert (said.code, one_object(said.out)["outcome"]) == (code, outcome)


def test_show_gives_what_run_gave_by_id_by_its_beginning_and_as_last(here):
    ran = one_object(here(*QUICK, "--json").out)
    session_id = str(ran["session_id"])
    for wanted in (session_id, session_id[:6], session_id.upper(), "last"):
        shown = one_object(here("show", wanted, "--json").out)
        assert shown.pop("estimate")
        assert shown == ran
    said = here("show", "last")
    assert said.code == 0
    assert session_id in said.out
    assert "hold 1" in said.out


def test_sessions_lists_the_latest_first(here):
    assert here("sessions", "--json").out == "[]\n"
    assert "No session yet" in here("sessions").out
    ids = [one_object(here(*QUICK, "--json", "--profile", name).out)["session_id"] for name in ("me", "you")]
    listed = json.loads(here("sessions", "--json").out)
    assert [each["session_id"] for each in listed] == ids[::-1]
    assert set(KEYS) <= listed[0].keys()
    assert [each["session_id"] for each in json.loads(here("sessions", "--json", "--profile", "me").out)] == ids[:1]


def test_a_profile_without_a_session_is_told_who_has_some(here):
    here(*QUICK, "--profile", "me")
    said = here("sessions", "--profile", "you")
    assert (said.code, said.out) == (0, "Profile 'you' has no session here; there are sessions of: me.\n")
    said = here("sessions", "--profile", "you", "--json")
    assert (said.out, said.err) == ("[]\n", "Profile 'you' has no session here; there are sessions of: me.\n")


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_table_of_sessions_is_readable_in_a_terminal_of_that_width(here, columns, monkeypatch):
    ran = one_object(here(*QUICK, "--json").out)
    monkeypatch.setenv("COLUMNS", columns)
    said = here("sessions")
    assert max(map(len, said.out.splitlines())) <= int(columns)
    row = next(line for line in said.out.splitlines() if str(ran["session_id"]) in line)
    recorded = datetime.fromisoformat(str(ran["recorded_at"])).astimezone()
    for word in (f"{recorded:%Y-%m-%d %H:%M}", "sim", "complete", "30"):
        assert word in row
    assert "…" not in said.out
    assert len(said.out.splitlines()) <= 6, "one line each"


def test_export_as_csv(here, tmp_path):
    ran = one_object(here(*QUICK, "--json").out)
    said = here("export", "last", "--format", "csv")
    rows = list(csv.reader(io.StringIO(said.out)))
    assert rows[0] == HEADER
    assert len(rows) - 1 == ran["samples"]
    times = [float(row[0]) for row in rows[1:]]
    assert times[0] == 0
    assert times == sorted(times)
    assert {row[3] for row in rows[1:]} == {"0", "1"}
    path = tmp_path / "out.csv"
    assert here("export", "last", "--format", "csv", "--output", path).code == 0
    assert path.read_text() == said.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_exported_session_can_be_played_again(here, tmp_path):
    here(*QUICK, "--json")
    path = tmp_path / "out.csv"
    assert here("export", "last", "--output", path).code == 0
    again = one_object(here("run", "--tool", "sim", "--fast", "--force-from", path, "--json").out)
    assert again["samples"] == len(path.read_text().splitlines()) - 1


def test_export_as_json_lines(here):
    ran = one_object(here(*QUICK, "--json").out)
    lines = [json.loads(line) for line in here("export", "last", "--format", "jsonl").out.splitlines()]
    assert lines[0]["session_id"] == ran["session_id"]
    assert {line["side"] for line in lines} == {"session", "event", "command"}


def test_replay_gives_the_same_commands(here):
    here(*QUICK, "--json")
    said = here("replay", "last")
    assert said.code == 0
    assert "the same commands" in said.out


def test_replay_shows_the_first_difference(here, tmp_path):
    import sqlite3  # noqa: PLC0415 - to tamper

    url = f"sqlite:///{tmp_path / 'journal.sqlite'}"
    here(*QUICK, "--json", "--journal", url)
    with sqlite3.connect(tmp_path / "journal.sqlite") as connection:
        connection.execute(
            "UPDATE records SET body = replace(body, '\"approach\"', '\"rest\"') WHERE kind = 'EnterPhase'"
        )
    connection.close()
    said = here("replay", "last", "--journal", url)
    assert said.code == 1
    assert "differs at" in said.out
    assert "journalled" in said.out


def test_the_journal_is_private(here, tmp_path):
    here(*QUICK, "--json")
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in data.iterdir()} == {0o600}


def test_a_remembered_person_is_known_the_next_time_and_a_new_one_is_not(here):
    arguments = ("run", "--fast", "--seed", "3", "--person", "no-habituation", "--dose", "30", "--json")
    first = one_object(here(*arguments, "--remember").out)
    second = one_object(here(*arguments, "--remember").out)
    third = one_object(here(*arguments).out)
    assert second["approach_s"] < first["approach_s"]
    assert str(second["started_at"]) > str(first["ended_at"])
    assert third["approach_s"] == first["approach_s"]


def test_what_a_session_begins_with_is_said_and_of_a_stranger_nothing(here):
    arguments = ("run", "--fast", "--person", "tender", "--dose", "30", "--remember")
    first = here(*arguments)
    assert "earlier sessions" not in first.out
    assert "Begins with what earlier sessions here taught: your 5 was at" in here(*arguments).out
    assert "earlier sessions" not in here(*arguments[:-1]).out


def test_answers_of_a_simulated_person_are_not_taken_for_typed_ones(here):
    here("run", "--fast", "--person", "tender", "--dose", "30")
    entries = [json.loads(line) for line in here("export", "last", "--format", "jsonl").out.splitlines()]
    given = {entry["via"] for entry in entries if entry.get("kind") in {"Answered", "WentOn"}}
    assert given == {"simulated"}


def test_remembered_sessions_end_at_eight_minutes_a_day(here):
    arguments = ("run", "--fast", "--person", "tender", "--dose", "90", "--remember", "--json")
    ran = []
    for _ in range(15):
        said = here(*arguments)
        ran.append(one_object(said.out))
        if not ran[-1]["samples"]:
            break
    assert (said.code, ran[-1]["outcome"], ran[-1]["reason"]) == (3, "short", "day-limit")
    assert sum(float(str(each["contact_s"])) for each in ran) <= 481


def test_a_protocol_of_ones_own(here, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[[steps]]\nkind = "compress"\nholds = 2\ndose_s = 30\nrest_s = 15\n')
    ran = one_object(here("run", "--fast", "--person", "tender", "--protocol", path, "--json").out)
    assert (ran["protocol"], ran["dose_s"], len(ran["holds"])) == ("mine", 60, 2)


def test_a_pipe_that_closes_early_is_no_error(here, tmp_path):
    import subprocess  # noqa: PLC0415

    from tests.command_line import HOLDWELL  # noqa: PLC0415

    here(*QUICK, "--json")
    done = subprocess.run(
        f"{HOLDWELL} export last | head -n 1", shell=True, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stderr == ""
    assert done.stdout.strip() == ",".join(HEADER)


def test_plain_output_has_no_colour():
    said = holdwell(*QUICK)
    assert "\x1b" not in said.out + said.err


def test_a_session_on_virtual_time_runs_at_a_terminal_and_leaves_it_as_it_was(tmp_path):
    with AtTerminal(tmp_path, "run", "--tool", "sim", "--fast") as terminal:
        assert terminal.code() == 0, terminal.said
        assert "Complete" in terminal.said
        assert terminal.modes == terminal.before


def test_usage_errors_are_one_line(here):
    for arguments in (["run", "--dose", "abc"], ["export", "last", "--format", "xml"], ["run", "--nope"], ["frob"]):
        assert is_one_line(here(*arguments))
