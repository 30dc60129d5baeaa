"""Who knows how people feel and answer, and learns of one of them."""

from math import log

import numpy as np
import pytest

from protocols.commands import Question
from protocols.events import Answered, HistoryLoaded, Press, Pressed
from protocols.plan import Dose
from protocols.site import Site
from simulator.body import Body
from simulator.population import DEFAULT_POPULATION, Population, draw_traits
from simulator.traits import BodyTraits
from simulator.trial import listener as listener_module
from simulator.trial.guided import Guided
from simulator.trial.likely_people import LikelyPeople
from simulator.trial.listener import FAMILIAR, UNFAMILIAR, Listener
from simulator.trial.one_person import routine_of
from simulator.trial.world import World

SITE = Site.named("upper-trapezius-left")
PACKET_NS = 100_000_000


def one_like(traits: BodyTraits, size: int = 3) -> LikelyPeople:
    ln_slope = log(log(10 / 3) / log(traits.tolerance_n / traits.ppt_n))
    row = (log(traits.ppt_n), 0.0, ln_slope, traits.habituation, log(traits.tau_s), 0.8)
    return LikelyPeople(np.array([row] * size), (0.5, 1.2), 0.15)


@pytest.mark.parametrize("habituation", [0.12, 0.0, -0.06])
def test_everybody_feels_as_the_simulated_body_does(habituation):
    traits = BodyTraits(24.0, 34.0, habituation, 20.0)
    body, people = Body(traits), one_like(traits)
    past = []
    for second in range(40):
        force_n = 25.0 if second < 30 else 0.0
        for _ in range(100):
            body.advance(force_n, 0.01)
        people.pass_time(1.0, touching=force_n > 2.0)
        past.append((body.felt_n, body.discomfort))
        if body.felt_n < 0.5:
            continue
        assert people.discomfort(body.felt_n) == pytest.approx(body.discomfort, rel=1e-6)
        if 3 < second < 30:
            felt_n, felt = past[-3]
            assert people.discomfort(felt_n, ago_s=2.0) == pytest.approx(felt, rel=1e-6)
            assert np.exp(people.ln_force(5.5)) == pytest.approx(body.force_at_n(5.5))


def test_a_force_for_later_is_the_one_that_is_felt_then():
    people = one_like(BodyTraits(24.0, 34.0, 0.12, 20.0))
    people.pass_time(3.0, touching=True)
    later_n = float(np.exp(people.ln_force(5.5, ahead_s=4.0))[0])
    assert later_n > float(np.exp(people.ln_force(5.5))[0]) + 0.1
    people.pass_time(4.0, touching=True)
    assert people.discomfort(later_n) == pytest.approx(5.5)


def test_drawing_again_keeps_means_and_spreads_and_a_new_day_only_the_person():
    rng = np.random.default_rng(1)
    people = LikelyPeople.of(DEFAULT_POPULATION, SITE, 20_000, rng)
    before = people.discomfort(30.0)
    people.learn(np.exp(-0.5 * ((before - 5.0) / 1.0) ** 2))
    mean = people.weights @ people.ln_force(5.0)
    spread = np.sqrt(people.weights @ (people.ln_force(5.0) - mean) ** 2)
    assert people.effective < 10_000
    people.draw_again(5_000, rng)
    assert people.size == 5_000 == pytest.approx(people.effective)
    forces = people.ln_force(5.0)
    assert forces.mean() == pytest.approx(mean, abs=0.01)
    assert forces.std() == pytest.approx(spread, rel=0.08)
    people.pass_time(60.0, touching=True)
    people.wake_up(20_000, rng)
    assert people.adapted.max() == 0.0
    another_day = people.ln_force(5.0)
    assert another_day.mean() == pytest.approx(mean, abs=0.03)
    # Neither what that day's factor was nor what the next one is can be known.
    assert another_day.std() == pytest.approx(np.hypot(spread, 0.15 * np.sqrt(2)), rel=0.08)


def with_force(population: Population = DEFAULT_POPULATION) -> Listener:
    return Listener(population, SITE, np.random.default_rng(3))


def press_on(listener: Listener, seconds: float, n_per_s: float, start_n: float = 5.0) -> None:
    begun_ns = listener.now_ns
    while listener.now_ns < begun_ns + seconds * 1e9:
        now_ns = listener.now_ns + PACKET_NS
        force_n = start_n + n_per_s * (now_ns - begun_ns) * 1e-9
        listener.felt(now_ns, (force_n,) * 10)


def mean_five_n(listener: Listener) -> float:
    return float(np.exp(listener.people.weights @ listener.people.ln_force(5.0)))


def test_silence_says_that_it_is_not_yet_five():
    asked, not_asked = with_force(), with_force()
    asked.asked(Question.TAP_AT_FIVE, 0)
    for listener in (asked, not_asked):
        press_on(listener, 30.0, 1.0)
    assert mean_five_n(asked) == mean_five_n(not_asked), "it is learned from when nobody waits any more"
    for listener in (asked, not_asked):
        listener.question_closed(listener.now_ns)
    after_n = mean_five_n(asked)
    assert after_n > 1.1 * mean_five_n(not_asked)
    asked.question_closed(asked.now_ns)
    assert mean_five_n(asked) == after_n, "it is learned from once"


