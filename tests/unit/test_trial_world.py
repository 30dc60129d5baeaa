"""A person with a tool and a clock: what a trial presses with."""

import numpy as np
import pytest

from protocols.commands import Cue, Question
from protocols.events import Answered, Press, Pressed
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits
from simulator.trial.world import PACKET, PERIOD_NS, World

TRAITS = Traits(
    "made",
    BodyTraits(20.0, 30.0, 0.1, 28.0, day_ln_sd=0.0),
    HandTraits(0.3, 1.0, 9.0),
    RaterTraits(0.0, unanswered=0.0),
)


def pressing(target_n: float = 15.0) -> World:
    world = World(TRAITS, np.random.SeedSequence([1, 2]))
    for _ in range(6):
        world.packet()
    world.tare()
    world.person.see_target(target_n, world.now_ns)
    world.person.cued(Cue.PRESS_MORE, world.now_ns)
    return world


def test_a_packet_is_what_the_tool_measured_in_its_steps():
    world = pressing()
    measured = [force for _ in range(80) for force in world.packet()]
    true_n, felt = world.truth()
    assert world.now_ns == len(true_n) * PERIOD_NS == len(felt) * PERIOD_NS
    assert len(measured) == 80 * PACKET
    off_n = np.array(measured) - true_n[-len(measured) :]
    assert 0.0 < np.abs(off_n).max() < 0.15
    assert all(round(force * 100) / 100 == force for force in measured)
    assert felt[-1] == world.person.discomfort
    assert true_n[-1] == pytest.approx(15.0, rel=0.2)


def test_a_tare_takes_the_zero_away():
    zeros_n = []
    for seed in range(5):
        world = World(TRAITS, np.random.SeedSequence(seed))
        before_n = np.mean([world.packet() for _ in range(5)])
        zeros_n.append(world.tare())
        after_n = np.mean([world.packet() for _ in range(5)])
        assert zeros_n[-1] == pytest.approx(before_n, abs=0.002)
        assert after_n == pytest.approx(0.0, abs=0.008)
    assert max(map(abs, zeros_n)) > 0.01


def test_copies_go_on_the_same_and_apart():
    world = pressing()
    for _ in range(20):
        world.packet()
    other = world.copied()
    assert [world.packet() for _ in range(10)] == [other.packet() for _ in range(10)]
    other.person.see_target(25.0, other.now_ns)
    for _ in range(30):
        world.packet()
        other.packet()
    assert other.force_n[-1] > world.force_n[-1] + 5.0
    assert len(world.force_n) == len(other.force_n)


def test_a_tap_arrives_once_the_tool_knows_that_it_was_short():
    world = pressing(40.0)
    world.person.asked(Question.TAP_AT_FIVE, world.now_ns)
    felt_five_ns = None
    while world.now_ns < 60_000_000_000:
        world.packet()
        if felt_five_ns is None and max(world.discomfort) >= 5.0:
            felt_five_ns = (int(np.argmax(np.array(world.discomfort) >= 5.0)) + 1) * PERIOD_NS
        for event in world.said():
            assert event == Pressed(event.at_ns, event.given_ns, Press.SHORT, "tool")
            assert felt_five_ns is not None
            assert 0.5 <= (event.given_ns - felt_five_ns) * 1e-9 <= 0.81
            assert 0.35 <= (event.at_ns - event.given_ns) * 1e-9 <= 0.46
            return
    pytest.fail("nobody tapped")


def test_a_number_is_an_answer_by_key():
    world = pressing(20.0)
    for _ in range(100):
        world.packet()
    world.person.asked(Question.RATE_NOW, world.now_ns)
    asked_ns = world.now_ns
    heard = []
    while not heard and world.now_ns < asked_ns + 5_000_000_000:
        world.packet()
        heard = world.said()
    (answer,) = heard
    assert isinstance(answer, Answered)
    assert answer.via == "keys"
    assert asked_ns + 1_000_000_000 <= answer.given_ns <= answer.at_ns
    assert answer.rating == pytest.approx(world.person.discomfort, abs=1.0)
