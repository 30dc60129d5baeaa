"""What no simulated person, however they feel, press and answer, can make the engine do."""

from dataclasses import replace
from math import inf

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.commands import Cue, Phase
from protocols.events import Answered, Event, HistoryLoaded, InboxOverflowed, Press, Pressed
from protocols.guard import HIGH_CHANCE_OF_EIGHT
from protocols.pacing import CALMER_ROOM, LEAST_AIM_N, LIGHT_N
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
utterances = st.sampled_from([0, 2, 5, 7, 8, 10, Press.SHORT, Press.LONG, None])
interjections = st.dictionaries(st.integers(0, 3000), utterances, max_size=5)
in_a_phase = st.dictionaries(
    st.sampled_from([phase for phase in Phase if phase is not Phase.ENDED]),
    st.tuples(st.integers(0, 60), utterances),
    max_size=3,
)
"""So many packets after each time that a phase begins: else the rare ones would hardly be met."""

TWICE = replace(DOSE, holds=2, rest_s=15)
plans = st.sampled_from([(Compress(TWICE),), (Compress(DOSE),), (Calibrate.before(Compress(DOSE)), Compress(DOSE))])


def is_above(answer: int | str) -> bool:
    return answer == "too-much" or (isinstance(answer, int) and answer > DOSE.band.high)


def new_answers(before: Session, after: Session) -> tuple[int | str, ...]:
    told, known = after.tally.answers, before.tally.answers
    return told[len(known) :] if told[: len(known)] == known else told


class Allowed:
    """How far the answers so far let a target of this session rise, newtons, counted beside the engine.

    `too_much`: one was above the band, and none was inside since.
    """

    def __init__(self) -> None:
        self.room_n = inf
        self.too_much = False

    def hear(self, before: Session, after: Session) -> None:
        answers = new_answers(before, after)
        if any(is_above(answer) for answer in answers):
            self.too_much = True
        elif answers and (before.phase is Phase.HOLD or answers[-1] in {5, 6}):
            self.too_much = False
        if not answers or before.calibrates:
            return
        felt_n = max(min(after.force_n, LIGHT_TOUCH_N), *(felt for _, felt in after.estimate.past))
        if before.phase not in LEADS:
            felt_n = max(before.left.felt_n, LEAST_AIM_N)
        if any(is_above(answer) for answer in answers):
            self.room_n = min(self.room_n, max(before.pacing.aim_n, felt_n))
        elif before.estimate.found:
            self.room_n = max(ALLOWS * felt_n, min(self.room_n, before.pacing.ceiling_n))
        elif after.estimate.found:
            self.room_n = ALLOWS * felt_n


@settings(max_examples=settings.default.max_examples * 3 // 20)
@given(people, st.sampled_from(SITES), plans, st.integers(0, 2**20), interjections, in_a_phase)
def test_no_person_is_led_above_a_cap_or_upward_while_saying_too_much(traits, site, plan, seed, said, said_in):
    world = World(traits, np.random.SeedSequence(seed))
    guided = Guided(world, Protocol("any", "Any", plan), site, HistoryLoaded(0), 4)
    allowed = Allowed()
    packets = since = 0
    while not guided.over and world.now_ns < 600 * 10**9:
        after, what = said_in.get(guided.session.phase, (None, None))
        for due, utterance in ((packets in said, said.get(packets)), (since == after, what)):
            if due:
                before = guided.session
                guided._give(interjected(utterance, world.now_ns))
                check(before, guided.session, allowed, site)
        before = guided.session
        guided.advance()
        packets, since = packets + 1, since + 1 if guided.session.phase is before.phase else 0
        check(before, guided.session, allowed, site)
    assert guided.over


def interjected(what: int | Press | None, now_ns: int) -> Event:
    match what:
        case None:
            return InboxOverflowed(now_ns, 1)
        case Press():
            return Pressed(now_ns, now_ns, what, "tool")
        case _:
            return Answered(now_ns, now_ns, what, "keys")


def check(before: Session, after: Session, allowed: Allowed, site: Site) -> None:
    assert after.guard.limit_n <= after.cap_n <= site.cap_n(11.3)
    allowed.hear(before, after)
    aim_n, ceiling_n = before.pacing.aim_n, before.pacing.ceiling_n
    answers = new_answers(before, after)
    if any(is_above(answer) for answer in answers):
        assert after.pacing.ceiling_n <= ceiling_n, "in whatever phase"
        assert (
            after.found_limit_n is None or before.found_limit_n is None or after.found_limit_n <= before.found_limit_n
        )
    elif not answers:
        assert after.pacing.ceiling_n <= ceiling_n or after.calibrates, "no answer, no more room"
    if after.phase not in LEADS:
        return
    assert after.pacing.aim_n <= after.guard.limit_n
    if allowed.too_much:
        pacing = after.pacing
        most_n = CALMER_ROOM * max(pacing.ceiling_n, LIGHT_N)
        assert pacing.high_n <= most_n + 1e-9, "nothing further above what was too much is shown as inside"
        assert pacing.cue is not Cue.HOLD or pacing.hand_n <= most_n + 1e-9
        assert answers or after.force_n <= most_n or after.credit.last_p == 0.0, "nor does it earn"
    if not after.calibrates:
        assert after.pacing.aim_n <= max(allowed.room_n, LEAST_AIM_N) + 1e-9, "in whatever phase, after any pause"
    if after.phase is Phase.HOLD and after.pacing.aim_n > max(aim_n, LEAST_AIM_N):
        assert after.estimate.outlook.chance(8, after.pacing.aim_n) <= HIGH_CHANCE_OF_EIGHT
    if before.phase is not after.phase or before.hold != after.hold:
        return
    if any(is_above(answer) for answer in answers):
        assert after.pacing.aim_n <= aim_n
        assert after.phase is not Phase.HOLD or after.pacing.ceiling_n <= min(aim_n, ceiling_n)
    elif not answers:
        assert after.pacing.aim_n <= max(aim_n, ceiling_n)
