"""Whether a question is worth its interruption."""

from dataclasses import replace

import pytest

from protocols.plan import Dose
from protocols.session import Session
from protocols.turn import Turn
from protocols.worth import worth_asking
from tests.engine_sessions import Script

DOSE = Dose(credited_s=60)
SECOND_NS = 10**9


@pytest.fixture(scope="module")
def session() -> Session:
    """A hold of somebody well known, its hand at the target."""
    return Script(DOSE).to_five(20).hold_for(40).follow(3).session


def worth(session: Session, *, waited_s: float = 12.0, **pacing: object) -> bool:
    lately = (session.now_ns - round(waited_s * SECOND_NS),)
    session = replace(
        session,
        asking=replace(session.asking, question=None, lately=lately, answered_ns=lately[0]),
        pacing=replace(session.pacing, **pacing),
    )
    return worth_asking(Turn(session, session.now_ns), session.estimate)


def satisfied(session: Session) -> Session:
    """The same with its target where the middle of the band is believed, and felt as much."""
    aim_n = session.estimate.force_n(5.5)
    return replace(
        session,
        estimate=replace(session.estimate, felt_n=aim_n),
        contact=replace(session.contact, force_n=aim_n),
        pacing=replace(session.pacing, aim_n=aim_n, low_n=0.9 * aim_n, high_n=1.1 * aim_n, calmer=False),
    )


@pytest.mark.parametrize(("left_s", "asks"), [(20.0, True), (8.1, True), (7.9, False), (2.0, False)])
def test_no_question_whose_answer_comes_too_late_for_the_dose(session, left_s, asks):
    credit = replace(session.credit, seconds=DOSE.credited_s - left_s)
    assert worth(replace(satisfied(session), credit=credit), calmer=True) is asks


def test_no_question_while_the_force_is_outside_of_the_shown_band(session):
    inside = satisfied(session)
    outside = replace(inside, contact=replace(inside.contact, force_n=0.8 * inside.contact.force_n))
    assert worth(inside, calmer=True)
    assert not worth(outside, calmer=True)


def test_a_target_that_is_held_back_waits_for_what_is_felt_but_not_for_ever(session):
    held_back = satisfied(session)
    aim_n = 0.97 * held_back.pacing.aim_n
    felt = replace(held_back, estimate=replace(held_back.estimate, felt_n=0.99 * aim_n))
    late = replace(held_back, estimate=replace(held_back.estimate, felt_n=0.95 * aim_n))
    assert worth(felt, waited_s=3.0, aim_n=aim_n)
    assert [worth(late, waited_s=waited_s, aim_n=aim_n) for waited_s in (3.0, 13.5, 14.5)] == [False, False, True]


@pytest.mark.parametrize(("sure", "waited_s", "asks"), [(True, 12.0, False), (False, 12.0, True), (False, 9.0, False)])
def test_else_only_who_is_not_sure_asks_and_not_before_the_hand_has_followed(session, sure, waited_s, asks):
    estimate = Script(DOSE).to_five(20).session.estimate
    for _ in range(12 if sure else 0):
        estimate = estimate.answered(5, 20.0).answered(6, 21.0)
    outside = 1.0 - estimate.outlook.belief(estimate.force_n(5.5), 4.5, 6.5).p_band
    assert outside < 0.08 if sure else 0.08 < outside < 0.4
    session = satisfied(replace(session, estimate=estimate))
    assert worth(session, waited_s=waited_s) is asks


def test_no_answer_takes_a_target_above_what_is_allowed_to_anybody(session):
    session = satisfied(session)
    for _ in range(12):
        session = replace(session, estimate=session.estimate.answered(5, 20.0).answered(6, 21.0))
    session = satisfied(session)
    aim_n = 0.9 * session.pacing.aim_n
    held_back = replace(session, estimate=replace(session.estimate, felt_n=aim_n))
    held_back = replace(held_back, contact=replace(session.contact, force_n=aim_n))
    assert worth(held_back, aim_n=aim_n, low_n=0.0)
    assert not worth(replace(held_back, cap_n=aim_n / 0.88), aim_n=aim_n, low_n=0.0)
