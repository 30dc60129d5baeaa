"""What the person reads: of every cue, question and reason, and of what is simulated."""

import pytest

from controller import words
from protocols.commands import Cue, Outcome, Phase, Question


def test_a_real_person_is_not_called_simulated():
    assert words.simulated_words(None) == ""


@pytest.mark.parametrize("person", ["sim:default:4", "sim:tool:HW-0001"])
def test_a_simulated_person_is_called_so(person):
    assert words.simulated_words(person) == "simulated tool and person"


def test_a_question_says_which_key_answers_it():
    keys = {
        Question.TAP_AT_PAIN: "press 3",
        Question.TAP_AT_FIVE: "press 5",
        Question.RATE_NOW: "Press 0 to 9, or t",
        Question.ARE_YOU_THERE: "press Enter",
        Question.GO_ON: "press Enter. End: q, Space or Esc",
    }
    for question in Question:
        assert keys[question] in words.question_words(question)
    assert "button" in words.question_words(Question.TAP_AT_FIVE)
    assert words.question_words(Question.TAP_AT_FIVE, has_button=False) == "When it is 5 out of 10, press 5."
    assert "press 4" in words.question_words(Question.TAP_AT_FIVE, 4)


def test_everything_has_words():
    for kind, texts in ((Cue, words.CUE), (Phase, words.PHASE), (Outcome, words.OUTCOME)):
        assert all(texts[each] for each in kind)
