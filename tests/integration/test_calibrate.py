"""`holdwell calibrate`, and `run --calibrate`, as a user or a script runs them."""

import json

import pytest

from tests.command_line import Here, is_one_line

FAST = ("--tool", "sim", "--fast", "--json")


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


def test_calibrate_prints_what_came_out_in_words(here):
    said = here("calibrate", "--tool", "sim", "--fast")
    assert said.code == 0
    assert "Complete: every ramp reached your 5" in said.out
    for words in ("first pain", "5 of 10", "spread", "no earlier calibration"):
        assert words in said.out
    assert "credited" not in said.out


def test_calibrate_as_json_is_what_show_says_and_replays(here):
    ran = json.loads(here("calibrate", *FAST).out)
    found = ran["calibration"]
    assert (ran["outcome"], ran["protocol"], ran["dose_s"], ran["holds"]) == ("complete", "calibration", 0, [])
    assert len(found["ppt_n"]) == len(found["five_n"]) == 3
    assert found["five_mean_n"] > found["ppt_mean_n"]
    assert found["ppt_change_n"] is None
    shown = json.loads(here("show", "last", "--json").out)
    assert shown["calibration"] == found
    assert len(shown["estimate"]) > 50
    assert "the same commands again" in here("replay", "last").out
    plot = here("show", "last").out
    for words in ("ramp 1, newtons", "ramp 3, newtons", "first pain", "calibration"):
        assert words in plot
    assert json.loads(here("export", "last", "--format", "jsonl").out.splitlines()[0])["plan"]["steps"][0]["ramps"] == 3
    assert here("sessions").out.splitlines()[1].split()[5] == "-"


def test_a_second_calibration_tells_the_change(here):
    first = json.loads(here("calibrate", *FAST, "--remember").out)["calibration"]
    again = here("calibrate", "--tool", "sim", "--fast", "--remember")
    second = json.loads(here("show", "last", "--json").out)["calibration"]
    change_n = second["ppt_mean_n"] - first["ppt_mean_n"]
    assert second["ppt_change_n"] == pytest.approx(change_n, abs=2e-3)
    assert f"first pain {'up' if change_n >= 0 else 'down'} {abs(change_n):.1f} N" in again.out


def test_run_calibrates_first_where_asked(here, tmp_path):
    ran = json.loads(here("run", *FAST, "--calibrate", "--dose", "30", "--seed", "4").out)
    assert (ran["reason"], ran["dose_s"], ran["credited_s"]) == ("dose", 30, 30)
    assert len(ran["calibration"]["five_n"]) == 3
    assert [hold["dose_s"] for hold in ran["holds"]] == [30]
    assert "the same commands again" in here("replay", "last").out
    plot = here("show", "last", "--plot", tmp_path / "both.png").out
    assert "ramp 3, newtons" in plot
    assert "hold 1, newtons" in plot
    assert (tmp_path / "both.png").stat().st_size > 1000
    assert json.loads(here("run", *FAST, "--dose", "30").out)["calibration"] is None


def test_the_5_of_a_calibration_is_known_to_the_next_session(here):
    found = json.loads(here("calibrate", *FAST, "--remember").out)
    ran = json.loads(here("run", *FAST, "--remember", "--dose", "30").out)
    assert ran["approach_s"] < 30
    assert ran["force_at_five_n"] == pytest.approx(found["force_at_five_n"], rel=0.25)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("calibrate", "--dose", "30"), "--dose"),
        (("calibrate", "--site", "nose"), "nose"),
        (("calibrate", "--tool", "HW-1", "--fast"), "--fast"),
        (("run", "--protocol", "calibration", "--dose", "30"), "no hold"),
        (("run", "--calibrate", "--force-from", "mine.csv"), "leave out --calibrate"),
    ],
)
def test_what_cannot_be_is_one_line(here, arguments, said):
    refused = here(*arguments)
    assert is_one_line(refused)
    assert said in refused.err


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ('kind = "compress"\nband = [3, 4]', "--calibrate: a calibration goes to 5"),
        ('kind = "calibrate"\nramps = 4', "steps[1].ramps: 4 is outside 1 to 3"),
        ('kind = "calibrate"\nbetween_s = 5', "steps[1].between_s: 5 is outside 30 to 120"),
        ('kind = "calibrate"\ndose_s = 30', "steps[1].dose_s: is not a key"),
        ("band = [5, 6]", "steps[1].kind: is missing"),
    ],
)
def test_a_file_that_cannot_be_is_one_line(here, tmp_path, steps, said):
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "mine"\n[[steps]]\n{steps}\n', encoding="utf-8")
    refused = here("run", "--tool", "sim", "--fast", "--calibrate", "--protocol", path)
    assert is_one_line(refused)
    assert said in refused.err
