import json
from itertools import pairwise
from math import inf

import pytest
from sqlalchemy import select, update

from controller.course import GivenAnswer, HoldCourse, Point, read_course, told
from controller.journal import Journal
from controller.journal_schema import records
from controller.review import find_session
from protocols.commands import Phase
from protocols.events import Answered, Press, Sampled
from protocols.plan import Compress, Dose, Protocol
from tests.engine_sessions import Script
from tests.journal_sessions import begin, noon, write_session

APART = {Phase.TARE, Phase.REST, Phase.ENDED}
GUIDED = {Phase.CONTACT, Phase.APPROACH, Phase.HOLD}


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


def course(journal):
    return read_course(journal.engine, find_session(journal.engine, "last"))


def write_script(journal, script: Script) -> None:
    begin(journal, protocol=script.session.protocol, site=script.session.site, origin_ns=script.origin_ns)
    for event, _, _, commands in script.steps:
        journal.append(event, commands)
    journal.flush()


def test_each_packet_of_a_hold_is_a_point_with_what_the_engine_had(journal):
    _, written = write_session(journal)
    states = [state for event, _, state in written if isinstance(event, Sampled) and state.phase not in APART]
    first_ns = next(event.first_ns for event, _, _ in written if isinstance(event, Sampled))
    (hold,) = course(journal).holds
    assert [point.t_s for point in hold.points] == [(state.contact.last_ns - first_ns) / 1e9 for state in states]
    assert [point.force_n for point in hold.points] == [state.force_n for state in states]
    assert [(point.discomfort, point.sd) for point in hold.points] == [
        (state.beliefs[-1].mean, state.beliefs[-1].sd) for state in states
    ]
    assert [point.phase for point in hold.points] == [state.phase for state in states]
    for point, state in zip(hold.points, states, strict=True):
        assert (point.shown is not None) == (state.phase in GUIDED)
        if point.shown is not None:
            band = (point.shown.low_n, point.shown.aim_n, point.shown.high_n)
            assert band == (state.pacing.low_n, state.pacing.aim_n, state.pacing.high_n)


def test_the_answers_are_there_at_the_time_they_were_given(journal):
    _, written = write_session(journal)
    first_ns = next(event.first_ns for event, _, _ in written if isinstance(event, Sampled))
    given = [((event.given_ns - first_ns) / 1e9, 5) for event, _, _ in written if isinstance(event, Answered)]
    (hold,) = course(journal).holds
    assert [(answer.t_s, answer.said) for answer in hold.answers] == given
    assert len(given) == 4


def test_an_answer_stands_when_it_was_given_not_when_it_arrived(journal):
    script = Script().to_five().hold_for(2)
    first_ns = next(event.first_ns for event, *_ in script.steps if isinstance(event, Sampled))
    given_ns = script.now_ns - 400_000_000
    script.give(Answered(script.now_ns, given_ns, 6, "page"))
    write_script(journal, script)
    (hold,) = course(journal).holds
    assert hold.answers[-1] == GivenAnswer((given_ns - first_ns) / 1e9, 6)


def test_only_what_the_engine_took_for_an_answer_is_one(journal):
    script = Script().to_five().hold_for(2)
    script.tap()
    script.hold_for(1, answer=None)
    script.tap()
    script.hold_for(5, answer=None)
    script.tap(Press.LONG)
    script.hold_for(2, answer=None)
    write_script(journal, script)
    (hold,) = course(journal).holds
    assert tuple(answer.said for answer in hold.answers) == script.session.tally.answers == (5, "in-band", "too-much")


@pytest.mark.parametrize("phase", [Phase.RELEASE, Phase.REST])
def test_an_answer_that_ends_the_session_after_a_hold_is_that_hold_s(journal, phase):
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five().hold_for(200, until_release=True)
    if phase is Phase.REST:
        script.let_go()
    assert script.phase is phase
    script.answer(9)
    script.let_go()
    assert script.ending == ("stopped", "too-much")
    write_script(journal, script)
    (hold,) = course(journal).holds
    assert tuple(answer.said for answer in hold.answers) == script.figures.answers
    assert hold.answers[-1].said == 9


def test_an_answer_that_closes_its_hold_at_once_is_that_hold_s(journal):
    script = Script().to_five().hold_for(2)
    script.answer(9)
    script.let_go(16).go_on()
    script.follow(60, until=lambda: script.phase is Phase.HOLD).silence(2)
    script.answer(9)
    assert script.session.ended
    assert script.session.tally.answers == (), "the list was closed together with the hold"
    write_script(journal, script)
    (hold,) = course(journal).holds
    assert [answer.said for answer in hold.answers] == [5, 9, 9]


