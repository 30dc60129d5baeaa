"""Bad input: one line on stderr that says what to do, exit 2, no traceback; and nothing in the journal."""

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from controller.journal import Journal
from controller.places import journal_url
from protocols.commands import LockSite
from protocols.events import Symptom, SymptomReported
from protocols.site import Site
from tests.command_line import Here, Said, holdwell, is_one_line
from tests.journal_sessions import ORIGIN_NS, begin, noon

TEXTS = ("person", "journal", "profile", "site", "force-from")
"""Options for which nothing is no value: left out, they have one."""

GOOD = 'name = "mine"\n[[steps]]\nkind = "compress"\n'


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def file_with(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def run_fast(here: Here, *arguments: object) -> Said:
    return here("run", "--tool", "sim", "--fast", "--json", *arguments)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "dose_s = 120", ["steps[1].dose_s", "120", "30 to 90"]),
        (GOOD + "dose_s = 10", ["steps[1].dose_s", "10", "30 to 90"]),
        (GOOD + "dose_s = nan", ["dose_s"]),
        (GOOD + 'dose_s = "45"', ["dose_s"]),
        (GOOD + "band = [2, 9]", ["band", "3"]),
        (GOOD + "band = [6, 5]", ["band"]),
        (GOOD + "band = [5.5, 6.5]", ["band"]),
        (GOOD + "time_at_pressure_s = 121", ["time_at_pressure_s", "120"]),
        (GOOD + "holds = 4", ["holds", "1 to 3"]),
        (GOOD + "rest_s = 5", ["rest_s", "15"]),
        (GOOD + "approach_s = 51", ["approach_s", "50"]),
        (GOOD + "force_limit_n = -1", ["force_limit_n"]),
        (GOOD + "dosis_s = 45", ["dosis_s"]),
        ('name = "mine"\nsteps = []\n', ["steps"]),
        ('name = "mine"\n[[steps]]\nkind = "stretch"\n', ["kind", "compress"]),
        ("name = ", ["TOML"]),
        ("", ["name"]),
        (b"\xff\xfe\x00", ["text"]),
    ],
)
def test_a_protocol_file_that_is_refused(here, tmp_path, text, words):
    path = file_with(tmp_path, "mine.toml", text)
    said = run_fast(here, "--protocol", path)
    assert is_one_line(said), said
    assert all(word in said.err for word in [*words, "mine.toml"]), said.err
    assert here("sessions", "--json").out == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--protocol", "nothing.toml"], ["nothing.toml", "no such file"]),
        (["--protocol", "double-dose"], ["double-dose", "single-dose"]),
        (["--site", "throat"], ["throat", "upper-trapezius-left"]),
        (["--site", "upper-trapezius"], ["upper-trapezius", "upper-trapezius-left"]),
        (["--person", "nobody"], ["nobody", "tender"]),
        (["--person", "nobody.toml"], ["nobody.toml"]),
        (["--dose", "120"], ["--dose", "30 to 90"]),
        (["--dose", "nan"], ["--dose", "30 to 90"]),
        (["--dose", "-45"], ["--dose", "30 to 90"]),
        (["--seed", "-1"], ["--seed"]),
        (["--profile", ""], ["--profile"]),
        (["--radio", "tcp-client:127.0.0.1:1"], ["--radio"]),
        (["--force-from", "nothing.csv"], ["nothing.csv"]),
        (["--force-from", os.devnull], [os.devnull, "not a regular file", "CSV"]),
        (["--force-from", "."], ["folder", "CSV"]),
        (["--force-from", "a\0b"], ["no file"]),
        (["--protocol", "/dev/zero"], ["/dev/zero", "not a regular file"]),
        (["--seed", "1.5"], ["--seed", "1.5", "whole number"]),
        (["--seed", "many"], ["--seed", "many", "whole number"]),
        (["--seed", ""], ["--seed", "whole number"]),
        *((["--" + option, blank], ["--" + option, "give"]) for option in TEXTS for blank in ("", " ")),
    ],
)
def test_a_name_or_number_that_is_refused(here, arguments, words):
    said = run_fast(here, *arguments)
    assert is_one_line(said), said
    assert all(word in said.err for word in words), said.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t_s,newton\n0,1\n", ["row 1", "force_n"]),
        ("", ["row 1", "t_s", "force_n"]),
        ("t_s,force_n\n", ["row 2", "no samples"]),
        ("t_s,force_n\n0.0,1\n0.1,strong\n", ["row 3", "strong"]),
        ("t_s,force_n\n0.0,1\n0.1,nan\n", ["row 3", "nan"]),
        ("t_s,force_n\n0.0,1\n0.1,inf\n", ["row 3", "inf"]),
        ("t_s,force_n\n0.0,1\n0.1\n", ["row 3", "force_n"]),
        ("t_s,force_n\n0.1,1\n0.0,1\n", ["row 3", "sort"]),
        (b"t_s,force_n\n\xff\xfe,1\n", ["CSV"]),
        (b"\x00\x01\x02", ["force"]),
    ],
)
def test_a_recording_that_is_refused(here, tmp_path, text, words):
    said = run_fast(here, "--force-from", file_with(tmp_path, "force.csv", text))
    assert is_one_line(said), said
    assert all(word in said.err for word in ["force.csv", *words]), said.err


