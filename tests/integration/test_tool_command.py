"""What somebody says of a load cell, and dead weights on it."""

import asyncio
import json

import pytest

from controller.rigs import StoredTool, store
from simulator.dead_weights import DeadWeights
from simulator.radio import Radio
from simulator.scales.progressor import SimulatedProgressor
from tests.command_line import Here, is_one_line
from tests.processes import Running
from tests.radio_bench import on_real_time

ADDRESS = "C1:22:33:44:55:66"


@pytest.fixture
def here(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    return Here(monkeypatch, capsys)


def test_what_is_set_is_kept_beside_what_was_set_before(here):
    assert "No load cell is known" in here("tool", "show").out
    assert here("tool", "set", ADDRESS.lower(), "--tip-mm", "20").code == 0
    assert here("tool", "set", ADDRESS, "--invert", "--tip", "sphere").code == 0
    shown = here("tool", "show").out
    assert ADDRESS in shown
    assert "sphere 20 mm" in shown
    assert here("tool", "set", ADDRESS, "--no-invert").code == 0
    assert "yes" not in here("tool", "show").out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "nothing to set"),
        (("--tip-mm", "2000"), "a tip of 2000 mm is not between 5 and 100 mm"),
        (("--tip-mm", "nan"), "a tip of nan mm is not between"),
        (("--tip-mm", "wide"), "--tip-mm"),
        (("--tip", "cone"), "--tip"),
    ],
)
def test_what_no_rig_has_is_refused_and_changes_nothing(here, given, words):
    here("tool", "set", ADDRESS, "--tip-mm", "20")
    before = here("tool", "show").out
    said = here("tool", "set", ADDRESS, *given)
    assert said.code == 2
    assert words in said.err
    assert is_one_line(said), said
    assert here("tool", "show").out == before


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"A": {"tip_mm": "wide"}}', '{"A": {"tipp": 1}}', '{"A": {"tip_mm": 1e9}}']
)
def test_a_file_that_was_spoilt_is_told_and_kept(here, text):
    path = store("A", StoredTool(tip_mm=20))
    path.write_text(text)
    said = here("tool", "set", "B", "--tip-mm", "20")
    if "1e9" in text:
        # Only whoever uses it needs it to be possible.
        assert said.code == 0
        return
    assert said.code == 2
    assert str(path) in said.err
    assert is_one_line(said), said
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("tool", "code"), [("sim", 0), ("sim:ball", 0), ("sim:progressor", 0), ("sim:whc06", 0), ("sim:force-board", 1)]
)
def test_a_sound_cell_is_good_and_one_of_whole_pounds_is_not(here, tool, code):
    said = here("tool", "calibrate", tool)
    assert said.code == code, said.err
    assert said.out.count(", up:") == said.out.count(", down:") == 6
    assert "residual" in said.out
    assert "hysteresis" in said.out
    assert "nothing is kept" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sim:progressor", "--masses-kg", "1,x"), "no list of numbers"),
        (("sim:progressor", "--masses-kg", "1,2"), "fewer than 3"),
        (("sim:progressor", "--masses-kg", "1,2,2"), "given once"),
        (("sim:progressor", "--masses-kg", "0,1,2"), "more than 0"),
        (("sim:nothing",), "there is no simulated tool 'sim:nothing'"),
        (("sim:progressor", "--radio", "usb:0"), "leave one of them out"),
    ],
)
def test_what_cannot_be_weighed_is_told(here, arguments, words):
    said = here("tool", "calibrate", *arguments)
    assert said.code == 2
    assert words in said.err
    assert is_one_line(said), said


@on_real_time
async def test_a_load_cell_is_found_and_wants_to_know_its_tip_before_it_presses(tmp_path):
    async with Radio(seed=1) as radio:
        offer = await radio.offer("127.0.0.1:0")
        where = ("--radio", f"tcp-client:{offer.address}")
        async with SimulatedProgressor(radio, DeadWeights(), seed=1, revision="1.2.3") as scale:

            def call(*arguments: str) -> Running:
                with Running(tmp_path, *arguments, *where) as process:
                    process.code()
                    return process

            scanned = await asyncio.to_thread(call, "scan", "--seconds", "1")
            assert scale.name in scanned.out
            assert "Tindeq Progressor or a clone" in scanned.out
            assert "measures 80 times a second" in scanned.out
            refused = await asyncio.to_thread(call, "run", "--tool", scale.name)
            assert refused.code() == 2
            assert f"holdwell tool set {scale.address} --tip-mm 20" in refused.err
            (tmp_path / "tools.json").write_text(json.dumps({scale.address: {"tip_mm": 20.0}}))
            asked = await asyncio.to_thread(call, "run", "--tool", scale.address)
            assert asked.code() == 2
            assert "the safety questions need an answer" in asked.err