@pytest.mark.parametrize("answer", ["tap", "number"])
def test_an_answer_tells_where_five_is_within_its_noise(answer):
    listener = with_force()
    listener.asked(Question.TAP_AT_FIVE, 0)
    press_on(listener, 20.0, 1.0)
    now_ns = listener.now_ns
    if answer == "tap":
        listener.heard(Pressed(now_ns, now_ns - 400_000_000, Press.SHORT, "tool"))
        felt_n = listener.felt_at(now_ns - 400_000_000 - 650_000_000)
    else:
        listener.heard(Answered(now_ns, now_ns - 100_000_000, 5, "keys"))
        felt_n = listener.felt_at(now_ns - 1_100_000_000)
    assert mean_five_n(listener) == pytest.approx(felt_n, rel=0.03)
    people = listener.people
    spread = np.sqrt(people.weights @ (people.ln_force(5.0) - log(felt_n)) ** 2)
    assert 0.02 < spread < 0.09


def test_a_tap_without_a_question_says_nothing():
    listener = with_force()
    press_on(listener, 20.0, 1.0)
    before = listener.people.weights.copy()
    listener.heard(Pressed(listener.now_ns, listener.now_ns, Press.SHORT, "tool"))
    assert (listener.people.weights == before).all()


def test_who_does_not_protest_is_below_eight():
    listener = with_force()
    press_on(listener, 1.8, 0.0, 60.0)
    early = float(listener.people.weights @ (listener.people.discomfort(35.0) < 8.0))
    press_on(listener, 6.0, 0.0, 40.0)
    late = float(listener.people.weights @ (listener.people.discomfort(35.0) < 8.0))
    assert early < 0.8, "no protest could have arrived yet"
    assert late > 0.97


def test_who_protests_is_above_eight():
    listener = with_force()
    press_on(listener, 2.0, 0.0, 60.0)
    listener.heard(Pressed(listener.now_ns, listener.now_ns - 500_000_000, Press.LONG, "tool"))
    felt_n = listener.felt_at(listener.now_ns - 1_150_000_000)
    above = float(listener.people.weights @ (listener.people.discomfort(felt_n) > 7.6))
    assert above > 0.95
    press_on(listener, 4.0, 0.0, 60.0)
    assert float(listener.people.weights @ (listener.people.discomfort(felt_n) > 7.6)) > 0.95, (
        "it is not said again yet"
    )


def test_the_past_is_read_between_packets():
    listener = with_force()
    for packet in range(1, 30):
        listener.felt(packet * PACKET_NS, (float(packet),) * 10)
    felt_n = [listener.felt_at(t * PACKET_NS) for t in (10, 10.5, 11)]
    assert felt_n[0] < felt_n[1] < felt_n[2]
    assert felt_n[1] == pytest.approx((felt_n[0] + felt_n[2]) / 2)
    assert listener.felt_at(99 * PACKET_NS) == listener.felt_n
    assert (listener.discomfort_at(29 * PACKET_NS) == listener.people.discomfort(listener.felt_n)).all()


def test_few_stand_for_somebody_who_is_known(monkeypatch):
    listener = with_force()
    assert listener.people.size == UNFAMILIAR
    listener.settle()
    assert listener.people.size == FAMILIAR
    monkeypatch.setattr(listener_module, "FEWEST", FAMILIAR + 1)
    listener.people.weights = np.eye(1, FAMILIAR)[0]
    listener.felt(PACKET_NS, (20.0,) * 10)
    listener.heard(Answered(PACKET_NS, PACKET_NS, 5, "keys"))
    assert listener.people.effective == pytest.approx(FAMILIAR)


def after_approach(number: int) -> float | None:
    """Return the chance that a listener gives to forces at 5 below this person's own one; None: no hold began."""
    traits = draw_traits(np.random.default_rng([9, number]), site=SITE)
    listener = Listener(DEFAULT_POPULATION, SITE, np.random.default_rng([9, number, 1]))
    world = World(traits, np.random.SeedSequence([9, number]))
    routine = routine_of(Dose(credited_s=30), calibrate=False)
    guided = Guided(world, routine, SITE, HistoryLoaded(0), 4, listener)
    while guided.began is None and not guided.over:
        guided.advance()
    if guided.began is None:
        return None
    five = log(world.person.body.force_at_n(5.0))
    return float(listener.people.weights @ (listener.people.ln_force(5.0) < five))


def test_what_is_learned_in_an_approach_has_the_right_spread():
    ranks = [rank for number in range(40) if (rank := after_approach(number)) is not None]
    assert len(ranks) > 25
    # Uniform ranks: 80 % are in the middle 80 %, give or take three spreads of a binomial.
    inside = np.mean([0.1 < rank < 0.9 for rank in ranks])
    assert abs(inside - 0.8) < 3 * np.sqrt(0.16 / len(ranks))
    assert abs(np.mean(ranks) - 0.5) < 3 * np.sqrt(1 / 12 / len(ranks))