@pytest.mark.parametrize("command", [("sessions",), ("run", "--tool", "sim", "--fast")])
@pytest.mark.parametrize("what", ["no table", "no database"])
def test_a_file_that_is_no_journal_any_more_is_refused_with_what_to_do(here, tmp_path, what, command):
    path = tmp_path / "mine.sqlite"
    Journal.open(f"sqlite:///{path}", inline=True, utc_now=noon).close()
    if what == "no table":
        connection = sqlite3.connect(path)
        connection.execute("DROP TABLE blocks")
        connection.close()
    else:
        path.write_text("something else")
    said = here(*command, "--journal", f"sqlite:///{path}")
    assert is_one_line(said), said
    assert "bring back a copy" in said.err
    assert "permissions" not in said.err


def test_a_journal_of_a_newer_version_is_not_called_damaged(here, tmp_path):
    path = tmp_path / "mine.sqlite"
    Journal.open(f"sqlite:///{path}", inline=True, utc_now=noon).close()
    connection = sqlite3.connect(path)
    connection.executescript("UPDATE holdwell_schema SET version = 2; ALTER TABLE declarations RENAME TO declared;")
    connection.close()
    said = here("sessions", "--journal", f"sqlite:///{path}")
    assert is_one_line(said), said
    assert "update Holdwell" in said.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[body]\nppt_n = 1", ["body.ppt_n", "2"]),
        ("[body]\nppt = 20", ["body.ppt", "ppt_n"]),
        ("[hand", ["TOML"]),
        ("[rater]\nunanswered = 2", ["rater.unanswered"]),
    ],
)
def test_a_person_file_that_is_refused(here, tmp_path, text, words):
    said = run_fast(here, "--person", file_with(tmp_path, "mine.toml", text))
    assert is_one_line(said), said
    assert all(word in said.err for word in ["mine.toml", *words]), said.err


def test_a_tool_without_a_name(here):
    said = here("run", "--fast", "--tool", "")
    assert is_one_line(said), said
    assert "--tool is empty" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["sessions", "--profile", ""],
        ["sessions", "--journal", ""],
        ["show", "last", "--journal", ""],
        ["unlock", "suboccipital-left", "--profile", ""],
        ["tool", "--person", ""],
        ["tool", "--site", ""],
        ["tool", "--force-from", ""],
    ],
)
def test_nothing_is_no_value_in_other_commands_either(here, arguments):
    said = here(*arguments)
    assert is_one_line(said), said
    assert f"{arguments[-2]} is empty" in said.err


