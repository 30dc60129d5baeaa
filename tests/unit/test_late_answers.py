"""How late an answer comes after the force that it is about: believed, learned, kept."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from protocols.acquaintance import acquaintance, taught
from protocols.commands import Phase
from protocols.discomfort import Discomfort
from protocols.events import Press
from protocols.people import strangers
from protocols.prior import prior_for
from protocols.site import REFERENCE_TIP_MM, Site
from tests.engine_sessions import Script

SITE = Site.named("upper-trapezius-left")
PACKET_NS = 50_000_000
SECOND_NS = 10**9


def begin(late_s: float | None = None) -> Discomfort:
    cloud = strangers(SITE, REFERENCE_TIP_MM)
    if late_s is not None:
        cloud = replace(cloud, late_s=np.full(cloud.size, late_s))
    return Discomfort.begin(prior_for(SITE, REFERENCE_TIP_MM), cloud, 4.5, 6.5).settled()


def press(estimate: Discomfort, from_n: float, to_n: float, seconds: float) -> Discomfort:
    start_ns = estimate.sampled_ns or 0
    count = round(seconds * SECOND_NS / PACKET_NS)
    for i in range(1, count + 1):
        estimate, _ = estimate.sampled(start_ns + i * PACKET_NS, PACKET_NS, (from_n + (to_n - from_n) * i / count,))
    return estimate


def late_s(estimate: Discomfort) -> float:
    return float(estimate.cloud.weights @ estimate.cloud.late_s)


@pytest.mark.parametrize("late", [-0.5, 0.5, 1.0])
def test_who_answers_late_while_the_force_rises_means_less_of_it(late):
    usual, other = (press(begin(late_s), 5, 25, 20) for late_s in (0.0, late))
    then_ns = usual.sampled_ns - SECOND_NS
    then_n, meant_n = usual.felt_at(then_ns), usual.felt_at(then_ns - round(late * SECOND_NS))
    usual, other = (estimate.answered(5, then_n, then_ns) for estimate in (usual, other))
    alike = press(begin(0.0), 5, 25, 20).answered(5, meant_n)
    assert log(other.five_n / usual.five_n) * late < 0
    assert other.five_n == pytest.approx(alike.five_n, rel=1e-6)


@pytest.mark.parametrize("said", ["number", "tap", "above", "below", "between"])
def test_every_kind_of_answer_may_be_late(said):
    def after(late: float) -> float:
        estimate = press(begin(late), 5, 25, 20)
        then_ns = estimate.sampled_ns - SECOND_NS
        then_n = estimate.felt_at(then_ns)
        match said:
            case "number":
                return estimate.answered(6, then_n, then_ns).five_n
            case "tap":
                return estimate.tapped(5, (0.97 * then_n, then_n), then_ns).five_n
            case "above":
                return estimate.said_above(6.5, then_n, then_ns).five_n
            case "below":
                return estimate.said_below(4.5, then_n, then_ns).five_n
            case _:
                return estimate.said_between(4.5, 6.5, then_n, then_ns).five_n

    assert after(1.0) < 0.995 * after(0.0)


def test_a_force_that_stands_is_the_same_however_late_the_answer():
    answers = []
    for late in (0.0, 1.0):
        estimate = press(press(begin(late), 5, 20, 5), 20, 20, 10)
        then_ns = estimate.sampled_ns - SECOND_NS
        answers.append(estimate.answered(5, estimate.felt_at(then_ns), then_ns).five_n)
    assert answers[0] == pytest.approx(answers[1], rel=2e-3)


def test_silence_of_somebody_late_says_less():
    def after(late: float) -> float:
        estimate = replace(press(begin(late), 4, 5, 1), found=False).awaiting(5.0)
        return press(estimate, 5, 30, 10).settled().five_n

    assert after(1.0) < 0.99 * after(0.0)


def test_who_says_5_at_more_on_the_way_up_than_when_it_stands_is_learned_to_be_late():
    estimate = begin()
    for _ in range(6):
        estimate = press(estimate, 4, 24, 5)
        then_ns = estimate.sampled_ns - SECOND_NS
        estimate = estimate.answered(5, estimate.felt_at(then_ns), then_ns)
        estimate = press(estimate, 12, 12, 8)
        estimate = press(estimate.answered(5, estimate.felt_n, estimate.sampled_ns), 0, 0, 10)
    assert late_s(begin()) == pytest.approx(0.0, abs=0.02)
    assert late_s(estimate) > 0.2


def test_it_is_kept_for_the_next_session():
    cloud = strangers(SITE, REFERENCE_TIP_MM)
    cloud = replace(cloud, late_s=cloud.late_s + 0.8)
    again = acquaintance(taught(cloud, REFERENCE_TIP_MM), 2.0, SITE, REFERENCE_TIP_MM)
    assert float(again.weights @ again.late_s) == pytest.approx(0.8, abs=0.05)


def test_what_is_felt_now_waits_for_nobody():
    usual, late = (press(begin(late), 5, 25, 20) for late in (0.0, 1.0))
    assert late.belief == usual.belief


def test_too_much_is_never_taken_to_be_about_more_than_was_felt_then():
    usual, early = (press(begin(late), 5, 25, 20) for late in (0.0, -1.0))
    then_ns = usual.sampled_ns - 2 * SECOND_NS
    then_n = usual.felt_at(then_ns)
    assert early.answered(8, then_n, then_ns).five_n == usual.answered(8, then_n, then_ns).five_n
    assert early.answered(6, then_n, then_ns).five_n > usual.answered(6, then_n, then_ns).five_n


def script_of(late: float, *, hold: bool) -> Script:
    """A session of somebody so late, while the force rises."""
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20)
    if hold:
        script.answer(5)
        script.hold_for(8)
        script.ramp(0.8 * script.force_n, 2.0).ramp(script.force_n, 3.0)
        script.ramp(1.25 * script.force_n, 3.0)
        assert script.phase is Phase.HOLD
    estimate = script.session.estimate
    cloud = replace(estimate.cloud, late_s=np.full(estimate.cloud.size, late))
    script.session = replace(script.session, estimate=replace(estimate, cloud=cloud, unlearned=None))
    return script


@pytest.mark.parametrize(
    ("hold", "what"),
    [(False, 5), (False, 3), (False, Press.SHORT), (True, 7), (True, Press.LONG), (True, Press.DOUBLE), (True, 3)],
)
def test_in_a_session_too_it_counts_how_late_somebody_answers(hold, what):
    fives = []
    for late in (0.0, 1.0):
        script = script_of(late, hold=hold)
        script.say(what)
        fives.append(script.session.estimate.five_n)
    assert abs(log(fives[1] / fives[0])) > 5e-4
