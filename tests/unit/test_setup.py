"""Who presses the simulated tool, and what the journal calls them."""

from pathlib import Path

import pytest

from controller.stations import SimulatedSetup
from protocols.site import Site

SITE = Site.named("upper-trapezius-left")


def label(person: str) -> str:
    return SimulatedSetup.chosen(person, 4, SITE, None).label


def test_a_person_s_file_is_one_person_by_whatever_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.toml").write_text("[body]\nppt_n = 20\n")
    (tmp_path / "q.toml").symlink_to("p.toml")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    labels = {label(path) for path in ("p.toml", "./p.toml", "sub/../p.toml", "q.toml", str(tmp_path / "p.toml"))}
    assert labels == {f"sim:{tmp_path.resolve()}/p.toml:4"}


def test_a_name_stays_a_name_also_where_a_file_is_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tender").write_text("")
    monkeypatch.chdir(tmp_path)
    assert label("tender") == "sim:tender:4"
    assert label("default") == "sim:default:4"