@pytest.mark.parametrize("option", ["--force-from", "--person", "--protocol"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path, option):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    said = holdwell("run", "--tool", "sim", "--fast", option, pipe)
    assert is_one_line(said), said
    assert "not a regular file" in said.err


def test_a_recording_of_endless_size(here, tmp_path):
    path = tmp_path / "force.csv"
    with path.open("wb") as file:
        file.truncate(33_000_000)
    said = run_fast(here, "--force-from", path)
    assert is_one_line(said), said
    assert "larger than 32 MB" in said.err


@pytest.mark.parametrize("arguments", [["show"], ["export"], ["replay"]])
@pytest.mark.parametrize("session", ["nothing", "last", "", "%", "../.."])
def test_a_session_that_is_not_there(here, arguments, session):
    said = here(*arguments, session)
    assert is_one_line(said), said
    assert "session" in said.err


def unusable(folder: Path) -> dict[str, str]:
    plain = file_with(folder, "plain", "no database")
    return {
        f"sqlite:///{plain}/journal.sqlite": "folder",
        f"sqlite:///{folder}": "folder",
        f"sqlite:///{plain}": "not a database",
        f"sqlite:///{folder}/away/journal.sqlite": "make the folder",
        "dbase://here/journal": "dbase",
        "journal.sqlite": "sqlite:///FILE",
        "": "",
    }


@pytest.mark.parametrize("which", range(6))
@pytest.mark.parametrize("command", ["run", "sessions", "show"])
def test_a_journal_that_cannot_be_used(here, tmp_path, which, command):
    url, word = list(unusable(tmp_path).items())[which]
    arguments = {"run": ["run", "--tool", "sim", "--fast"], "sessions": ["sessions"], "show": ["show", "last"]}[command]
    said = here(*arguments, "--journal", url)
    assert is_one_line(said), said
    assert word in said.err


@pytest.mark.parametrize("command", [["sessions"], ["show", "last"], ["export", "last"], ["replay", "last"]])
def test_looking_into_a_journal_that_is_not_there_makes_none(here, tmp_path, command):
    path = tmp_path / "typo.sqlite"
    said = here(*command, "--journal", f"sqlite:///{path}")
    assert is_one_line(said), said
    assert f"no journal {path}" in said.err
    assert "holdwell run" in said.err
    assert not path.exists()


def test_a_data_folder_that_cannot_be_made(here, tmp_path, monkeypatch):
    monkeypatch.setenv("HOLDWELL_DATA", str(file_with(tmp_path, "plain", "") / "data"))
    said = here("run", "--tool", "sim", "--fast")
    assert is_one_line(said), said
    assert "HOLDWELL_DATA" in said.err


def test_unlock_without_a_terminal_advises_no_other_tool(tmp_path, monkeypatch):
    monkeypatch.setenv("HOLDWELL_DATA", str(tmp_path))
    journal = Journal.open(journal_url(), inline=True, utc_now=noon)
    begin(journal)
    locked = LockSite(Site.named("levator-scapulae-right"), Symptom.NUMBNESS)
    journal.append(SymptomReported(ORIGIN_NS, Symptom.NUMBNESS), (locked,))
    journal.close()
    said = holdwell("unlock", "levator-scapulae-right")
    assert said.code == 2, said
    assert "run it in a terminal" in said.err
    assert "--tool" not in said.err


@pytest.mark.parametrize(
    "option", [["--fast"], ["--person", "tender"], ["--seed", "2"], ["--force-from", "x.csv"], ["--remember"]]
)
def test_an_option_that_needs_the_simulated_tool(here, option):
    said = here("run", "--tool", "HW-0001", "--radio", "tcp-client:127.0.0.1:1", *option)
    assert is_one_line(said), said
    assert option[0] in said.err
    assert "--tool sim" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--loud"],
        ["run", "--seed", "many"],
        ["run", "--dose"],
        ["run", "extra"],
        ["export", "last", "--format", "xml"],
        ["show"],
        ["massage"],
    ],
)
def test_an_option_that_there_is_not(here, arguments):
    said = here(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("radio", "code"),
    [
        ("tcp-client:127.0.0.1:1", 4),
        ("usb:99", 4),
        ("tcp-client:nowhere", 2),
        ("carrier-pigeon:1", 2),
        ("", 2),
    ],
)
@pytest.mark.parametrize("tool", [["--tool", "HW-0001"], []])
def test_a_radio_that_is_not_there(here, radio, code, tool):
    said = here("run", *tool, "--radio", radio)
    assert is_one_line(said, code), said
    advice = "try tcp-client:" if code == 2 else "holdwell tool --listen" if "tcp" in radio else "plug it in"
    assert advice in said.err


def test_scan_on_a_radio_that_is_not_there(here):
    said = here("scan", "--radio", "tcp-client:127.0.0.1:1")
    assert is_one_line(said, 4), said


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_time_to_listen_that_is_refused(here, seconds):
    said = here("scan", "--seconds", seconds, "--radio", "tcp-client:127.0.0.1:1")
    assert is_one_line(said), said


@pytest.mark.parametrize("where", ["nowhere", "127.0.0.1:many", "127.0.0.1:99999", ""])
def test_a_place_where_nobody_can_listen(here, where):
    said = here("tool", "--listen", where)
    assert is_one_line(said), said
    assert "--listen" in said.err


def test_a_port_that_is_taken(here):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = here("tool", "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
    assert is_one_line(said), said
    assert "in use" in said.err


@pytest.mark.parametrize(
    "option", [["--person", "nobody"], ["--site", "throat"], ["--force-from", "x.csv"], ["--seed", "-1"]]
)
def test_a_simulated_tool_that_is_refused(here, option):
    said = here("tool", "--listen", "127.0.0.1:0", *option)
    assert is_one_line(said), said


def test_a_file_that_cannot_be_exported_to(here, tmp_path):
    assert run_fast(here, "--person", "tender", "--dose", "30").code == 0
    for output in (tmp_path / "away" / "out.csv", tmp_path, file_with(tmp_path, "plain", "") / "out.csv"):
        said = here("export", "last", "--output", output)
        assert is_one_line(said), said
        assert "--output" in said.err


def test_it_is_the_same_in_a_process_of_its_own(tmp_path):
    path = file_with(tmp_path, "mine.toml", GOOD + "dose_s = 120")
    said = holdwell("run", "--tool", "sim", "--protocol", path)
    assert is_one_line(said), said
