import json
import math
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import get_args

import pytest
from hypothesis import given

from controller.journal_errors import RecordError
from controller.records import (
    COMMAND_KINDS,
    EVENT_KINDS,
    command_from_record,
    event_from_record,
    to_record,
)
from protocols.commands import Command
from protocols.events import Answered, Event, HistoryLoaded, Sampled, Ticked
from tests.record_strategies import commands, events


def identical(left: object, right: object) -> bool:
    """Equal in class and in every bit, NaN and the sign of zero included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return math.isnan(left) == math.isnan(right) and (math.isnan(left) or left.hex() == right.hex())
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(identical, left, right))
    if is_dataclass(left) and not isinstance(left, Enum):
        return all(identical(getattr(left, f.name), getattr(right, f.name)) for f in fields(left))
    return left == right


def through_json(value: object) -> dict[str, object]:
    return json.loads(json.dumps(to_record(value), allow_nan=False))


@given(events)
def test_every_event_survives_json(event):
    assert identical(event_from_record(through_json(event)), event)


@given(commands)
def test_every_command_survives_json(command):
    assert identical(command_from_record(through_json(command)), command)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1 + 0.2])
def test_odd_numbers_survive(number):
    sampled = Sampled(1, 2, 3, (number, 1.0))
    assert identical(event_from_record(through_json(sampled)), sampled)
    history = HistoryLoaded(0, force_at_five_n=number)
    assert identical(event_from_record(through_json(history)), history)


def test_kinds_are_the_class_names_and_do_not_overlap():
    assert EVENT_KINDS["Ticked"] is Ticked
    assert not EVENT_KINDS.keys() & COMMAND_KINDS.keys()
    assert len(EVENT_KINDS) == len(get_args(Event))
    assert len(COMMAND_KINDS) == len(get_args(Command))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"kind": "Flew", "at_ns": 1}, "Flew"),
        ({"at_ns": 1}, "None"),
        ({"kind": "Answered", "at_ns": 1}, "given_ns"),
        ({"kind": "Ticked", "at_ns": "soon"}, "at_ns"),
        ({"kind": "Ticked", "at_ns": 1, "mood": 2}, "mood"),
        ({"kind": "Pressed", "at_ns": 1, "given_ns": 1, "press": "twice", "via": "tool"}, "press"),
    ],
)
def test_a_bad_record_says_what_is_wrong(record, says):
    with pytest.raises(RecordError, match=says):
        event_from_record(record)


def test_a_command_is_not_taken_for_an_event():
    with pytest.raises(RecordError):
        command_from_record(to_record(Answered(1, 1, 5, "keys")))
