"""Which sentences stand on the screen: none that is no longer true, none that the cue contradicts."""

from dataclasses import replace

import pytest

from controller import words
from controller.limit_watch import LimitWatch
from controller.messages import BRIEF_S, Messages
from protocols.commands import Cue, Message, Phase
from protocols.session import Session
from tests.engine_sessions import Script
from tests.journal_sessions import PROTOCOL, SITE

SECOND = 1_000_000_000
BEGUN = Session.begin(PROTOCOL, SITE)


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


def test_the_limit_after_the_first_five_is_told_once_it_has_settled_and_why():
    script = Script().to_five()
    script.hold_for(3)
    told = limits_told(script)
    assert told[-1] == f"The force limit is now {script.session.guard.limit_n:.0f} N: 1.25 times the force at your 5."
    assert len(told) <= 2


def test_a_limit_that_an_answer_in_the_approach_moved_is_told_and_why():
    script = Script()
    script.follow(60, until=lambda: script.session.estimate.felt_n >= 25)
    before_n = script.session.guard.limit_n
    script.answer(1)
    script.follow(1)
    (told,) = limits_told(script)
    assert script.session.guard.limit_n > before_n
    assert "your answer says that you bear more" in told or "the most that is allowed here" in told


def test_a_limit_that_comes_down_with_the_force_is_told_once():
    start = Script().to_five().session
    watch = LimitWatch()
    watch.see(start)
    told = []
    for i in range(40):
        limit_n = max(start.guard.limit_n - 0.2 * i, start.guard.limit_n - 4.0)
        after = replace(start, guard=start.guard.limited(limit_n), now_ns=start.now_ns + i * SECOND // 10)
        told.append(watch.see(after))
    assert len([text for text in told if text]) == 1


def test_a_limit_that_stays_is_not_told():
    assert limits_told(Script().follow(5)) == []
