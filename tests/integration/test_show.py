"""`holdwell show` as a user or a script runs it: figures, plot, picture, JSON, and its one-line errors."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controller.journal import Journal
from controller.places import journal_url
from controller.summary import summary_of
from protocols.commands import Outcome
from protocols.figures import figures
from tests.command_line import LONGEST_S, Here, holdwell, is_one_line
from tests.journal_sessions import begin, noon, steps

RUN = ("run", "--tool", "sim", "--fast", "--person", "tender", "--dose", "30", "--json")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def tamper(tmp_path: Path, sql: str) -> None:
    with sqlite3.connect(tmp_path / "data" / "journal.sqlite") as connection:
        connection.execute(sql)
    connection.close()


def test_show_plots_force_and_estimate_after_the_figures(here):
    ran = json.loads(here(*RUN).out)
    said = here("show", "last")
    assert (said.code, said.err) == (0, "")
    figures, plot = said.out.split("newtons:")
    assert "credited_s" in figures
    assert "hold 1" in figures
    assert "discomfort:" in plot
    assert "finding your" in plot
    assert plot.count("●") >= len(ran["answers"]), "each answer, and the legend"
    assert "estimate in the hold: mean" in plot
    assert max(len(line.rstrip()) for line in said.out.splitlines()) <= 80
    assert "\x1b" not in said.out


def test_show_says_what_was_learned_and_a_broken_entry_is_no_matter(here, tmp_path):
    session_id = json.loads(here(*RUN).out)["session_id"]
    assert "\nlearned: first pain usually at " in here("show", "last").out
    tamper(tmp_path, "UPDATE sessions SET summary = json_set(summary, '$.known.kinds[0].weight', 'heavy')")
    said = here("show", session_id)
    assert (said.code, said.err) == (0, "")
    assert "learned" not in said.out


def test_json_has_the_estimate_besides(here):
    ran = json.loads(here(*RUN).out)
    shown = json.loads(here("show", "last", "--json").out)
    estimate = shown.pop("estimate")
    assert shown == ran
    assert 100 <= len(estimate) <= 200
    assert max(row["force_n"] for row in estimate) <= ran["peak_n"]
    held = [row["discomfort"] for row in estimate if row["aim_n"] is not None][len(estimate) // 2 :]
    assert 4 < sum(held) / len(held) < 7
    rows = here("export", "last").out.splitlines()
    exported = {round(float(row.split(",")[0]), 3): float(row.split(",")[2]) for row in rows[1:]}
    assert all(exported[row["t_s"]] == pytest.approx(row["discomfort"], abs=6e-3) for row in estimate)


def test_plot_writes_a_picture_and_says_where(here, tmp_path):
    here(*RUN)
    path = tmp_path / "hold.png"
    said = here("show", "last", "--plot", path)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == f"Plotted in {path}"
    assert path.read_bytes().startswith(PNG)
    path.unlink()
    assert json.loads(here("show", "last", "--plot", path, "--json").out)["estimate"]
    assert path.read_bytes().startswith(PNG)


def test_what_cannot_be_plotted_is_one_line_and_nothing_is_printed(here, tmp_path, monkeypatch):
    here(*RUN)
    for name in ("hold.svg", "hold", "", "nowhere/hold.png", ""):
        said = here("show", "last", "--plot", tmp_path / name)
        assert is_one_line(said), said
        assert "--plot" in said.err
    (tmp_path / "folder.png").mkdir()
    assert is_one_line(here("show", "last", "--plot", tmp_path / "folder.png"))
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said = here("show", "last", "--plot", tmp_path / "hold.png")
    assert is_one_line(said)
    assert "pip install matplotlib" in said.err
    assert not (tmp_path / "hold.png").exists()


def test_a_setting_of_matplotlib_that_is_wrong_is_one_line(tmp_path):
    assert holdwell(*RUN).code == 0
    done = subprocess.run(
        [Path(sys.executable).with_name("holdwell"), "show", "last", "--plot", tmp_path / "a.png"],
        env={**os.environ, "MPLBACKEND": "nothing"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


def test_a_session_whose_samples_are_gone_has_its_figures_and_says_what_is_missing(here, tmp_path):
    assert here(*RUN).code == 0
    tamper(tmp_path, "DELETE FROM blocks")
    said = here("show", "last")
    assert said.code == 0
    assert "credited_s" in said.out
    assert "newtons" not in said.out
    assert is_one_line(said.__class__(2, "", said.err))
    assert "missing" in said.err
    assert "version" not in said.err
    for command in ("export", "replay"):
        said = here(command, "last")
        assert said.code == 2
        assert "missing" in said.err
        assert said.err.count("\n") == 1


def test_a_session_without_a_force_has_figures_and_no_picture(here, tmp_path):
    journal = Journal.open(journal_url(), inline=True, utc_now=noon)
    begin(journal)
    (event, commands, session), *_ = steps(0.1)
    journal.append(event, commands)
    journal.finish(Outcome.SHORT, "link", summary_of(figures(session)))
    journal.close()
    said = here("show", "last")
    assert (said.code, said.err) == (0, "")
    assert "newtons" not in said.out
    said = here("show", "last", "--plot", tmp_path / "a.png")
    assert is_one_line(said.__class__(said.code, said.out, said.err.splitlines(keepends=True)[-1]))
    assert "nothing to plot" in said.err
    assert not (tmp_path / "a.png").exists()


def test_a_session_of_another_version_has_its_figures_and_a_note(here, tmp_path):
    ran = json.loads(here(*RUN).out)
    tamper(tmp_path, "UPDATE records SET kind = 'Unheard', body = '{}' WHERE kind = 'Answered'")
    said = here("show", "last")
    assert said.code == 0
    assert ran["session_id"] in said.out
    assert "newtons" not in said.out
    assert len(said.err.splitlines()) == 1
    assert "cannot be shown" in said.err
    said = here("show", "last", "--json")
    assert json.loads(said.out) == ran | {"estimate": None}
    assert is_one_line(here("show", "last", "--plot", tmp_path / "a.png"))


def test_a_course_that_comes_out_otherwise_says_so(here, tmp_path):
    here(*RUN)
    tamper(tmp_path, "UPDATE records SET body = replace(body, '\"approach\"', '\"rest\"') WHERE kind = 'EnterPhase'")
    said = here("show", "last")
    assert said.code == 0
    assert "newtons" in said.out
    assert len(said.err.splitlines()) == 1
    assert "holdwell replay" in said.err


def test_matplotlib_is_imported_only_for_a_picture(here):
    here(*RUN)
    code = "import sys; sys.argv[1:] = ['show', 'last']\nfrom controller.cli import _run\n_run()\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "sys.exit('matplotlib' in sys.modules or 'sqlalchemy' not in sys.modules)"],
        stdout=subprocess.DEVNULL,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0
