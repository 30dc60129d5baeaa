from dataclasses import replace

import pytest

from firmware_bridge import wire
from firmware_bridge.errors import WireError
from firmware_bridge.tool import EventCode, ForceBlock, Status, ToolCue, ToolEvent

BLOCK = ForceBlock(sequence=1, first_us=2, period_us=10_000, forces_n=(1.0,), status=Status.NONE)
FEATURES_BYTES = bytes.fromhex("01000101204e64007100ff0064000a0007001400")


def test_unknown_major_is_told_apart_without_reading_the_rest():
    assert wire.decode_major(b"\x07") == 7


def test_features_of_a_later_minor_may_be_longer():
    later = bytes([1, 3]) + FEATURES_BYTES[2:] + b"more"
    assert wire.decode_features(later).minor == 3
    with pytest.raises(WireError, match="20 bytes"):
        wire.decode_features(FEATURES_BYTES + b"more")


@pytest.mark.parametrize(
    ("offset", "field"),
    [(2, b"\x00"), (3, b"\x03"), (4, b"\xff\x7f"), (4, b"\x00\x00"), (12, b"\x09\x00"), (14, b"\x00\x00")],
    ids=["kind", "tip", "capacity too large", "no capacity", "highest below lowest", "no lowest rate"],
)
def test_features_that_no_tool_has(offset, field):
    with pytest.raises(WireError):
        wire.decode_features(FEATURES_BYTES[:offset] + field + FEATURES_BYTES[offset + len(field) :])


@pytest.mark.parametrize(
    "block",
    [
        replace(BLOCK, forces_n=()),
        replace(BLOCK, forces_n=(0.0,) * 256),
        replace(BLOCK, period_us=10_005),
        replace(BLOCK, sequence=65_536),
        replace(BLOCK, first_us=-1),
    ],
    ids=["no samples", "too many samples", "period not in 10 µs", "sequence", "time"],
)
def test_force_that_does_not_fit(block):
    with pytest.raises(WireError):
        wire.encode_force(block)


def test_force_with_a_period_of_zero_is_not_force():
    with pytest.raises(WireError, match="period"):
        wire.decode_force(bytes.fromhex("00 01 0000 00000000 0000 0000"))


@pytest.mark.parametrize(
    "request_",
    [
        wire.ArmRequest(655.36, 1, 1500),
        wire.ArmRequest(float("nan"), 1, 1500),
        wire.ArmRequest(1, float("inf"), 1500),
        wire.CueRequest(ToolCue.HOLD, 256, 0),
        wire.StartStreaming(-1),
    ],
)
def test_request_that_does_not_fit(request_):
    with pytest.raises(WireError, match="does not fit"):
        wire.encode_request(request_, 0)


def test_answer_with_values_where_none_belong():
    with pytest.raises(WireError):
        wire.encode_answer(wire.Answer(wire.Opcode.TARE, 1, wire.Result.BUSY, 5))
    with pytest.raises(WireError):
        wire.encode_answer(wire.Answer(wire.Opcode.TARE, 1, wire.Result.DONE, None))


def test_event_that_does_not_fit():
    with pytest.raises(WireError):
        wire.encode_event(ToolEvent(EventCode.HOLD_LIMIT, 0, 0, 6553.6))
