"""Recordings: reading them, refusing bad ones, playing them to a tool."""

import os
from pathlib import Path

import pytest

from firmware_bridge.tool import ToolCue
from protocols.commands import Cue, Question
from simulator.recording import RecordedPerson, Recording, RecordingError
from simulator.tool_output import Actuate

SECOND_NS = 1_000_000_000
RECORDINGS = Path(__file__).parents[3] / "shared" / "data"


def written(path: Path, text: str) -> Path:
    file = path / "forces.csv"
    file.write_text(text, encoding="utf-8")
    return file


class TestReading:
    def test_columns_may_stand_anywhere(self, tmp_path: Path) -> None:
        file = written(tmp_path, "note,force_n,t_s\na,1.5,0.0\nb,2.5,0.1\n")
        recording = Recording.read(file)
        assert recording == Recording((0, 100_000_000), (1.5, 2.5))
        assert recording.duration_ns == 100_000_000

    def test_time_begins_with_the_first_sample(self, tmp_path: Path) -> None:
        file = written(tmp_path, "t_s,force_n\n17.25,1\n17.26,2\n")
        assert Recording.read(file).times_ns == (0, 10_000_000)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("t_s,newtons\n0,1\n", "row 1: no column force_n; name the columns t_s,force_n"),
            ("a,b\n0,1\n", "row 1: no column t_s and force_n"),
            ("", "row 1: no column t_s and force_n"),
            ("t_s,force_n\n", "row 2: there are no samples"),
            ("t_s,force_n\n0,1\n0.1,abc\n", "row 3: force_n is 'abc'; write a number"),
            ("t_s,force_n\n0,1\n0.1,\n", "row 3: force_n is ''; write a number"),
            ("t_s,force_n\n0,1\n0.1\n", "row 3: force_n is ''; write a number"),
            ("t_s,force_n\n0,NaN\n", "row 2: force_n is 'NaN'; write a number"),
            ("t_s,force_n\nnan,1\n", "row 2: t_s is 'nan'; write a number"),
            ("t_s,force_n\n0,inf\n", "row 2: force_n is 'inf'; write a number"),
            ("t_s,force_n\n0,1\n1,1\n0.5,1\n", "row 4: t_s 0.5 does not come after 1.0; sort the rows by time"),
            ("t_s,force_n\n0,1\n0,1\n", "row 3: t_s 0.0 does not come after 0.0; sort the rows by time"),
            ("t_s,force_n\n0,1\n1e9,1\n", "row 3: t_s 1000000000.0 is more than a day after the start"),
        ],
    )
    def test_what_is_wrong_is_said_in_one_line(self, tmp_path: Path, text: str, said: str) -> None:
        file = written(tmp_path, text)
        with pytest.raises(RecordingError) as caught:
            Recording.read(file)
        assert str(caught.value).startswith(f"{file}: {said}")
        assert "\n" not in str(caught.value)

    def test_a_missing_file_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(RecordingError, match=r"nothing\.csv: cannot be read: No such file"):
            Recording.read(tmp_path / "nothing.csv")

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(RecordingError, match="cannot be read"):
            Recording.read(tmp_path)

    def test_bytes_are_no_text(self, tmp_path: Path) -> None:
        file = tmp_path / "forces.csv"
        file.write_bytes(os.urandom(64) + b"\xff\xfe\x00")
        with pytest.raises(RecordingError):
            Recording.read(file)


class TestForce:
    recording = Recording((0, 10_000_000, 20_000_000), (1.0, 2.0, 4.0))

    @pytest.mark.parametrize(
        ("at_ns", "force_n"),
        [
            (-1, 1.0),
            (0, 1.0),
            (10_000_000, 2.0),
            (15_000_000, 3.0),
            (20_000_000, 4.0),
            (20_000_001, None),
        ],
    )
    def test_it_is_linear_between_samples_and_ends_after_the_last(self, at_ns: int, force_n: float | None) -> None:
        assert self.recording.force_n(at_ns) == force_n


