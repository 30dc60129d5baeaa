"""The arms of a trial that have no engine."""

from dataclasses import replace
from itertools import pairwise
from math import inf

import numpy as np
import pytest

from protocols.commands import Cue
from protocols.plan import Dose
from protocols.site import Site
from simulator.population import DEFAULT_POPULATION
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits
from simulator.trial.arms import Arm, OneForce, Oracle, Unguided, hold, most_n
from simulator.trial.course import Course
from simulator.trial.ideal_observer import IdealObserver
from simulator.trial.listener import Listener
from simulator.trial.world import PERIOD_S, World

SITE = Site.named("upper-trapezius-left")
DOSE = Dose(credited_s=30)
BODY = BodyTraits(20.0, 30.0, 0.12, 20.0, day_ln_sd=0.0)
TRAITS = Traits("made", BODY, HandTraits(0.3, 1.0, 9.0), RaterTraits(0.6, unanswered=0.0))


def at_five(traits: Traits = TRAITS, seed: int = 1) -> World:
    """Return a world in which the approach is just over: discomfort is near 5."""
    world = World(traits, np.random.SeedSequence(seed))
    world.packet()
    world.person.cued(Cue.PRESS_MORE, world.now_ns)
    for _ in range(150):
        world.person.see_target(world.person.body.force_at_n(5.0), world.now_ns)
        world.packet()
    return world


def held_by(arm: Arm, world: World | None = None) -> Course:
    return hold(at_five() if world is None else world, arm, 1)


def in_hold(course: Course) -> tuple[np.ndarray, np.ndarray]:
    return course.force_n[course.inside], course.discomfort[course.inside]


def in_band(course: Course) -> float:
    _, felt = in_hold(course)
    return float(((felt >= 4.5) & (felt < 6.5)).mean())


def test_the_oracle_stays_in_the_middle_while_the_body_changes():
    course = held_by(Oracle(DOSE, 60.0))
    force_n, felt = in_hold(course)
    assert in_band(course) > 0.9
    assert felt[500:].mean() == pytest.approx(5.5, abs=0.12)
    assert force_n[-500:].mean() > force_n[300:800].mean() + 0.5, "discomfort would fall at one force"
    assert (course.complete, course.reason) == (True, "dose")
    assert course.credited_s == pytest.approx(30.0, abs=0.1)
    truly_s = ((felt >= 4.5) & (felt < 6.5)).sum() * PERIOD_S
    assert course.credited_s == pytest.approx(truly_s, abs=0.11)


def test_one_force_is_kept_and_its_stopwatch_counts_every_second():
    course = held_by(OneForce(DOSE, 35.0))
    force_n, felt = in_hold(course)
    assert force_n[500:].mean() == pytest.approx(35.0, rel=0.02)
    assert felt[-1] > 8.0
    assert (course.complete, course.reason) == (False, "time-at-pressure")
    assert course.credited_s == pytest.approx(DOSE.pressure_limit_s)
    assert course.inside.sum() * PERIOD_S == pytest.approx(DOSE.pressure_limit_s)
    assert course.questions == 0


def test_nobody_guides_the_hand_that_sags():
    five_n = at_five().person.body.force_at_n(5.0)
    guided_n, _ = in_hold(held_by(OneForce(DOSE, five_n)))
    sagged_n, _ = in_hold(held_by(Unguided(DOSE, five_n)))
    assert sagged_n[:300].mean() == pytest.approx(five_n, rel=0.05)
    assert sagged_n[-500:].mean() == pytest.approx(0.82 * five_n, rel=0.04)
    assert guided_n[-500:].mean() == pytest.approx(five_n, rel=0.03)


def test_a_hand_that_looks_away_now_and_then_does_not_look_back_at_what_guides_nobody():
    restless = replace(
        TRAITS, hand=replace(TRAITS.hand, distracted=True, glance_every_s=(2.0, 3.0), glance_s=(1.0, 1.5))
    )
    force_n, _ = in_hold(held_by(Unguided(DOSE, 24.0), at_five(restless)))
    assert force_n[-500:].mean() == pytest.approx(0.82 * 24.0, rel=0.15)


def test_an_arm_ends_with_the_hand_off_the_tool():
    course = held_by(Oracle(DOSE, 60.0))
    assert course.force_n[-1] < 2.0
    assert 0.2 < (len(course.force_n) - course.left) * PERIOD_S < 2.0
    assert course.began == 1510
    assert course.left == course.began + course.inside.sum()


@pytest.mark.parametrize("aimed", [Oracle(DOSE, 15.0), OneForce(DOSE, min(99.0, 15.0))])
def test_no_arm_aims_above_the_most(aimed):
    force_n, _ = in_hold(held_by(aimed))
    assert force_n[500:].mean() == pytest.approx(15.0, rel=0.03)


