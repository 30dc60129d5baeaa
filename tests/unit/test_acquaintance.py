"""What a cloud has learned of a person, and whom it expects on another day, under another tip."""

from dataclasses import replace
from itertools import pairwise
from math import exp, inf, log, nan, sqrt

import numpy as np
import pytest

from protocols.acquaintance import LOSS_PER_DRAW, STRANGERS_SHARE, acquaintance, believable, taught
from protocols.cloud import Cloud
from protocols.discomfort import Discomfort
from protocols.events import HistoryLoaded
from protocols.known import Kind, Known
from protocols.people import DAY_LN_SD, strangers
from protocols.prior import prior_for
from protocols.quasi import normal
from protocols.site import Site
from simulator.person import Person
from simulator.population import draw_traits
from tests.engine_sessions import Script

SITE = Site.named("upper-trapezius-left")
TIP_MM = 11.3
PERIOD_NS = 500_000_000
PPT, DAY, SLOPE, HABITUATION, TAU, NOISE = range(6)


def moments(cloud: Cloud) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of those members that are not strangers."""
    own = slice(round(STRANGERS_SHARE * cloud.size), None)
    columns, weights = cloud.columns[own], cloud.weights[own] / cloud.weights[own].sum()
    mean = weights @ columns
    return mean, ((columns - mean) * weights[:, None]).T @ (columns - mean)


def learned(cloud: Cloud) -> Cloud:
    """A cloud that heard some answers at once: 5 at 20 N, 7 at 24 N, 4 at 19 N."""
    estimate = Discomfort.begin(prior_for(SITE, TIP_MM), cloud, 4.5, 6.5)
    for rating, force_n in ((5, 20.0), (7, 24.0), (4, 19.0)):
        estimate = estimate.answered(rating, force_n).settled()
    return estimate.cloud


@pytest.fixture(scope="module")
def known() -> Known:
    return taught(learned(strangers(SITE, TIP_MM)), TIP_MM)


def test_the_next_minute_knows_what_the_last_one_did(known):
    before = learned(strangers(SITE, TIP_MM))
    mean, covariance = moments(acquaintance(known, 0.0, SITE, TIP_MM))
    columns = before.columns
    expected = before.weights @ columns
    sd = np.sqrt(before.weights @ (columns - expected) ** 2)
    assert np.all(np.abs(mean - expected) < 0.05 * sd)
    away = (columns - expected) / sd
    between = (away * before.weights[:, None]).T @ away
    # Wider only by what a cloud loses of its variance whenever it is drawn again, within each kind of people.
    assert before.drawn > 0
    wider = sd * (1.0 + LOSS_PER_DRAW * before.drawn) ** 0.5
    assert np.sqrt(np.diag(covariance)) == pytest.approx(wider, rel=0.06)
    assert covariance / np.outer(wider, wider) == pytest.approx(between, abs=0.12)
    assert abs(between[PPT, DAY]) > 0.1, "threshold and day must be told apart only in part, or this shows nothing"


def test_habituating_and_rising_people_stay_apart(known):
    assert len(known.kinds) == 2
    assert sum(kind.weight for kind in known.kinds) == pytest.approx(1.0)
    habituating, rising = (kind.mean[HABITUATION] for kind in known.kinds)
    assert habituating > 0.09
    assert rising < 0.02
    cloud = acquaintance(known, 7.0, SITE, TIP_MM)
    share = float(cloud.weights[cloud.habituation < 0.05].sum())
    assert share == pytest.approx(known.kinds[1].weight, abs=0.06)
    between = float(cloud.weights[(cloud.habituation > 0.03) & (cloud.habituation < 0.07)].sum())
    flat = replace(known, kinds=(_together(known),))
    bell = acquaintance(flat, 7.0, SITE, TIP_MM)
    assert between < 0.8 * float(bell.weights[(bell.habituation > 0.03) & (bell.habituation < 0.07)].sum())


def test_what_drawing_anew_has_lost_is_given_back():
    cloud = strangers(SITE, TIP_MM)
    fresh, worn = taught(cloud, TIP_MM), taught(replace(cloud, drawn=10), TIP_MM)
    ratio = np.array(worn.kinds[0].covariance) / np.array(fresh.kinds[0].covariance)
    assert ratio == pytest.approx(np.full((7, 7), 1.0 + 10 * LOSS_PER_DRAW))
    assert worn.kinds[0].mean == fresh.kinds[0].mean


def test_a_rare_kind_keeps_its_members():
    cloud = strangers(SITE, TIP_MM)
    rises = cloud.habituation < 0.0
    rare = cloud.reweighted(np.where(rises, 0.02, 1.0))
    again = acquaintance(taught(rare, TIP_MM), 1.0, SITE, TIP_MM)
    assert int((again.habituation < 0.05).sum()) >= 90
    assert float(again.weights.sum()) == pytest.approx(1.0)


def test_a_new_day_is_drawn_anew_and_the_usual_threshold_stays(known):
    mean, covariance = moments(acquaintance(known, 3.5, SITE, TIP_MM))
    assert mean[DAY] == pytest.approx(0.0, abs=0.01)
    assert sqrt(covariance[DAY, DAY]) == pytest.approx(DAY_LN_SD, rel=0.05)
    assert abs(covariance[PPT, DAY]) < 0.1 * sqrt(covariance[PPT, PPT]) * DAY_LN_SD
    before, _ = moments(acquaintance(known, 0.0, SITE, TIP_MM))
    assert mean[[PPT, SLOPE, TAU, NOISE]] == pytest.approx(before[[PPT, SLOPE, TAU, NOISE]], abs=0.02)


def test_months_widen_what_is_known(known):
    spreads = [np.sqrt(np.diag(moments(acquaintance(known, days, SITE, TIP_MM))[1])) for days in (1, 30, 120, 10_000)]
    for earlier, later in pairwise(spreads):
        for column in (PPT, SLOPE, TAU, NOISE):
            assert later[column] > earlier[column]
    assert spreads[1][PPT] == pytest.approx(sqrt(spreads[0][PPT] ** 2 + 0.1**2 * 29 / 30), rel=0.03)
    assert spreads[3][PPT] < 0.6


def test_another_tip_carries_the_threshold_over_and_is_less_sure(known):
    same, wide = moments(acquaintance(known, 1.0, SITE, TIP_MM)), moments(acquaintance(known, 1.0, SITE, 2 * TIP_MM))
    assert exp(wide[0][PPT] - same[0][PPT]) == pytest.approx(2**0.75, rel=0.02)
    assert sqrt(wide[1][PPT, PPT] - same[1][PPT, PPT]) == pytest.approx(0.15 * log(2), rel=0.15)
    assert wide[0][SLOPE] == pytest.approx(same[0][SLOPE], abs=0.01)


def test_somebody_else_may_have_come():
    cloud = strangers(SITE, TIP_MM)
    near = cloud.reweighted(np.exp(-0.5 * ((cloud.ln_ppt - 3.2) / 0.02) ** 2))
    again = acquaintance(taught(near, TIP_MM), 1.0, SITE, TIP_MM)
    far = float(again.weights[np.abs(again.ln_ppt - 3.2) > 0.3].sum())
    assert 0.005 < far < 0.02


def test_weights_that_are_one_but_for_rounding_are_believed():
    cloud = strangers(SITE, TIP_MM)
    for more in (1.0 - 1e-15, 1.0 + 1e-15):
        sure = replace(cloud, habituation=np.full(cloud.size, 0.12), weights=cloud.weights * more)
        assert taught(sure, TIP_MM) is not None


def test_a_known_person_is_drawn_independently_of_how_a_cloud_is_redrawn(known):
    columns = acquaintance(known, 1.0, SITE, TIP_MM).columns[100:]
    for again in range(1, 9):
        kick = normal(1000, 6, 1000 * again)[: len(columns)]
        assert np.abs(np.corrcoef(columns.T, kick.T)[:6, 6:]).max() < 0.2


def test_what_nobody_can_be_is_not_learned():
    cloud = strangers(SITE, TIP_MM)
    assert taught(cloud, TIP_MM) is not None
    assert taught(replace(cloud, ln_ppt=cloud.ln_ppt + 9.0), TIP_MM) is None
    assert taught(cloud, nan) is None


def test_nobody_is_outside_what_people_are(known):
    wide = tuple(tuple(25 * value for value in row) for row in known.kinds[0].covariance)
    cloud = acquaintance(Known(TIP_MM, (replace(known.kinds[0], covariance=wide),)), 300.0, SITE, TIP_MM)
    assert cloud.habituation.min() >= -0.3
    assert log(0.3) <= cloud.ln_noise.min() < cloud.ln_noise.max() <= log(3.0)


def _together(known: Known) -> Kind:
    mean = sum(kind.weight * np.array(kind.mean) for kind in known.kinds)
    spread = sum(
        kind.weight * (np.array(kind.covariance) + np.outer(np.array(kind.mean) - mean, np.array(kind.mean) - mean))
        for kind in known.kinds
    )
    return Kind(1.0, tuple(mean.tolist()), tuple(map(tuple, spread.tolist())))


def _with_kind(known: Known, **changes: object) -> Known:
    return replace(known, kinds=(replace(known.kinds[0], **changes), *known.kinds[1:]))


def _with_mean(known: Known, column: int, value: float) -> Known:
    mean = list(known.kinds[0].mean)
    mean[column] = value
    return _with_kind(known, mean=tuple(mean))


def _with_covariance(known: Known, row: int, column: int, value: float) -> Known:
    covariance = [list(line) for line in known.kinds[0].covariance]
    covariance[row][column] = value
    return _with_kind(known, covariance=tuple(map(tuple, covariance)))


WRONG = {
    "nobody": lambda known: replace(known, kinds=()),
    "too many": lambda known: replace(known, kinds=known.kinds * 3),
    "no tip": lambda known: replace(known, tip_diameter_mm=0.0),
    "a tip that is none": lambda known: replace(known, tip_diameter_mm=nan),
    "a house for a tip": lambda known: replace(known, tip_diameter_mm=inf),
    "no weight": lambda known: _with_kind(known, weight=0.0),
    "weight that is none": lambda known: _with_kind(known, weight=nan),
    "a short mean": lambda known: _with_kind(known, mean=known.kinds[0].mean[:5]),
    "a short row": lambda known: _with_kind(
        known, covariance=(*known.kinds[0].covariance[:5], known.kinds[0].covariance[5][:5])
    ),
    "a row too few": lambda known: _with_kind(known, covariance=known.kinds[0].covariance[:5]),
    "a mean that is none": lambda known: _with_mean(known, TAU, nan),
    "an endless mean": lambda known: _with_mean(known, PPT, inf),
    "a giant": lambda known: _with_mean(known, PPT, 12.0),
    "a stone": lambda known: _with_mean(known, SLOPE, -1.0),
    "a threshold below nothing": lambda known: _with_mean(known, HABITUATION, -1.5),
    "noise without end": lambda known: _with_mean(known, NOISE, 3.0),
    "no spread below zero": lambda known: _with_covariance(known, PPT, PPT, -0.1),
    "spread without end": lambda known: _with_covariance(known, SLOPE, SLOPE, 1e6),
    "not symmetric": lambda known: _with_covariance(known, PPT, SLOPE, 0.01),
    "spread that is none": lambda known: _with_covariance(known, PPT, SLOPE, nan),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_not_believed(known, what):
    assert believable(known, 1.0)
    assert not believable(WRONG[what](known), 1.0)


def test_more_than_one_apart_is_not_believed(known):
    both = _with_covariance(_with_covariance(known, PPT, SLOPE, 0.5), SLOPE, PPT, 0.5)
    assert not believable(both, 1.0)


@pytest.mark.parametrize("days", [nan, inf, -1.0])
def test_days_that_cannot_be_are_not_believed(known, days):
    assert not believable(known, days)


@pytest.mark.parametrize("what", ["none", *WRONG])
def test_the_engine_expects_a_stranger_if_it_is_told_nonsense(known, what):
    told = None if what == "none" else WRONG[what](known)
    estimate = Script(history=HistoryLoaded(0, known=told, known_days=2.0)).session.estimate
    stranger = strangers(SITE, TIP_MM)
    assert np.array_equal(estimate.cloud.columns, stranger.columns)


def test_the_engine_expects_whom_it_knows(known):
    stranger = Script().session.estimate
    days = [Script(history=HistoryLoaded(0, known=known, known_days=days)).session.estimate for days in (1.0, 90.0)]
    assert days[0].outlook.ln_spread(5) < days[1].outlook.ln_spread(5) < stranger.outlook.ln_spread(5)


def test_one_session_after_the_other_learns_the_person_and_is_as_sure_as_it_may_be():
    """Two hundred drawn people, four sessions of eight answers; each day is another one."""
    rng = np.random.default_rng(4)
    off: list[list[tuple[float, float]]] = [[] for _ in range(4)]
    within: list[list[bool]] = [[] for _ in range(4)]
    for number in range(200):
        traits = draw_traits(np.random.default_rng([number, 3]), site=SITE)
        told = None
        for session in range(4):
            body = Person(traits, np.random.SeedSequence([number, session])).body
            cloud = strangers(SITE, TIP_MM) if told is None else acquaintance(told, 3.5, SITE, TIP_MM)
            told = taught(_asked_eight_times(body, cloud, traits.rater.noise_sd, rng), TIP_MM)
            mean, sd = _summed(told, PPT)
            off[session].append((mean - log(traits.body.ppt_n), sd))
            within[session].append(abs(off[session][-1][0]) < 1.2816 * sd)
    errors = [sqrt(np.mean([error**2 for error, _ in each])) for each in off]
    assert errors[3] < 0.8 * errors[0], errors
    for each, inside in zip(off, within, strict=True):
        standardised = sqrt(np.mean([(error / sd) ** 2 for error, sd in each]))
        assert 0.75 < standardised < 1.3, standardised
        assert 0.66 < np.mean(inside) < 0.93


def _asked_eight_times(body, cloud: Cloud, noise_sd: float, rng: np.random.Generator) -> Cloud:
    estimate = Discomfort.begin(prior_for(SITE, TIP_MM), cloud, 4.5, 6.5)
    force_n, at_ns = 5.0, 0
    for _ in range(8):
        for _ in range(14):
            force_n += (estimate.force_n(5.5) - force_n) * 0.25
            at_ns += PERIOD_NS
            body.advance(force_n, PERIOD_NS * 1e-9)
            estimate, _ = estimate.sampled(at_ns, PERIOD_NS, (force_n,))
        rating = min(10, max(0, round(body.discomfort + rng.normal(0.0, noise_sd))))
        estimate = estimate.answered(rating, estimate.felt_n)
        estimate = estimate if estimate.found else estimate.settled()
    return estimate.cloud


def _summed(known: Known, column: int) -> tuple[float, float]:
    whole = _together(known)
    return whole.mean[column], sqrt(whole.covariance[column][column])
