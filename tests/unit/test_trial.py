"""A whole trial: the same people in every arm, and the same figures however it is computed."""

import signal
from concurrent.futures import Future
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from protocols.commands import Question
from protocols.events import HistoryLoaded
from protocols.plan import Calibrate, Dose
from protocols.site import Site
from simulator.population import DEFAULT_POPULATION
from simulator.trial import one_person as one_person_module
from simulator.trial import trial as trial_module
from simulator.trial.one_person import ARMS, CAREFUL, Trial, five_n, history_after, one_person
from simulator.trial.trial import one_force_n, report, try_on

SITE = Site.named("upper-trapezius-left")
DOSE = Dose(credited_s=30)
TRIAL = Trial(seed=3, dose=DOSE, site=SITE, one_force_n=34.0, careful=True)
PEOPLE = 8


@pytest.fixture(scope="module")
def tried():
    return try_on(TRIAL, PEOPLE, 1)


@pytest.fixture(scope="module")
def figures(tried):
    return report(TRIAL, tried)


@pytest.fixture(scope="module")
def person():
    return next(one for number in range(PEOPLE) if (one := one_person(TRIAL, number)).courses["oracle"].began)


def test_more_knowledge_is_never_worse(figures):
    share = {name: arm["in_band"]["mean"] for name, arm in figures["arms"].items()}
    slack = 0.03
    order = ["oracle", "ideal_observer", "holdwell", "calibrated_once", "unguided"]
    for better, worse in pairwise(order):
        assert share[better] > share[worse] - slack, share
    assert share["oracle"] > 0.85
    assert share["one_force"] < 0.4
    assert figures["arms"]["oracle"]["credit_error"]["mean"] == pytest.approx(0.0, abs=0.01)
    assert figures["arms"]["unguided"]["credit_error"]["mean"] > 1.0, "a stopwatch overstates"
    ideal = figures["arms"]["ideal_observer"]
    assert abs(ideal["credit_error"]["mean"]) < 0.25
    assert figures["against_ideal"]["in_band"] == pytest.approx(share["holdwell"] / share["ideal_observer"], abs=1e-3)


def test_every_arm_has_every_figure(figures):
    assert tuple(figures["arms"]) == (*ARMS[:-1], CAREFUL, ARMS[-1])
    for arm in figures["arms"].values():
        assert set(arm) >= {
            "strict",
            "in_band",
            "worst_tenth_in_band",
            "over_7",
            "people_over_8",
            "credit_error",
            "questions_per_min",
            "approach_s",
            "contact_per_dose",
            "completed",
            "not_completed",
        }
        for name in ("strict", "in_band", "over_7"):
            assert all(0.0 <= share <= 1.0 for share in arm[name].values())
        assert sum(arm["not_completed"].values()) == round(PEOPLE * (1 - arm["completed"]))
    assert {"covered_80", "calibration"} <= set(figures["arms"]["holdwell"])
    assert "covered_80" not in figures["arms"]["oracle"]
    assert figures["arms"]["holdwell"]["questions_per_min"]["mean"] > 0.5


def test_the_approach_is_the_same_for_all(person):
    courses = list(person.courses.values())
    first = courses[0]
    for course in courses[1:]:
        assert (course.touched, course.began) == (first.touched, first.began)
        assert (course.force_n[: first.began] == first.force_n[: first.began]).all()
        assert not np.array_equal(course.force_n[first.began :], first.force_n[first.began :])
        assert not course.inside[: first.began].any()


def test_only_the_hold_is_inside(person):
    for course in person.courses.values():
        assert course.inside[: course.began].sum() == course.inside[course.left :].sum() == 0
        assert course.inside.sum() > 0.9 * (course.left - course.began)
        assert (course.force_n[course.left + 200 :] < 2.0).all()


def test_the_person_hears_what_the_engine_says():
    guided = one_person_module._begun(replace(TRIAL, careful=False), *_somebody(), HistoryLoaded(0), None)
    rater = guided.world.person._rater
    stood = set()
    while guided.began is None and not guided.over:
        guided.advance()
        stood.add(rater._open)
    assert Question.TAP_AT_FIVE in stood
    assert rater._open is None, "closed by the tap"
    assert guided.world.person.hand.is_pressing
    aim_n = guided.session.pacing.aim_n
    for _ in range(40):
        guided.advance()
    assert np.mean(guided.world.force_n[-100:]) == pytest.approx(aim_n, rel=0.12)


def test_a_cheaper_arm_more_changes_no_other(person, tried):
    number = next(n for n, one in enumerate(tried) if one.arms["oracle"].in_band is not None)
    without = one_person(replace(TRIAL, careful=False), number)
    assert set(without.courses) == set(ARMS)
    for name in ("holdwell", "ideal_observer", "unguided"):
        assert (without.courses[name].force_n == person.courses[name].force_n).all()


def test_two_processes_give_what_one_gives():
    counted = []
    few = replace(TRIAL, careful=False)
    assert try_on(few, 3, 2, lambda: counted.append(1)) == try_on(few, 3, 1)
    assert len(counted) == 3


def test_another_seed_is_other_people(tried):
    (other,) = try_on(replace(TRIAL, seed=4), 1, 1)
    assert other != tried[0]


