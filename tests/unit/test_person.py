"""What the simulated person answers, when, and to whom."""

from dataclasses import replace
from statistics import fmean, pstdev

import pytest

from firmware_bridge.tool import ToolCue
from protocols.commands import Cue, Question
from simulator.person import Person
from simulator.tool_output import Actuate
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits

SECOND_NS = 1_000_000_000
STEP_NS = 10_000_000
RELIABLE = Traits(
    "reliable",
    BodyTraits(ppt_n=20.0, tolerance_n=28.0, habituation=0.0, tau_s=28.0, day_ln_sd=0.0),
    HandTraits(delay_s=0.3, gain_per_s=1.2, tremor_hz=10.0, wander=0.0, tremor=0.0),
    RaterTraits(noise_sd=0.0, unanswered=0.0),
)
AT_FIVE_N = Person(RELIABLE, 0).body.force_at_n(5.0)


def cue_of(cue: ToolCue) -> Actuate:
    return Actuate(cue, 255, 0, alarm=False, unload=False)


class Session:
    """A person with somebody who guides them, and a clock."""

    def __init__(self, traits: Traits = RELIABLE, seed: int = 0) -> None:
        self.person = Person(traits, seed)
        self.now_ns = 0
        self.edges: list[tuple[int, bool]] = []
        self.replies: list[tuple[int, int | str]] = []
        self.forces: list[float] = []

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 100)):
            self.now_ns += STEP_NS
            force_n = self.person.force_n(self.now_ns)
            assert force_n is not None
            self.forces.append(force_n)
            self.edges += self.person.button_edges(self.now_ns)
            self.replies += self.person.replies(self.now_ns)

    def hold(self, discomfort: float, seconds: float = 20.0) -> None:
        self.person.see_target(self.person.body.force_at_n(discomfort), self.now_ns)
        self.person.cued(Cue.PRESS_MORE, self.now_ns)
        self.run(seconds)

    def ask(self, question: Question, seconds: float = 3.0) -> int:
        """Ask the person through the app; return when."""
        asked_ns = self.now_ns
        self.person.asked(question, asked_ns)
        self.run(seconds)
        return asked_ns

    def presses(self) -> list[tuple[float, float]]:
        """Return (when, how long) of every press, seconds."""
        assert [down for _, down in self.edges] == [True, False] * (len(self.edges) // 2)
        return [
            (down_ns / 1e9, (up_ns - down_ns) / 1e9)
            for (down_ns, _), (up_ns, _) in zip(self.edges[::2], self.edges[1::2], strict=True)
        ]


class TestNumbers:
    @pytest.mark.parametrize("felt", [2, 4, 5, 6, 7])
    def test_asked_through_the_app_they_say_what_they_feel(self, felt: int) -> None:
        session = Session()
        session.hold(float(felt))
        asked_ns = session.ask(Question.RATE_NOW)
        [(said_ns, rating)] = session.replies
        assert rating == felt
        assert SECOND_NS <= said_ns - asked_ns <= 2 * SECOND_NS
        assert not session.edges

    def test_the_number_belongs_to_what_was_felt_a_second_before(self) -> None:
        session = Session(replace(RELIABLE, rater=replace(RELIABLE.rater, number_s=(2.0, 2.0))))
        session.hold(6.0)
        session.ask(Question.RATE_NOW, 1.02)
        session.person.body.felt_n = 0.0
        session.run(1.5)
        assert [rating for _, rating in session.replies] == [6]

    def test_answers_scatter_with_the_person_s_noise(self) -> None:
        session = Session(replace(RELIABLE, rater=RaterTraits(noise_sd=1.0, unanswered=0.0)))
        session.hold(5.0)
        for _ in range(400):
            session.ask(Question.RATE_NOW, 2.1)
            session.person.question_closed(session.now_ns)
        ratings = [rating for _, rating in session.replies if isinstance(rating, int)]
        assert len(ratings) == 400
        assert fmean(ratings) == pytest.approx(5.0, abs=0.2)
        assert pstdev(ratings) == pytest.approx((1.0 + 1 / 12) ** 0.5, rel=0.15)

    def test_they_stay_between_zero_and_ten(self) -> None:
        session = Session(replace(RELIABLE, rater=RaterTraits(noise_sd=4.0, unanswered=0.0, protests=False)))
        session.hold(1.0, 10.0)
        for _ in range(50):
            session.ask(Question.RATE_NOW, 2.1)
        session.hold(9.5, 10.0)
        for _ in range(50):
            session.ask(Question.RATE_NOW, 2.1)
        ratings = [rating for _, rating in session.replies if isinstance(rating, int)]
        assert min(ratings) == 0
        assert max(ratings) == 10

    def test_some_questions_go_unanswered_and_a_repetition_is_a_second_chance(self) -> None:
        session = Session(replace(RELIABLE, rater=RaterTraits(noise_sd=0.0, unanswered=0.3)))
        session.hold(5.0)
        first = second = 0
        for _ in range(400):
            before = len(session.replies)
            session.ask(Question.RATE_NOW)
            first += len(session.replies) - before
            if len(session.replies) == before:
                session.ask(Question.RATE_NOW)
                second += len(session.replies) - before
            session.person.question_closed(session.now_ns)
        assert first / 400 == pytest.approx(0.7, abs=0.08)
        assert second / (400 - first) == pytest.approx(0.7, abs=0.12)

    def test_a_closed_question_is_not_answered(self) -> None:
        session = Session(replace(RELIABLE, rater=replace(RELIABLE.rater, number_s=(1.8, 2.0))))
        session.hold(5.0)
        session.ask(Question.RATE_NOW, 0.5)
        session.person.question_closed(session.now_ns)
        session.run(5.0)
        assert not session.replies

    def test_app_and_tool_asking_at_once_get_one_answer_for_the_app(self) -> None:
        for tool_first in (True, False):
            session = Session()
            session.hold(5.0)
            session.ask(Question.TAP_AT_FIVE, 2.0)
            session.person.question_closed(session.now_ns)
            session.run(2.0)
            before = len(session.edges)
            if tool_first:
                session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
                session.run(0.02)
            session.ask(Question.RATE_NOW, 0.02)
            session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
            session.run(3.0)
            assert [rating for _, rating in session.replies] == [5]
            assert len(session.edges) == before


class TestRamp:
    def rise(self, session: Session, rate: float = 0.05, top_n: float = 32.0) -> list[float]:
        """Rise as a ramp does; return what was felt when each tap was decided, asking for 5 after the first."""
        felt, aim_n = [], 10.0
        session.person.asked(Question.TAP_AT_PAIN, session.now_ns)
        session.person.cued(Cue.PRESS_MORE, session.now_ns)
        while len(felt) < 2 and aim_n < top_n:
            before = len(session.edges)
            session.person.see_target(aim_n, session.now_ns)
            aim_n *= 1.0 + rate * 0.1
            session.run(0.1)
            if len(session.edges) > before and session.edges[before][1]:
                felt.append(session.person.discomfort)
                session.person.question_closed(session.now_ns)
                session.person.asked(Question.TAP_AT_FIVE, session.now_ns)
        return felt

    def test_one_tap_at_first_pain_and_another_at_five(self) -> None:
        pain, five = self.rise(Session())
        assert 3.0 <= pain < 4.2
        assert 5.0 <= five < 6.6

    def test_taps_may_be_missed_and_scatter(self) -> None:
        traits = replace(RELIABLE, rater=RaterTraits(noise_sd=0.8, unanswered=0.4))
        firsts = [self.rise(Session(traits, seed))[0] for seed in range(20)]
        assert max(firsts) - min(firsts) > 1.5

    def test_who_feels_the_tool_alone_learns_that_there_are_two(self) -> None:
        session = Session()
        levels = []
        for _ in range(2):
            session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
            session.person.feel(cue_of(ToolCue.PRESS_MORE), session.now_ns)
            aim_n, taps = 10.0, 0
            while taps < 2 and aim_n < 34.0:
                before = len(session.edges)
                session.person.see_target(aim_n, session.now_ns)
                aim_n *= 1.005
                session.run(0.1)
                if len(session.edges) > before and session.edges[before][1]:
                    taps += 1
                    levels.append(session.person.discomfort)
                    session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
            session.person.cued(Cue.RELEASE, session.now_ns)
            session.run(20.0)
        assert levels[0] >= 5.0
        assert 3.0 <= levels[2] < 4.5
        assert levels[3] >= 5.0


class TestTapAtFive:
    def approach(self, session: Session, rate_n_per_s: float = 1.0) -> None:
        session.person.asked(Question.TAP_AT_FIVE, session.now_ns)
        session.person.cued(Cue.PRESS_MORE, session.now_ns)
        aim_n = 10.0
        while not session.edges and aim_n < 40.0:
            session.person.see_target(aim_n, session.now_ns)
            aim_n += rate_n_per_s * 0.1
            session.run(0.1)

    def test_it_is_a_short_press_some_time_after_five_is_felt(self) -> None:
        session = Session()
        felt = []
        session.person.asked(Question.TAP_AT_FIVE, 0)
        session.person.cued(Cue.PRESS_MORE, 0)
        aim_n = 10.0
        while not session.edges:
            session.person.see_target(aim_n, session.now_ns)
            aim_n += 0.1
            session.run(0.1)
            felt.append((session.now_ns / 1e9, session.person.discomfort))
        five_s = next(at_s for at_s, discomfort in felt if discomfort >= 5.0)
        session.run(0.2)
        [(tapped_s, held_s)] = session.presses()
        assert 0.3 <= tapped_s - five_s <= 0.8
        assert held_s < 0.35

    def test_nothing_is_said_below_five(self) -> None:
        session = Session()
        session.person.asked(Question.TAP_AT_FIVE, 0)
        session.hold(4.8, 60.0)
        assert not session.edges
        assert not session.replies

    def test_the_tool_s_cue_for_it_changes_nothing(self) -> None:
        session = Session()
        session.person.asked(Question.TAP_AT_FIVE, 0)
        session.hold(4.8)
        session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
        session.run(5.0)
        assert not session.edges

    def test_a_tap_is_given_time_to_be_understood_then_tried_again(self) -> None:
        session = Session(replace(RELIABLE, rater=replace(RELIABLE.rater, protests=False)))
        session.person.asked(Question.TAP_AT_FIVE, 0)
        session.hold(7.5, 30.0)
        [(first_s, _), (second_s, _)] = session.presses()
        assert 3.0 < second_s - first_s < 5.0

    def test_a_missed_tap_is_tried_again_a_point_stronger(self) -> None:
        taps = []
        for seed in range(60):
            session = Session(replace(RELIABLE, rater=RaterTraits(noise_sd=0.0, unanswered=0.5, protests=False)), seed)
            self.approach(session, rate_n_per_s=0.3)
            if session.edges:
                taps.append(session.person.discomfort)
        assert sum(1 for tap in taps if tap < 5.7) / 60 == pytest.approx(0.5, abs=0.2)
        assert sum(1 for tap in taps if 5.9 < tap < 6.7) / 60 == pytest.approx(0.25, abs=0.15)


class TestTheToolAlone:
    """No app in reach of the person: two processes."""

    def begin(self, seed: int = 0) -> Session:
        session = Session(seed=seed)
        session.person.feel(cue_of(ToolCue.PRESS_MORE), 0)
        session.person.feel(cue_of(ToolCue.RATE_NOW), 0)
        return session

    def test_the_first_question_is_the_standing_one(self) -> None:
        session = self.begin()
        while not session.edges and session.now_ns < 60 * SECOND_NS:
            session.run(0.1)
        assert session.person.discomfort == pytest.approx(5.5, abs=0.7)
        session.run(0.2)
        assert len(session.presses()) == 1
        assert not session.replies

    def test_too_little_has_no_press_before_the_first_answer(self) -> None:
        session = self.begin()
        session.hold(3.5)
        session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
        session.run(5.0)
        assert not session.edges

    @pytest.mark.parametrize(
        ("felt", "edges", "held_s"), [(3.5, 4, 0.37), (5.5, 2, 0.12), (6.8, 2, 0.95), (7.5, 2, 0.95)]
    )
    def test_in_a_hold_the_button_says_too_little_right_or_too_much(
        self, felt: float, edges: int, held_s: float
    ) -> None:
        session = self.begin()
        while not session.edges:
            session.run(0.1)
        session.person.feel(cue_of(ToolCue.HOLD), session.now_ns)
        session.hold(felt, 30.0)
        session.edges.clear()
        asked_s = session.now_ns / 1e9
        session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
        session.run(3.0)
        assert len(session.edges) == edges
        assert 0.5 <= session.edges[0][0] / 1e9 - asked_s <= 0.8
        assert (session.edges[-1][0] - session.edges[0][0]) / 1e9 == pytest.approx(held_s, abs=0.01)

    def test_an_alarm_makes_them_let_go(self) -> None:
        session = self.begin()
        session.run(10.0)
        assert session.forces[-1] > 10.0
        session.person.feel(Actuate(ToolCue.RELEASE, 255, 0, alarm=True, unload=False), session.now_ns)
        session.run(1.5)
        assert session.forces[-1] < 0.1
        session.run(30.0)
        assert session.forces[-1] == 0.0

    def test_a_tool_that_unloads_leaves_no_force_at_once(self) -> None:
        hand = replace(RELIABLE.hand, heeds_release=False)
        session = Session(replace(RELIABLE, hand=hand))
        session.hold(5.0)
        session.person.feel(Actuate(ToolCue.RELEASE, 255, 0, alarm=True, unload=True), session.now_ns)
        session.run(0.01)
        assert session.forces[-1] == 0.0

    def test_a_cue_without_strength_is_not_noticed(self) -> None:
        session = Session()
        session.person.feel(Actuate(ToolCue.PRESS_MORE, 0, 0, alarm=False, unload=False), 0)
        session.run(5.0)
        assert set(session.forces) == {0.0}

    def test_after_a_minute_without_contact_the_next_contact_is_a_new_approach(self) -> None:
        session = self.begin()
        while not session.edges:
            session.run(0.1)
        session.person.feel(cue_of(ToolCue.RELEASE), session.now_ns)
        session.run(65.0)
        session.edges.clear()
        session.person.feel(cue_of(ToolCue.PRESS_MORE), session.now_ns)
        session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
        session.run(3.0)
        assert not session.edges, "not yet 5: silence"


class TestOtherAnswers:
    def test_eight_is_said_without_being_asked(self) -> None:
        session = Session()
        session.hold(8.5, 0.0)
        while session.person.discomfort < 8.0:
            session.run(0.01)
        eight_s = session.now_ns / 1e9
        session.run(2.0)
        [(pressed_s, held_s)] = session.presses()
        assert 0.0 < pressed_s - eight_s <= 1.0
        assert held_s > 0.8

    def test_a_protest_that_changes_nothing_is_repeated(self) -> None:
        session = Session()
        session.hold(8.5, 30.0)
        assert 3 <= len(session.presses()) <= 6

    def test_below_eight_nobody_protests(self) -> None:
        session = Session()
        session.hold(7.8, 30.0)
        assert not session.edges

    def test_are_you_there(self) -> None:
        session = Session()
        session.run(1.0)
        session.ask(Question.ARE_YOU_THERE)
        session.run(5.0)
        assert [word for _, word in session.replies] == ["here"]

    def test_go_on_is_said_once_it_feels_like_it(self) -> None:
        session = Session()
        session.hold(7.0)
        session.ask(Question.GO_ON, 5.0)
        assert not session.replies
        session.person.cued(Cue.RELEASE, session.now_ns)
        session.run(5.0)
        assert [word for _, word in session.replies] == ["go-on"]

    def test_a_silent_person_says_nothing_at_all(self) -> None:
        silent = RaterTraits(noise_sd=0.5, unanswered=1.0, protests=False)
        session = Session(replace(RELIABLE, rater=silent))
        session.person.asked(Question.TAP_AT_FIVE, 0)
        session.hold(9.0)
        for question in Question:
            session.ask(question)
        session.person.cued(Cue.RELEASE, session.now_ns)
        session.run(5.0)
        assert not session.edges
        assert not session.replies


class TestTime:
    def test_no_guide_no_force(self) -> None:
        session = Session()
        session.run(5.0)
        assert set(session.forces) == {0.0}

    def test_a_gap_between_samples_is_walked_through(self) -> None:
        habituating = replace(RELIABLE, body=replace(RELIABLE.body, habituation=0.15))
        steady, jumpy = Session(habituating), Session(habituating)
        for session in (steady, jumpy):
            session.hold(5.0, 10.0)
        steady.run(5.0)
        jumpy.now_ns += 5 * SECOND_NS - STEP_NS
        jumpy.run(0.01)
        assert jumpy.forces[-1] == pytest.approx(steady.forces[-1], rel=0.001)
        assert jumpy.person.discomfort == pytest.approx(steady.person.discomfort, rel=0.01)
        assert jumpy.person.body.habituated == pytest.approx(steady.person.body.habituated, rel=0.001)

    def test_the_same_instant_again_changes_nothing(self) -> None:
        session = Session()
        session.hold(5.0)
        assert session.person.force_n(session.now_ns) == session.forces[-1]
        assert session.person.force_n(session.now_ns - STEP_NS) == session.forces[-1]


class TestNextApp:
    """The app is gone in the middle, and another one comes."""

    def test_nothing_that_was_meant_is_said_any_more(self) -> None:
        session = Session()
        session.hold(5.0)
        session.ask(Question.RATE_NOW, 0.3)
        session.person.feel(cue_of(ToolCue.ATTENTION), session.now_ns)
        session.person.app_gone(session.now_ns)
        session.run(10.0)
        assert session.replies == []
        assert session.edges == []

    def test_a_button_that_is_down_is_let_go_of(self) -> None:
        session = Session()
        session.person.asked(Question.TAP_AT_FIVE, 0)
        session.person.see_target(AT_FIVE_N * 1.1, 0)
        session.person.cued(Cue.PRESS_MORE, 0)
        while not session.edges:
            session.run(0.01)
        assert [down for _, down in session.edges] == [True]
        session.person.app_gone(session.now_ns)
        session.run(10.0)
        assert [down for _, down in session.edges] == [True, False]

    def test_the_next_app_finds_the_hand_off_whatever_it_heeds(self) -> None:
        deaf = replace(RELIABLE, hand=replace(RELIABLE.hand, heeds_release=False))
        session = Session(deaf)
        session.hold(5.0)
        session.person.cued(Cue.RELEASE, session.now_ns)
        session.person.app_gone(session.now_ns)
        session.run(2.0)
        assert session.forces[-1] > 10.0, "the app's end is nothing that a hand notices"
        session.person.see_target(30.0, session.now_ns)
        session.person.app_came(session.now_ns)
        session.run(2.0)
        assert session.forces[-1] == 0.0
        session.hold(3.0, 10.0)
        assert session.forces[-1] > 5.0, "the first cue is heard again"

    @pytest.mark.parametrize("told", ["app_gone", "app_came"])
    def test_the_first_question_of_the_tool_is_the_one_for_five_again(self, told: str) -> None:
        session = Session()
        session.person.feel(cue_of(ToolCue.RATE_NOW), 0)
        session.hold(5.2)
        assert len(session.presses()) == 1
        getattr(session.person, told)(session.now_ns)
        session.person.body.felt_n = 0.0
        session.hold(4.6, 6.0)
        session.person.feel(cue_of(ToolCue.RATE_NOW), session.now_ns)
        session.run(5.0)
        assert len(session.presses()) == 1, "4.6 would be a press in a hold, and is no 5"

    def test_habituation_is_left_to_time(self) -> None:
        session = Session(replace(RELIABLE, body=replace(RELIABLE.body, habituation=0.15)))
        session.hold(4.0, 60.0)
        habituated = session.person.body.habituated
        session.person.app_gone(session.now_ns)
        session.person.app_came(session.now_ns)
        assert session.person.body.habituated == habituated > 0.1
        session.run(28.0)
        assert session.person.body.habituated == pytest.approx(habituated / 2.718, rel=0.05)