def test_the_most_is_below_the_cap_of_the_site():
    assert most_n(SITE) == pytest.approx(56.4)
    assert most_n(Site.named("suboccipital-right")) == pytest.approx(0.94 * 35.0)


def observer(world: World, *, highest_n: float = 56.4, per_min: int = 4, ceiling_n: float | None = None, **changes):
    listener = Listener(DEFAULT_POPULATION, SITE, np.random.default_rng(1))
    for first in range(0, len(world.force_n), 10):
        listener.felt((first + 10) * 10_000_000, tuple(world.force_n[first : first + 10]))
    arguments = {"wander": 0.04, "questions_per_min": per_min, "touched_s": 15.0, "ceiling_n": ceiling_n} | changes
    return IdealObserver(listener, DOSE, highest_n=highest_n, **arguments)


def test_the_ideal_observer_finds_the_band_from_answers_alone():
    world = at_five()
    arm = observer(world, per_min=10)
    course = held_by(arm, world)
    _, felt = in_hold(course)
    assert ((felt[-1000:] >= 4.5) & (felt[-1000:] < 6.5)).mean() > 0.8
    mean, spread, chance, truth = course.believed.T
    assert len(mean) == course.inside.sum() // 10
    assert spread[-1] < 0.6 * spread[0]
    assert np.abs(truth - mean)[-100:].mean() < 1.0
    assert course.credited_s == pytest.approx(min(0.1 * chance.sum(), 30.0))
    assert 5 <= course.questions <= 10


def test_the_ideal_observer_asks_as_often_as_it_may():
    world = at_five()
    world.person.asked = lambda question, now_ns: asked.append(now_ns)  # type: ignore[method-assign] # nobody answers
    asked: list[int] = []
    begun_ns = world.now_ns
    arm = observer(world)
    held_by(arm, world)
    seconds = [(at_ns - begun_ns) * 1e-9 for at_ns in asked]
    assert seconds[:4] == pytest.approx([5.0, 8.0, 15.0, 18.0]), "each is repeated once, louder"
    firsts = seconds[::2]
    assert arm.questions == len(firsts)
    assert all(b - a >= 10.0 - 1e-6 for a, b in pairwise(firsts))
    assert sum(second < firsts[0] + 60.0 for second in firsts) <= 4


def test_the_ideal_observer_knows_no_rule_but_the_cap():
    world = at_five()
    force_n, _ = in_hold(held_by(observer(world, highest_n=12.0), world))
    assert force_n[500:].mean() == pytest.approx(12.0, rel=0.05)


def test_the_careful_one_goes_no_further_than_an_answer_allows():
    # Nobody knows this person yet, and nobody answers: free, it goes where most people's band is.
    silent = replace(TRAITS, rater=RaterTraits(0.6, unanswered=1.0, protests=False))
    free_n, careful_n = (
        in_hold(held_by(observer(world, ceiling_n=ceiling_n), world))[0]
        for ceiling_n in (None, 21.0)
        for world in [at_five(silent)]
    )
    assert free_n[500:].mean() > 22.5
    assert careful_n[500:].mean() <= 21.0 * 1.01


def test_the_careful_one_does_not_go_up_after_a_seven_until_another_answer_allows_it():
    world = at_five()
    arms = [observer(world, ceiling_n=ceiling_n) for ceiling_n in (None, inf)]
    aims: list[float] = []
    world.person.see_target = lambda aim_n, now_ns: aims.append(aim_n)  # type: ignore[method-assign] # only looked at
    for arm in arms:
        arm.lead(world)
        arm._limit(20.0, too_much=True)
        # Whatever it believes by now: everybody who is tender is ruled out.
        arm._listener.people.learn((arm._listener.people.ln_force(5.0) > np.log(35.0)).astype(float))
        arm.lead(world)
    free, careful = aims[:2], aims[2:]
    assert free[1] > 1.1 * free[0]
    assert careful[1] == careful[0]
    arms[1]._limit(careful[0], too_much=False)
    arms[1].lead(world)
    assert aims[-1] == pytest.approx(1.05 * careful[0])


def test_the_careful_one_keeps_the_chance_of_eight_small():
    world = at_five()
    free, careful = observer(world), observer(world, ceiling_n=inf)
    for arm in (free, careful):
        arm.lead(world)
    people = careful._listener.people
    chances = [float(people.weights @ (people.ln_force(8.0, 2.0) <= np.log(arm._aim_n))) for arm in (free, careful)]
    assert chances[1] <= 0.05 + 1e-6
    assert chances[0] > 0.1
