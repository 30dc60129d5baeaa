"""Which sentences stand on the screen: none that is no longer true, none that the cue contradicts."""

from dataclasses import replace

import pytest

from controller import words
from controller.answer_watch import AnswerWatch
from controller.limit_watch import LimitWatch
from controller.messages import BRIEF_S, Messages, Topic
from protocols.commands import Cue, Message, Phase, Tell
from protocols.events import HistoryLoaded, Press
from protocols.plan import Dose
from protocols.session import Session
from tests.engine_sessions import Script
from tests.journal_sessions import PROTOCOL, SITE

SECOND = 1_000_000_000
BEGUN = Session.begin(PROTOCOL, SITE)
KNOWN = Script().to_five().figures.known


def shown(phase: Phase, cue: Cue, *messages: Message, later_s: float = 0.1) -> list[str]:
    told = Messages()
    for message in messages:
        told.tell(message, 0)
    told.see(replace(BEGUN, phase=phase, now_ns=round(later_s * SECOND)))
    return told.standing(cue)


@pytest.mark.parametrize(
    ("message", "phase", "cue"),
    [
        (Message.PRESSURE_FOUND, Phase.HOLD, Cue.HOLD),
        (Message.PLACE_TOOL, Phase.CONTACT, Cue.PRESS_MORE),
        (Message.PUT_TOOL_DOWN, Phase.TARE, Cue.RELEASE),
        (Message.LINK_LOST, Phase.PAUSED, Cue.RELEASE),
        (Message.SLIPPED, Phase.PAUSED, Cue.PRESS_MORE),
        (Message.CAP_REACHED, Phase.RELEASE, Cue.RELEASE),
        (Message.ADVICE, Phase.ENDED, Cue.NONE),
    ],
)
def test_a_sentence_that_is_true_is_shown(message, phase, cue):
    assert shown(phase, cue, message) == [words.MESSAGE[message]]


@pytest.mark.parametrize(
    ("message", "phase", "cue"),
    [
        (Message.PRESSURE_FOUND, Phase.HOLD, Cue.EASE_OFF),
        (Message.PRESSURE_FOUND, Phase.RELEASE, Cue.RELEASE),
        (Message.PRESSURE_FOUND, Phase.PAUSED, Cue.RELEASE),
        (Message.PLACE_TOOL, Phase.APPROACH, Cue.HOLD),
        (Message.PLACE_TOOL, Phase.CONTACT, Cue.EASE_OFF),
        (Message.SLIPPED, Phase.PAUSED, Cue.RELEASE),
        (Message.TARE_AGAIN, Phase.RELEASE, Cue.RELEASE),
        (Message.LINK_LOST, Phase.TARE, Cue.NONE),
        (Message.FOUND_ABOVE, Phase.HOLD, Cue.PRESS_MORE),
        (Message.PLACE_TOOL, Phase.CONTACT, Cue.NONE),
    ],
)
def test_a_sentence_that_is_over_or_contradicted_is_not(message, phase, cue):
    assert shown(phase, cue, message) == []


def test_what_has_happened_is_shown_for_a_while_only():
    for message in (Message.PRESSURE_FOUND, Message.BATTERY_LOW):
        assert shown(Phase.HOLD, Cue.HOLD, message, later_s=BRIEF_S - 0.1)
        assert not shown(Phase.HOLD, Cue.HOLD, message, later_s=BRIEF_S)


def test_a_sentence_that_was_over_does_not_come_back():
    told = Messages()
    told.tell(Message.SLIPPED, 0)
    for phase in (Phase.PAUSED, Phase.APPROACH, Phase.PAUSED):
        told.see(replace(BEGUN, phase=phase))
    assert told.standing(Cue.PRESS_MORE) == []


def test_the_latest_comes_first_and_the_apps_own_notice_last_and_for_long():
    told = Messages()
    told.notice("the disk is full")
    told.tell(Message.BATTERY_LOW, 0)
    told.tell(Message.PLACE_TOOL, 1)
    told.see(replace(BEGUN, phase=Phase.CONTACT))
    order = [words.MESSAGE[Message.PLACE_TOOL], words.MESSAGE[Message.BATTERY_LOW], "the disk is full"]
    assert told.standing(Cue.PRESS_MORE) == order
    told.see(replace(BEGUN, phase=Phase.HOLD, now_ns=100 * SECOND))
    assert told.standing(Cue.HOLD) == ["the disk is full"]


@pytest.mark.parametrize("message", Message)
def test_every_message_has_words_and_a_rule(message):
    Messages().tell(message, 0)


def limits_told(script: Script) -> list[str]:
    watch = LimitWatch()
    return [text for _, _, after, _ in script.steps if (text := watch.see(after)) is not None]


def test_the_limit_after_the_first_five_is_told_once_and_why():
    script = Script().to_five()
    script.hold_for(3)
    limit_n = script.session.guard.limit_n
    assert limits_told(script) in (
        [f"The force limit is down to {limit_n:.0f} N: 1.25 times the force at your 5."],
        [f"The force limit comes down to {limit_n:.0f} N as you ease off."],
    )


def test_a_limit_that_an_answer_in_the_approach_moved_is_told_and_why():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 25)
    before_n = script.session.guard.limit_n
    script.answer(1)
    script.follow(1)
    (told,) = limits_told(script)
    assert script.session.guard.limit_n > before_n
    assert told.startswith("The force limit is up to ")
    assert "your answer says that you bear more" in told or "the most that is allowed here" in told


