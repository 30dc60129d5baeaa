"""A terminal that goes away under a session: its window is closed, the line to it breaks."""

import json

import pytest

from controller.errors import INTERNAL
from tests.command_line import Here
from tests.terminal import AtTerminal


@pytest.mark.parametrize("in_window", [True, False])
def test_a_terminal_that_is_closed_ends_the_session_in_order(tmp_path, monkeypatch, capsys, in_window):
    with AtTerminal(tmp_path, "run", "--tool", "sim", in_window=in_window) as terminal:
        terminal.until("press more")
        terminal.close()
        assert terminal.code() != INTERNAL
    assert list(tmp_path.glob("holdwell-error-*")) == []
    monkeypatch.setenv("HOLDWELL_DATA", str(tmp_path))
    assert json.loads(Here(monkeypatch, capsys)("show", "last", "--json").out)["reason"] == "terminated"
