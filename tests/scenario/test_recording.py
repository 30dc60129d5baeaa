"""Force from a recording: all of it is logged, as exactly as the load cell allows, whatever the engine decides."""

import itertools
import math
from pathlib import Path

import pytest

from protocols.commands import EnterPhase, Outcome, Phase
from protocols.events import InputEnded, StopRequested
from simulator.load_cell import ERROR_FLOOR_N, ERROR_SHARE
from simulator.recording import RecordedPerson, Recording
from tests.whole_stack import Played, Stage, play

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
PERIOD_S = 0.01


def written(path: Path, seconds: float, force_of: object) -> Path:
    """Write a recording at 200 Hz."""
    rows = [f"{k / 200:.3f},{force_of(k / 200):.3f}" for k in range(round(seconds * 200) + 1)]
    path.write_text("t_s,force_n\n" + "\n".join(rows) + "\n")
    return path


def squeezes(t_s: float) -> float:
    """Press to 18 N for 20 s of every 30."""
    return 18.0 * min(1.0, (t_s % 30) / 3) if t_s % 30 < 20 else 0.0


def check_against(played: Played, recording: Recording) -> None:
    """Require every sample of the recording, at 100 Hz, first to last, within the load cell's error."""
    logged = [force for packet in played.packets for force in packet.forces_n]
    assert played.figures.packets_lost == 0
    count = math.floor(recording.duration_ns / 1e7) + 1
    assert len(logged) == count
    for k, force_n in enumerate(logged):
        true_n = recording.force_n(k * 10_000_000)
        assert true_n is not None
        assert abs(force_n - true_n) <= ERROR_FLOOR_N + ERROR_SHARE * abs(true_n), f"sample {k}"
    times = [packet.first_ns + i * packet.period_ns for packet in played.packets for i in range(len(packet.forces_n))]
    steps_s = [(after - before) * 1e-9 for before, after in itertools.pairwise(times)]
    assert steps_s == pytest.approx([PERIOD_S] * len(steps_s), abs=2e-3)


def ended_s(played: Played) -> float:
    return next(at_s for at_s, entered in played.given(EnterPhase) if entered.phase is Phase.ENDED)


def test_every_sample_is_logged_also_after_the_session_ended(tmp_path):
    recording = Recording.read(written(tmp_path / "squeezes.csv", 100.0, squeezes))
    played = play(person=RecordedPerson(recording))
    check_against(played, recording)
    last_s = played.packets[-1].at_ns * 1e-9
    assert last_s - ended_s(played) > 20, "most of it came after the end"
    assert played.figures.outcome in (Outcome.SHORT, Outcome.STOPPED)


def test_a_recording_that_ends_first_ends_the_session(tmp_path):
    recording = Recording.read(written(tmp_path / "short.csv", 3.4, lambda t_s: 9.0 if t_s > 2 else 0.0))
    played = play(person=RecordedPerson(recording))
    check_against(played, recording)
    assert any(isinstance(event, InputEnded) for event in played.events)
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "recording-ended", 3)


def test_a_recording_of_nothing_ends_the_session(tmp_path):
    recording = Recording.read(written(tmp_path / "nothing.csv", 2.0, lambda _: 0.0))
    played = play(person=RecordedPerson(recording))
    check_against(played, recording)
    assert (played.figures.outcome, played.figures.reason) == (Outcome.SHORT, "recording-ended")


def test_a_recording_is_logged_whole_over_a_stop(tmp_path):
    recording = Recording.read(written(tmp_path / "squeezes.csv", 40.0, squeezes))

    async def script(stage: Stage) -> None:
        await stage.until(lambda: stage.session.phase is Phase.APPROACH)
        stage.runtime.post(StopRequested(stage.now_ns, "ctrl-c"))

    played = play(script, person=RecordedPerson(recording))
    check_against(played, recording)
    assert (played.figures.outcome, played.figures.reason) == (Outcome.STOPPED, "ctrl-c")


def test_who_stops_after_the_end_of_the_session_wants_no_more_of_the_recording(tmp_path):
    recording = Recording.read(written(tmp_path / "squeezes.csv", 100.0, squeezes))

    async def script(stage: Stage) -> None:
        await stage.phase(Phase.ENDED)
        stage.note("stop")
        stage.runtime.post(StopRequested(stage.now_ns, "person"))

    played = play(script, person=RecordedPerson(recording))
    last_s = played.packets[-1].at_ns * 1e-9
    assert last_s - played.stage.notes["stop"] < 1.0


@pytest.mark.parametrize("name", ["ball_squeeze_a.csv", "ball_squeeze_b.csv"])
def test_a_shared_recording_is_logged_whole(name):
    path = SHARED / name
    if not path.is_file():
        pytest.skip("the shared recordings are not here")
    recording = Recording.read(path)
    check_against(play(person=RecordedPerson(recording)), recording)
