"""What holds for every calibration, whatever is said and pressed in whatever order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.commands import Cue, Outcome, Phase, ShowTarget
from protocols.engine import step
from protocols.events import Answered, Press, Pressed
from protocols.pacing import APPROACH_MARGIN
from protocols.plan import CALIBRATION_S, Calibrate, Compress, Dose
from protocols.session import Session
from protocols.standing import TARGET_STEP_N
from tests.engine_sessions import SITE, Script
from tests.property.test_engine_properties import Watched, actions
from tests.record_strategies import events as any_event

PACKET_S = 0.05

steps = st.sampled_from(
    [
        (Calibrate(),),
        (Calibrate(ramps=1),),
        (Calibrate(Dose(force_limit_n=18.0), ramps=2),),
        (Calibrate(), Compress(Dose(credited_s=30))),
        (Calibrate(ramps=1), Compress(Dose(credited_s=30))),
    ]
)
said = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from([2, 3, 3, 4, 5, 5, 6, 7])),
    st.tuples(st.just("tap"), st.sampled_from([Press.SHORT, Press.SHORT, Press.LONG])),
    st.tuples(st.just("follow"), st.floats(2, 25)),
)
sessions = st.tuples(steps, st.lists(st.one_of(said, said, actions), max_size=14).map(tuple))


def played(session) -> Watched:
    plan, acts = session
    script = Watched(steps=plan)
    for kind, value in acts:
        script.act(kind, value)
    return script


@given(sessions)
def test_the_rules_that_hold_in_every_step_of_a_calibration(session):
    for event, before, after, commands in played(session).steps:
        if after.calibrates:
            assert after.credit.seconds == 0.0
            assert after.phase not in {Phase.APPROACH, Phase.HOLD}
        if after.phase is Phase.RAMP:
            assert after.contact.total_ns < CALIBRATION_S * 1e9
            assert after.calibration.open
        assert len(after.calibration.ramps) <= 3
        for ramp in after.calibration.ramps:
            for force_n in (ramp.ppt_n, ramp.five_n):
                assert force_n is None or force_n > 0.0
        if isinstance(event, Answered) and event.rating >= 8 and before.phase is Phase.RAMP:
            assert after.phase in {Phase.PAUSED, Phase.RELEASE}
        if isinstance(event, Pressed) and event.press is not Press.SHORT and before.phase is Phase.RAMP:
            assert after.phase in {Phase.PAUSED, Phase.RELEASE}
        if isinstance(event, Answered) and event.rating >= 5 and before.phase is Phase.RAMP:
            assert after.phase is not Phase.RAMP
        for command in commands:
            if isinstance(command, ShowTarget):
                assert command.aim_n <= APPROACH_MARGIN * after.guard.limit_n + 0.01


@given(sessions)
def test_a_ramp_rises_no_further_than_is_believed_or_the_last_answer_allows(session):
    shown_n = 0.0
    for _, before, after, commands in played(session).steps:
        for command in commands:
            if isinstance(command, ShowTarget):
                if after.phase is before.phase is Phase.RAMP:
                    stop_n = max(before.estimate.quantile_n(5, 0.75), after.estimate.quantile_n(5, 0.75))
                    most_n = max(stop_n, after.calibration.allowed_n, shown_n)
                    assert command.aim_n <= most_n + TARGET_STEP_N
                    assert command.aim_n <= max(after.pacing.ceiling_n, shown_n) + TARGET_STEP_N
                shown_n = command.aim_n


@settings(max_examples=settings.default.max_examples // 3)
@given(sessions)
def test_a_calibration_runs_again_to_the_same_commands(session):
    script = played(session)
    again = Session.begin(script.session.protocol, SITE)
    for event, _, _, commands in script.steps:
        again, repeated = step(again, event)
        assert repr(repeated) == repr(commands)


@given(sessions, st.lists(any_event, max_size=10))
def test_a_step_never_raises_in_a_calibration(session, events):
    script = played(session)
    for event in events:
        script.session, _ = step(script.session, event)


@settings(max_examples=settings.default.max_examples // 2)
@given(steps, st.lists(st.tuples(st.floats(0.5, 12), st.sampled_from([3, 4, 5])), max_size=4))
def test_silence_in_a_ramp_ends_in_release(plan, answers):
    script = Script(steps=plan[:1])
    for seconds, rating in answers:
        script.follow(seconds)
        script.answer(rating)
    script.follow(400, until=lambda: script.session.ended)
    assert script.session.ended
    assert script.ending[0] in {Outcome.SHORT, Outcome.COMPLETE}
    assert {Cue.RELEASE, Cue.DONE} & set(script.cues())
    assert script.figures.contact_s <= CALIBRATION_S + 3