def test_each_hold_has_its_own_points_and_answers_and_rests_are_left_out(journal):
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five().hold_for(200, until_release=True).let_go()
    script.let_go(20)
    script.hold_for(25)
    script.answer(5)
    script.hold_for(75)
    write_script(journal, script)
    first, second = course(journal).holds
    assert (first.number, second.number) == (1, 2)
    assert second.points[0].t_s - first.points[-1].t_s == pytest.approx(15, abs=2)
    ends = first.points[-1].t_s
    assert first.answers
    assert second.answers
    assert all(answer.t_s <= ends for answer in first.answers)
    assert all(answer.t_s > ends for answer in second.answers)


def test_phases_follow_each_other_without_gaps(journal):
    write_session(journal)
    (hold,) = course(journal).holds
    spans = hold.spans()
    assert [phase for phase, _, _ in spans] == [Phase.CONTACT, Phase.APPROACH, Phase.HOLD, Phase.RELEASE]
    assert [end_s for _, _, end_s in spans[:-1]] == [begin_s for _, begin_s, _ in spans[1:]]
    assert (spans[0][1], spans[-1][2]) == (hold.points[0].t_s, hold.points[-1].t_s)
    held = hold.held()
    assert {point.phase for point in held} == {Phase.HOLD}
    assert held[0].t_s == spans[2][1]


def test_a_repeated_packet_is_no_point_of_its_own(journal):
    script = Script().to_five()
    packet = next(event for event, *_ in reversed(script.steps) if isinstance(event, Sampled))
    script.give(packet)
    write_script(journal, script)
    times = [point.t_s for hold in course(journal).holds for point in hold.points]
    assert times == sorted(set(times))


def test_eighty_percent_of_the_spread_stays_on_the_scale():
    def interval(mean: float, sd: float) -> tuple[float, float]:
        return Point(0.0, 0.0, Phase.HOLD, None, mean, sd).interval

    assert interval(5.0, 1.0) == pytest.approx((5 - 1.2816, 5 + 1.2816), abs=1e-4)
    assert interval(1.0, 2.0)[0] == 0.0
    assert interval(9.5, 2.0)[1] == 10.0


def test_programs_get_two_hundred_points_from_the_first_to_the_last(journal):
    write_session(journal)
    found = course(journal)
    (hold,) = found.holds
    rows = told(found)
    assert len(rows) == 200 < len(hold.points)
    assert list(rows[0]) == ["t_s", "force_n", "low_n", "aim_n", "high_n", "discomfort", "sd"]
    times = [row["t_s"] for row in rows]
    assert (times[0], times[-1]) == (round(hold.points[0].t_s, 3), round(hold.points[-1].t_s, 3))
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) < 2 * min(gaps)
    by_time = {round(point.t_s, 3): point for point in hold.points}
    for row in rows:
        point = by_time[row["t_s"]]
        assert (row["force_n"], row["discomfort"], row["sd"]) == pytest.approx(
            (point.force_n, point.discomfort, point.sd), abs=6e-4
        )
        assert row["aim_n"] == (None if point.shown is None else pytest.approx(point.shown.aim_n, abs=6e-4))
    assert rows[-1]["low_n"] is rows[-1]["high_n"] is None
    json.dumps(rows, allow_nan=False)


def test_a_band_without_an_upper_edge_is_not_shown(journal):
    script = Script()
    script.packet(0.0)
    script.packet(0.0)
    write_script(journal, script)
    shown = [point.shown for hold in course(journal).holds for point in hold.points if point.shown is not None]
    assert shown
    assert all(band.high_n < inf for band in shown)


def test_few_points_are_all_told(journal):
    script = Script()
    script.press_at(0.0, 2.0)
    write_script(journal, script)
    (hold,) = course(journal).holds
    assert 2 <= len(hold.points) == len(told(course(journal))) < 50


def test_a_session_without_a_sample_has_no_hold(journal):
    begin(journal)
    assert course(journal).holds == ()
    assert told(course(journal)) == []


def test_a_course_says_whether_this_engine_decides_as_the_one_that_ran(journal):
    write_session(journal)
    assert course(journal).same
    with journal.engine.begin() as connection:
        row = connection.execute(select(records).where(records.c.kind == "ShowTarget").offset(20).limit(1)).one()
        body = json.loads(row.body) | {"aim_n": 99.0}
        connection.execute(update(records).where(records.c.seq == row.seq).values(body=json.dumps(body)))
    assert not course(journal).same


def test_the_band_is_that_of_the_plan(journal):
    dose = Dose(credited_s=30)
    begin(journal, protocol=Protocol("mine", "Mine", (Compress(dose),)))
    assert course(journal).band == dose.band


def test_a_hold_that_was_never_reached_has_no_held_points():
    assert HoldCourse(1, (Point(0.0, 0.0, Phase.CONTACT, None, 0.0, 0.0),), ()).held() == []