def test_a_limit_that_is_still_to_come_down_is_told_once_and_so():
    start = Script().to_five().session
    watch = LimitWatch()
    watch.see(replace(start, guard=start.guard.limited(30.0), found_limit_n=None))
    told = []
    for i in range(40):
        guard = start.guard.limited(max(30.0 - 0.2 * i, 25.0))
        told.append(watch.see(replace(start, guard=guard, found_limit_n=25.0, now_ns=start.now_ns + i * SECOND // 10)))
    assert [text for text in told if text] == ["The force limit comes down to 25 N as you ease off."]


def test_a_limit_that_an_8_lowers_is_told_with_the_next_contact_not_while_nothing_is_pressed():
    script = Script(Dose(credited_s=60)).to_five(20)
    script.hold_for(10)
    watch = LimitWatch()
    watch.see(script.session)
    said = len(script.steps)
    script.answer(8)
    script.let_go(16)
    assert [watch.see(after) for _, _, after, _ in script.steps[said:]] == [None] * (len(script.steps) - said)
    said = len(script.steps)
    script.go_on()
    script.let_go(2)
    (told,) = [text for _, _, after, _ in script.steps[said:] if (text := watch.see(after)) is not None]
    assert told.startswith("The force limit is down to ")


def test_a_limit_that_is_told_in_the_same_words_is_not_told():
    start = Script().to_five().session
    watch = LimitWatch()
    told = []
    for i, limit_n in enumerate((20.6, 20.6, 21.3, 21.3, 21.3)):
        guard = start.guard.limited(limit_n)
        told.append(watch.see(replace(start, guard=guard, found_limit_n=None, now_ns=start.now_ns + i * SECOND)))
    assert told == [None] * 5


def test_a_limit_that_stays_is_not_told():
    assert limits_told(Script().follow(5)) == []


def test_of_one_topic_only_the_latest_stands():
    told = Messages()
    for text in ("The force limit is up to 30 N.", "The force limit is down to 25 N."):
        told.happened(Topic.LIMIT, text, 0)
    told.happened(Topic.ANSWER, "You said 5.", 0)
    told.see(replace(BEGUN, phase=Phase.HOLD))
    assert told.standing(Cue.HOLD) == ["You said 5.", "The force limit is down to 25 N."]


def answers_told(script: Script) -> list[str]:
    watch = AnswerWatch()
    return [text for _, _, after, _ in script.steps if (text := watch.see(after)) is not None]


def test_every_answer_that_counts_is_told_as_it_was_understood():
    script = Script(Dose(credited_s=60)).to_five()
    script.follow(5)
    script.tap()
    script.follow(5)
    script.tap(Press.DOUBLE)
    script.follow(5)
    script.answer(7)
    script.follow(5)
    script.tap(Press.LONG)
    assert answers_told(script) == [
        "You said 5.",
        "You said that it is in your band.",
        "You said that it is too little.",
        "You said 7: that is too much.",
        "You said that it is too much.",
    ]


def test_an_answer_that_does_not_count_is_not_told():
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five()
    script.hold_for(60, until_release=True)
    script.let_go(4)
    assert script.phase is Phase.REST
    said = answers_told(script)
    script.answer(4)
    assert answers_told(script) == said


def test_the_first_answer_of_a_second_hold_is_told_too():
    script = Script(Dose(credited_s=30, holds=2, rest_s=15)).to_five()
    script.hold_for(120, until_release=True)
    script.let_go(20)
    script.follow(60, until=lambda: script.phase is Phase.HOLD)
    script.follow(3)
    said = answers_told(script)
    script.answer(6)
    assert answers_told(script) == [*said, "You said 6."]


@pytest.mark.parametrize(
    ("what", "message"), [(5, Message.PRESSURE_FOUND), (7, Message.FOUND_ABOVE), (Press.LONG, Message.FOUND_ABOVE)]
)
def test_the_first_answer_is_called_found_only_if_it_is_in_the_band(what, message):
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 20)
    said_s = script.now_s - 0.01
    script.say(what)
    told = [command.message for _, command in script.given(Tell, said_s)]
    assert told == [message]
    assert script.phase is Phase.HOLD


def test_who_goes_on_too_early_is_told_how_long_to_wait():
    script = Script(Dose(credited_s=60)).to_five()
    script.hold_for(5)
    script.answer(8)
    script.let_go(4.3)
    said_s = script.now_s - 0.01
    script.go_on()
    assert [(c.message, c.seconds) for _, c in script.given(Tell, said_s)] == [(Message.NOT_YET, 11)]
    assert "another 11 seconds" in words.message_words(Message.NOT_YET, 11)
    script.let_go(11)
    script.go_on()
    assert script.session.pause is None or script.session.pause.ready


@pytest.mark.parametrize(
    ("known", "five_n", "days", "parts"),
    [
        (None, 20.0, 3.0, None),
        (KNOWN, None, 0.2, ["earlier sessions", "(today)"]),
        (KNOWN, 17.34, 1.1, ["17.3 N", "(a day ago)"]),
        (KNOWN, 17.34, 3.4, ["17.3 N", "(3 days ago)"]),
    ],
)
def test_what_a_session_begins_with_is_told(known, five_n, days, parts):
    said = words.known_words(HistoryLoaded(0, known=known, known_days=days, force_at_five_n=five_n))
    assert bool(said) is (parts is not None)
    assert all(part in said for part in parts or [])
