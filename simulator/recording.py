"""Force that was recorded: a CSV with the columns `t_s` and `force_n`, played through a simulated tool."""

import csv
import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from firmware_bridge.tool import ToolCue
from protocols.commands import Cue, Question
from protocols.events import Press
from protocols.plain_file import read_plain
from simulator.presses import edges_of
from simulator.rater import Reply
from simulator.tool_output import Actuate

COLUMNS = ("t_s", "force_n")

ANSWER = 5
ANSWERS_AFTER_NS = 1_500_000_000
"""The one answer that goes with a recording, and how long after the question it comes."""

MOST_BYTES = 32_000_000
"""Some hours at 100 Hz; all of it is kept in memory. A design choice."""

_DAY_S = 86_400.0
_EDGES_OF_A_PRESS = 2


class RecordingError(ValueError):
    """A recording that cannot be used; one line with file, row and what to do."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples in order: `times_ns` since the first sample, `forces_n` newtons; of one length, not empty."""

    times_ns: tuple[int, ...]
    forces_n: tuple[float, ...]

    @classmethod
    def read(cls, path: str | Path) -> "Recording":
        """Read a CSV file. Raises RecordingError that names file and row, for anything wrong with it."""
        try:
            return cls._parsed(StringIO(read_plain(path, MOST_BYTES, "utf-8-sig"), newline=""), str(path))
        except OSError as error:
            raise RecordingError(f"{path}: cannot be read: {error.strerror}; give the path of a CSV file") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise RecordingError(f"{path}: is not a CSV text file; save it as CSV in UTF-8") from error

    @property
    def duration_ns(self) -> int:
        """Time of the last sample."""
        return self.times_ns[-1]

    def force_n(self, at_ns: int) -> float | None:
        """Return the force this long after the first sample, linear between samples; None after the last."""
        times_ns = self.times_ns
        right = bisect_right(times_ns, at_ns)
        if right == 0:
            return self.forces_n[0]
        before_ns, before_n = times_ns[right - 1], self.forces_n[right - 1]
        if before_ns == at_ns:
            return before_n  # exactly what the file says
        if right == len(times_ns):
            return None
        share = (at_ns - before_ns) / (times_ns[right] - before_ns)
        return before_n + (self.forces_n[right] - before_n) * share

    @classmethod
    def _parsed(cls, lines: Iterable[str], path: str) -> "Recording":
        rows = csv.DictReader(lines)
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise RecordingError(f"{path}: row 1: no column {' and '.join(missing)}; name the columns t_s,force_n")
        times_s: list[float] = []
        forces_n: list[float] = []
        for row in rows:
            where = f"{path}: row {rows.line_num}"
            time_s, force_n = (_number(row[column], column, where) for column in COLUMNS)
            if times_s and time_s <= times_s[-1]:
                raise RecordingError(f"{where}: t_s {time_s} does not come after {times_s[-1]}; sort the rows by time")
            if times_s and time_s - times_s[0] > _DAY_S:
                raise RecordingError(f"{where}: t_s {time_s} is more than a day after the start; write seconds")
            times_s.append(time_s)
            forces_n.append(force_n)
        if not times_s:
            raise RecordingError(f"{path}: row 2: there are no samples; give at least one row of t_s,force_n")
        return cls(tuple(round((time_s - times_s[0]) * 1e9) for time_s in times_s), tuple(forces_n))


class RecordedPerson:
    """Plays a recording to a simulated tool, and answers 5 whenever asked, whatever it is told to do.

    Times are ns of one clock. It may stand wherever a Person may.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._start_ns: int | None = None
        self._edges: list[tuple[int, bool]] = []
        self._replies: list[tuple[int, Reply]] = []

    def start(self, now_ns: int) -> None:
        """Let the first sample be at this time. Only the first call counts: streaming may start again."""
        if self._start_ns is None:
            self._start_ns = now_ns

    @property
    def has_started(self) -> bool:
        """Whether it plays, or has played."""
        return self._start_ns is not None

    def app_came(self, now_ns: int) -> None:
        """Change nothing: it begins with the first streamed sample."""

    def app_gone(self, now_ns: int) -> None:
        """Have nobody to answer; the recording plays on."""
        del now_ns
        self._replies.clear()
        self._edges = [] if len(self._edges) == _EDGES_OF_A_PRESS else self._edges

    def force_n(self, now_ns: int) -> float | None:
        """Return the recorded force, newtons: 0 before the start, None after the end."""
        if self._start_ns is None or now_ns < self._start_ns:
            return 0.0
        return self.recording.force_n(now_ns - self._start_ns)

    def see_target(self, aim_n: float, now_ns: int) -> None:
        """Change nothing: what was recorded was recorded."""

    def cued(self, cue: Cue, now_ns: int) -> None:
        """Change nothing: what was recorded was recorded."""

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        """Answer the tool's questions; no other cue changes anything."""
        if actuate.cue in _QUESTIONS and not actuate.alarm and actuate.strength > 0:
            self.asked(_QUESTIONS[actuate.cue], now_ns, by_tool=True)

    def asked(self, question: Question, now_ns: int, *, by_tool: bool = False) -> None:
        """Answer: 5 to the app, or a short press when only the tool asked."""
        given_ns = now_ns + ANSWERS_AFTER_NS
        if by_tool:
            if not self._replies and not self._edges:
                self._edges += edges_of(Press.SHORT, given_ns)
            return
        if len(self._edges) == _EDGES_OF_A_PRESS:
            self._edges.clear()  # the same question from the app: said, not pressed
        reply: Reply = _REPLIES.get(question, ANSWER)
        if all(pending != reply for _, pending in self._replies):
            self._replies.append((given_ns, reply))

    def question_closed(self, now_ns: int) -> None:
        """Change nothing: an answer that is meant is given."""

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        """Return the edges of the tool's button due by then, each once."""
        due = [edge for edge in self._edges if edge[0] <= until_ns]
        self._edges = [edge for edge in self._edges if edge[0] > until_ns]
        return due

    def replies(self, until_ns: int) -> list[tuple[int, Reply]]:
        """Return what was said to the app by then, each once."""
        due = [reply for reply in self._replies if reply[0] <= until_ns]
        self._replies = [reply for reply in self._replies if reply[0] > until_ns]
        return due


_QUESTIONS = {ToolCue.RATE_NOW: Question.RATE_NOW, ToolCue.ATTENTION: Question.ARE_YOU_THERE}
_REPLIES: dict[Question, Reply] = {
    Question.TAP_AT_PAIN: 3,
    Question.ARE_YOU_THERE: "here",
    Question.GO_ON: "go-on",
}


def _number(text: str | None, column: str, where: str) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RecordingError(f"{where}: {column} is '{text or ''}'; write a number")
    return number
