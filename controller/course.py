"""The course of a session: force, band, estimate and answers over time, folded anew from its journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from statistics import NormalDist
from typing import Any

from sqlalchemy import Engine

from controller.journal_reader import SessionRecord, read_entries
from controller.replay import Replayed, run_again
from protocols.commands import Phase
from protocols.events import Answered, Pressed, Sampled
from protocols.plan import Band, Calibrate
from protocols.session import Session
from protocols.turn import GUIDED

INTERVAL_SHARE = 0.8
"""The share of the estimate's distribution that a drawn spread holds."""

MOST_POINTS = 200
"""So many points of a course are told to programs: one for each half second of a long hold."""

NOT_DRAWN = frozenset({Phase.TARE, Phase.REST, Phase.ENDED})
"""Phases that may last for minutes in which nothing is pressed."""

HIGHEST = 10.0
_PER_SD = NormalDist().inv_cdf((1 + INTERVAL_SHARE) / 2)
_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """The band that the person was shown and the point to aim at, newtons."""

    low_n: float
    aim_n: float
    high_n: float


@dataclass(frozen=True, slots=True)
class Point:
    """The newest sample of one packet, and what the engine made of it.

    `t_s`: seconds since the session's first sample, as in an exported CSV. `shown` is None where no band was.
    `discomfort` and `sd`: mean and spread of the estimate, points of the 0-10 scale.
    """

    t_s: float
    force_n: float
    phase: Phase
    shown: Shown | None
    discomfort: float
    sd: float

    @property
    def interval(self) -> tuple[float, float]:
        """Where the estimate has 80 % of its weight, points."""
        width = _PER_SD * self.sd
        return max(self.discomfort - width, 0.0), min(self.discomfort + width, HIGHEST)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A number, or what a press said, when it was given: seconds since the session's first sample."""

    t_s: float
    said: int | str


@dataclass(frozen=True, slots=True)
class HoldCourse:
    """One hold, or ramp, numbered from 1, in the phases that are drawn; it has a point at least."""

    number: int
    points: tuple[Point, ...]
    answers: tuple[GivenAnswer, ...]
    is_ramp: bool = False

    @property
    def name(self) -> str:
        """What it is called beside others."""
        return f"{'ramp' if self.is_ramp else 'hold'} {self.number}"

    def held(self) -> list[Point]:
        """Return the points of the phase *hold*."""
        return [point for point in self.points if point.phase is Phase.HOLD]

    def spans(self) -> list[tuple[Phase, float, float]]:
        """Return the phases in order with their beginnings and ends, seconds; each ends where the next begins."""
        runs = [(phase, next(run).t_s) for phase, run in groupby(self.points, key=lambda point: point.phase)]
        ends = [begin_s for _, begin_s in runs[1:]] + [self.points[-1].t_s]
        return [(phase, begin_s, end_s) for (phase, begin_s), end_s in zip(runs, ends, strict=True)]


@dataclass(frozen=True, slots=True)
class Course:
    """All ramps and holds of a session that have a sample. `same`: the engine decided everything as journalled."""

    holds: tuple[HoldCourse, ...]
    band: Band
    same: bool


def read_course(engine: Engine, session: SessionRecord) -> Course:
    """Return the course of a session so far. Raises JournalError, and FileError as `SessionRecord.plan` does."""
    plan = session.plan()
    points: dict[tuple[int, int], list[Point]] = {}
    answers: dict[tuple[int, int], list[GivenAnswer]] = {}
    zero_ns: int | None = None
    same = True
    for again in run_again(plan, session.site, read_entries(engine, session.id)):
        same = same and again.same
        match again.entry.event:
            case Sampled() as event:
                zero_ns = event.first_ns if zero_ns is None else zero_ns
                if _is_drawn(again):
                    points.setdefault(_which(again.after), []).append(_point(again.after, zero_ns))
            case (Answered() | Pressed()) as event if zero_ns is not None:
                given_s = (event.given_ns - zero_ns) / 1e9
                counted = [GivenAnswer(given_s, said) for said in _counted(again)]
                answers.setdefault(_which(again.before), []).extend(counted)
            case _:
                pass
    holds = (
        HoldCourse(hold, tuple(drawn), tuple(answers.get((step, hold), ())), isinstance(plan.steps[step], Calibrate))
        for (step, hold), drawn in points.items()
    )
    return Course(tuple(holds), plan.steps[-1].dose.band, same)


def told(course: Course) -> list[dict[str, Any]]:
    """Return at most 200 points, evenly picked from all holds, as JSON values: seconds, newtons, points."""
    points = [point for hold in course.holds for point in hold.points]
    return [_told(point) for point in _thinned(points)]


def _which(session: Session) -> tuple[int, int]:
    return session.step_index, session.hold


def _is_drawn(again: Replayed) -> bool:
    # A packet that was not taken, being old or doubled, leaves the contact as it was.
    taken = again.after.contact is not again.before.contact and bool(again.after.beliefs)
    return taken and again.after.phase not in NOT_DRAWN


def _point(session: Session, zero_ns: int) -> Point:
    last_ns, belief, pacing = session.contact.last_ns, session.beliefs[-1], session.pacing
    assert last_ns is not None
    is_shown = session.phase in GUIDED and isfinite(pacing.high_n)
    return Point(
        t_s=(last_ns - zero_ns) / 1e9,
        force_n=session.force_n,
        phase=session.phase,
        shown=Shown(pacing.low_n, pacing.aim_n, pacing.high_n) if is_shown else None,
        discomfort=belief.mean,
        sd=belief.sd,
    )


def _counted(again: Replayed) -> tuple[int | str, ...]:
    # The engine drops what repeats itself, and closes a hold's list together with the hold.
    return _answers(again.after)[len(_answers(again.before)) :]


def _answers(session: Session) -> tuple[int | str, ...]:
    closed = (*session.calibration.answers, *(said for hold in session.holds for said in hold.answers))
    return (*closed, *session.tally.answers)


def _thinned(points: Sequence[Point]) -> list[Point]:
    if len(points) <= MOST_POINTS:
        return list(points)
    return [points[round(i * (len(points) - 1) / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]


def _told(point: Point) -> dict[str, float | None]:
    shown = point.shown
    values = {
        "t_s": point.t_s,
        "force_n": point.force_n,
        "low_n": None if shown is None else shown.low_n,
        "aim_n": None if shown is None else shown.aim_n,
        "high_n": None if shown is None else shown.high_n,
        "discomfort": point.discomfort,
        "sd": point.sd,
    }
    return {key: None if value is None else round(value, _DECIMALS) + 0.0 for key, value in values.items()}
