"""What no simulated person, however they feel, press and answer, can make the engine do."""

from math import inf

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.commands import Phase
from protocols.events import HistoryLoaded
from protocols.guard import HIGH_CHANCE_OF_EIGHT
from protocols.pacing import LEAST_AIM_N
from protocols.plan import Calibrate, Compress, Dose, Protocol
from protocols.said import LIGHT_TOUCH_N
from protocols.session import Session
from protocols.site import Site
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits
from simulator.trial.guided import Guided
from simulator.trial.world import World

SITES = [Site.named(name) for name in ("upper-trapezius-left", "suboccipital-left", "levator-scapulae-right")]
DOSE = Dose(credited_s=30)
LEADS = {Phase.APPROACH, Phase.RAMP, Phase.HOLD}
ALLOWS = 1.05

bodies = st.builds(
    lambda ppt_n, ratio, habituation, tau_s: BodyTraits(ppt_n, ratio * ppt_n, habituation, tau_s),
    st.floats(3.0, 150.0),
    st.floats(1.1, 2.5),
    st.floats(-0.3, 0.3),
    st.floats(5.0, 90.0),
)
hands = st.builds(
    HandTraits,
    delay_s=st.floats(0.1, 0.8),
    gain_per_s=st.floats(0.4, 3.0),
    tremor_hz=st.floats(8.0, 12.0),
    wander=st.floats(0.0, 0.12),
    distracted=st.booleans(),
    heeds_release=st.booleans(),
)
raters = st.builds(
    RaterTraits,
    noise_sd=st.floats(0.0, 4.0),
    unanswered=st.sampled_from([0.0, 0.08, 0.5, 1.0]),
    tap_s=st.sampled_from([(0.3, 0.4), (0.5, 0.8), (2.0, 4.0)]),
    number_s=st.sampled_from([(1.0, 2.0), (2.0, 5.0)]),
    protests=st.booleans(),
)
people = st.builds(Traits, st.just("any"), bodies, hands, raters)
plans = st.sampled_from([(Compress(DOSE),), (Calibrate.before(Compress(DOSE)), Compress(DOSE))])


def is_above(answer: int | str) -> bool:
    return answer == "too-much" or (isinstance(answer, int) and answer > DOSE.band.high)


def new_answers(before: Session, after: Session) -> tuple[int | str, ...]:
    told, known = after.tally.answers, before.tally.answers
    return told[len(known) :] if told[: len(known)] == known else told


class Allowed:
    """How far the answers so far let a target of this session rise, newtons, counted beside the engine."""

    def __init__(self) -> None:
        self.room_n = inf

    def hear(self, before: Session, after: Session) -> None:
        answers = new_answers(before, after)
        if not answers or before.calibrates:
            return
        felt_n = max(min(after.force_n, LIGHT_TOUCH_N), *(felt for _, felt in after.estimate.past))
        if any(is_above(answer) for answer in answers):
            self.room_n = min(self.room_n, max(before.pacing.aim_n, felt_n))
        elif before.estimate.found:
            self.room_n = max(ALLOWS * felt_n, min(self.room_n, before.pacing.ceiling_n))
        elif after.estimate.found:
            self.room_n = ALLOWS * felt_n


@settings(max_examples=25)
@given(people, st.sampled_from(SITES), plans, st.integers(0, 2**20))
def test_no_person_is_led_above_a_cap_or_upward_while_saying_too_much(traits, site, plan, seed):
    world = World(traits, np.random.SeedSequence(seed))
    guided = Guided(world, Protocol("any", "Any", plan), site, HistoryLoaded(0), 4)
    allowed = Allowed()
    while not guided.over and world.now_ns < 400 * 10**9:
        before = guided.session
        guided.advance()
        after = guided.session
        assert after.guard.limit_n <= after.cap_n <= site.cap_n(11.3)
        allowed.hear(before, after)
        if after.phase not in LEADS:
            continue
        aim_n = before.pacing.aim_n
        assert after.pacing.aim_n <= after.guard.limit_n
        if not after.calibrates:
            assert after.pacing.aim_n <= max(allowed.room_n, LEAST_AIM_N) + 1e-9, "in whatever phase, after any pause"
        if after.phase is Phase.HOLD and after.pacing.aim_n > max(aim_n, LEAST_AIM_N):
            assert after.estimate.outlook.chance(8, after.pacing.aim_n) <= HIGH_CHANCE_OF_EIGHT
        if before.phase is not after.phase or before.hold != after.hold:
            continue
        answers, ceiling_n = new_answers(before, after), before.pacing.ceiling_n
        if any(is_above(answer) for answer in answers):
            assert after.pacing.aim_n <= aim_n
            assert after.phase is not Phase.HOLD or after.pacing.ceiling_n <= min(aim_n, ceiling_n)
        elif not answers:
            assert after.pacing.ceiling_n <= ceiling_n, "no answer, no more room"
            assert after.pacing.aim_n <= max(aim_n, ceiling_n)
    assert guided.over
