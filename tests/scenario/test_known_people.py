"""A remembered person comes again: the second session begins with what the first one taught."""

from datetime import timedelta
from math import log

import pytest

from controller.clock import SIMULATED_START, SimulatedClock
from controller.journal import Journal
from controller.replay import run_again
from protocols.events import HistoryLoaded
from protocols.people import strangers
from protocols.session import Session
from protocols.site import REFERENCE_TIP_MM
from tests.actor import STEADY, Actor
from tests.whole_stack import SITE, Played, play

DAYS = 3


@pytest.fixture(scope="module")
def sessions():
    """Two sessions of one person, three days apart, and one of a person nobody knows, in the same journal."""
    journal = Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
    first = play(person=Actor(seed=3), journal=journal)
    clock = SimulatedClock.after(first.record.ended_at, timedelta(days=DAYS))
    second = play(person=Actor(seed=4), journal=journal, start_after=clock)
    yield first, second
    journal.close()


def history(played: Played) -> HistoryLoaded:
    loaded = played.events[0]
    assert isinstance(loaded, HistoryLoaded)
    return loaded


def at_first_touch(played: Played) -> Session:
    """The state with the first packet, made again from the journal."""
    again = run_again(played.record.plan(), played.record.site, played.entries)
    return next(each.after for each in again if each.after.samples)


def test_the_second_session_is_told_exactly_what_the_first_one_taught(sessions):
    first, second = sessions
    assert history(first).known is None
    assert first.figures.known is not None
    assert history(second).known == first.figures.known
    assert history(second).known_days == pytest.approx(DAYS, abs=1e-4)


def test_it_begins_surer_than_with_a_stranger_and_right(sessions):
    first, second = (at_first_touch(played).estimate for played in sessions)
    assert first is not None
    assert second is not None
    assert second.outlook.ln_spread(5) < 0.6 * first.outlook.ln_spread(5)
    assert abs(log(second.five_n / 16.8)) < 2 * second.outlook.ln_spread(5)
    stranger, known = strangers(SITE, REFERENCE_TIP_MM), second.cloud
    assert _spread(known, "ln_ppt") < 0.7 * _spread(stranger, "ln_ppt")


def test_it_finds_5_sooner(sessions):
    first, second = (played.figures for played in sessions)
    assert second.force_at_five_n is not None
    assert second.approach_s < 0.8 * first.approach_s


def test_it_goes_on_learning_the_same_person(sessions):
    first, second = (played.figures.known for played in sessions)
    assert first != second
    usual = log(STEADY.body.ppt_n)
    assert abs(_mean_ppt(second) - usual) < 0.15
    assert _sd_ppt(second) < _sd_ppt(first)


def _spread(cloud, column: str) -> float:
    values = getattr(cloud, column)
    mean = float(cloud.weights @ values)
    return float(cloud.weights @ (values - mean) ** 2) ** 0.5


def _mean_ppt(known) -> float:
    return sum(kind.weight * kind.mean[0] for kind in known.kinds)


def _sd_ppt(known) -> float:
    mean = _mean_ppt(known)
    return sum(kind.weight * (kind.covariance[0][0] + (kind.mean[0] - mean) ** 2) for kind in known.kinds) ** 0.5