def test_who_never_feels_five_is_counted_and_has_no_hold():
    insensitive = replace(
        DEFAULT_POPULATION, ppt_median_men_n=140.0, ppt_median_women_n=140.0, ppt_ln_sd=0.0, active_point=0.0
    )
    trial = replace(TRIAL, population=insensitive)
    result = report(trial, try_on(trial, 2, 1))
    assert result["held"] == 0
    for arm in result["arms"].values():
        assert arm["in_band"]["mean"] is None
        assert (arm["completed"], arm["people_over_8"], arm["over_7"]["mean"]) == (0.0, 0.0, 0.0)
        assert sum(arm["not_completed"].values()) == 2
        assert 5.0 < arm["approach_s"]["mean"] <= 60.0
    assert result["against_ideal"] == {"in_band": None, "strict": None, "people_over_8": None}


def test_one_force_is_the_mean_of_the_population():
    assert one_force_n(DEFAULT_POPULATION, SITE, DOSE, 1) == pytest.approx(34.5, rel=0.06)
    assert one_force_n(DEFAULT_POPULATION, SITE, DOSE, 1) == one_force_n(DEFAULT_POPULATION, SITE, DOSE, 1)
    strong = replace(DEFAULT_POPULATION, ppt_median_men_n=60.0, ppt_median_women_n=60.0)
    assert one_force_n(strong, SITE, DOSE, 1) > 55.0
    suboccipital = one_force_n(DEFAULT_POPULATION, Site.named("suboccipital-left"), DOSE, 1)
    assert suboccipital == pytest.approx(0.7 * one_force_n(DEFAULT_POPULATION, SITE, DOSE, 1), rel=1e-6)


def test_later_sessions_use_what_was_learned(monkeypatch):
    histories, seeds = [], []
    begun = one_person_module._begun

    def spied(trial, traits, seed, history, listener):
        histories.append(history)
        seeds.append(seed)
        assert listener.now_ns == 0
        assert listener.people.adapted.max() == 0.0, "rested"
        return begun(trial, traits, seed, history, listener)

    monkeypatch.setattr(one_person_module, "_begun", spied)
    trial = replace(TRIAL, sessions=2, careful=False)
    number = 0
    while one_person(replace(TRIAL, careful=False), number).courses["oracle"].began is None:
        number += 1
    histories.clear()
    seeds.clear()
    second = one_person(trial, number)
    before, after = histories
    assert seeds == [[3, number, 0], [3, number, 1]], "another day"
    assert before == HistoryLoaded(0, shown=(SITE,))
    assert after.known is not None
    assert after.force_at_five_n is not None
    assert after.known_days == 3.5
    assert after.contacts[0].ended_ago_s == 3.5 * 24 * 3600
    assert after.contacts[0].contact_s > 20.0
    first = one_person(replace(trial, sessions=1), number)
    begun_s = [one.courses["oracle"].began - one.courses["oracle"].touched for one in (first, second)]
    assert begun_s[1] < 0.8 * begun_s[0], "the force at 5 is known"


def test_what_is_not_learned_leaves_what_was_known():
    guided = one_person_module._begun(TRIAL, *_somebody(), HistoryLoaded(0), None)
    known_before = HistoryLoaded(0, force_at_five_n=22.0, shown=(SITE,), known_days=3.5)
    after = history_after(guided.session, known_before, SITE)
    assert (after.force_at_five_n, after.known_days, after.shown) == (22.0, 7.0, (SITE,))


def test_a_calibration_comes_first_and_its_fives_are_averaged():
    trial = replace(TRIAL, calibrate=True)
    guided = one_person_module._begun(trial, *_somebody(), HistoryLoaded(0), None)
    assert isinstance(guided.session.step, Calibrate)
    while guided.began is None and not guided.over:
        guided.advance()
    fives = [ramp.five_n for ramp in guided.session.calibration.ramps]
    assert len(fives) == 3
    assert min(fives) < five_n(guided) < max(fives)
    assert guided.touched > 60 * 100, "ramps are not the approach"


def test_no_guided_arm_aims_above_the_cap(monkeypatch, tried):
    number = next(n for n, one in enumerate(tried) if one.arms["oracle"].in_band is not None)
    monkeypatch.setattr(one_person_module, "most_n", lambda site: 9.0)
    low = one_person(replace(TRIAL, one_force_n=99.0), number)
    for name in set(low.courses) - {"holdwell"}:
        course = low.courses[name]
        assert np.median(course.force_n[course.left - 500 : course.left]) < 9.4, name


def test_no_more_is_asked_than_may_be():
    seldom, usual = (one_person(replace(TRIAL, questions_per_min=count, careful=False), 3) for count in (1, 4))
    for name, least in (("holdwell", 2), ("ideal_observer", 3)):
        assert usual.courses[name].questions >= least
        for per_min, course in ((1, seldom.courses[name]), (4, usual.courses[name])):
            assert 1 <= course.questions <= per_min * ((course.left - course.began) // 6000 + 1)


def test_processes_that_compute_do_not_hear_ctrl_c(monkeypatch):
    heard = []

    class Pool:
        def __init__(self, *_arguments, **_more):
            pass

        def submit(self, *_arguments):
            heard.append(signal.getsignal(signal.SIGINT))
            done = Future()
            done.set_result("tried")
            return done

        def shutdown(self, **_how):
            heard.append(signal.getsignal(signal.SIGINT))

    monkeypatch.setattr(trial_module, "ProcessPoolExecutor", Pool)
    before = signal.getsignal(signal.SIGINT)
    assert try_on(TRIAL, 2, 2) == ["tried", "tried"]
    assert heard == [signal.SIG_IGN, signal.SIG_IGN, before]


def _somebody():
    traits = one_person_module.draw_traits(np.random.default_rng([3, 1]), site=SITE)
    return traits, [3, 1, 0]