class TestPlaying:
    recording = Recording(tuple(range(0, 10 * SECOND_NS, 5_000_000)), tuple(0.001 * k for k in range(2000)))

    def test_every_sample_is_the_file_s_own(self) -> None:
        person = RecordedPerson(self.recording)
        start_ns = 123_456_789
        person.start(start_ns)
        for k in range(1000):
            assert person.force_n(start_ns + k * 10_000_000) == self.recording.forces_n[2 * k]
        assert person.force_n(start_ns + 1000 * 10_000_000) is None

    def test_before_the_start_nothing_is_pressed(self) -> None:
        person = RecordedPerson(self.recording)
        assert person.force_n(50 * SECOND_NS) == 0.0
        person.start(60 * SECOND_NS)
        assert person.force_n(59 * SECOND_NS) == 0.0

    def test_only_the_first_start_counts(self) -> None:
        person = RecordedPerson(self.recording)
        person.start(0)
        person.start(5 * SECOND_NS)
        assert person.force_n(5 * SECOND_NS) == 1.0

    def test_it_heeds_nothing(self) -> None:
        person = RecordedPerson(self.recording)
        person.start(0)
        person.see_target(1.0, 0)
        person.cued(Cue.RELEASE, 0)
        person.feel(Actuate(ToolCue.RELEASE, 255, 0, alarm=True, unload=True), 0)
        assert person.force_n(9 * SECOND_NS) == 1.8

    @pytest.mark.parametrize(
        ("question", "reply"),
        [
            (Question.TAP_AT_FIVE, 5),
            (Question.RATE_NOW, 5),
            (Question.ARE_YOU_THERE, "here"),
            (Question.GO_ON, "go-on"),
        ],
    )
    def test_it_answers_whenever_asked(self, question: Question, reply: int | str) -> None:
        person = RecordedPerson(self.recording)
        for asked_ns in (0, 10 * SECOND_NS):
            person.asked(question, asked_ns)
            person.asked(question, asked_ns + SECOND_NS)
            assert person.replies(asked_ns + 1_499_999_999) == []
            assert person.replies(asked_ns + 1_500_000_000) == [(asked_ns + 1_500_000_000, reply)]
            assert person.replies(asked_ns + 5 * SECOND_NS) == []
        assert person.button_edges(100 * SECOND_NS) == []

    def test_asked_by_the_tool_alone_it_presses(self) -> None:
        person = RecordedPerson(self.recording)
        person.feel(Actuate(ToolCue.RATE_NOW, 255, 0, alarm=False, unload=False), 0)
        edges = [edge for at_ns in range(0, 3 * SECOND_NS, 10_000_000) for edge in person.button_edges(at_ns)]
        assert [down for _, down in edges] == [True, False]
        assert edges[0][0] == 1_500_000_000
        assert person.replies(100 * SECOND_NS) == []

    @pytest.mark.parametrize("tool_first", [True, False])
    def test_asked_by_both_it_answers_the_app_alone(self, *, tool_first: bool) -> None:
        person = RecordedPerson(self.recording)
        for by_tool in (tool_first, not tool_first):
            person.asked(Question.RATE_NOW, 0, by_tool=by_tool)
        assert person.button_edges(100 * SECOND_NS) == []
        assert len(person.replies(100 * SECOND_NS)) == 1


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the shared recordings are not here")
@pytest.mark.parametrize("name", ["ball_squeeze_a.csv", "ball_squeeze_b.csv"])
def test_a_real_recording_plays_from_first_to_last(name: str) -> None:
    recording = Recording.read(RECORDINGS / name)
    person = RecordedPerson(recording)
    person.start(0)
    played: list[float] = []
    while (force_n := person.force_n(len(played) * 10_000_000)) is not None:
        played.append(force_n)
    assert played == list(recording.forces_n[::2])
