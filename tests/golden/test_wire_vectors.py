"""Bytes worked out by hand from the tool profile's tables, not made with the encoders they check."""

import math

import pytest

from firmware_bridge import wire
from firmware_bridge.tool import (
    Actuator,
    ButtonPress,
    EventCode,
    Features,
    Status,
    TipShape,
    ToolCue,
    ToolEvent,
    ToolKind,
)

FEATURES_BYTES = bytes.fromhex(
    "01 00"  # profile 1.0
    "01 01"  # handheld, flat tip
    "20 4e"  # 200.00 N
    "64 00"  # 100 mm²
    "71 00"  # 11.3 mm
    "ff 00"  # hardness unknown, reserved
    "64 00 0a 00"  # 100 Hz highest, 10 Hz lowest
    "07 00"  # light, haptic, sounder
    "14 00"  # 20 mN
)
FEATURES = Features(
    major=1,
    minor=0,
    kind=ToolKind.HANDHELD,
    tip_shape=TipShape.FLAT,
    capacity_n=200.0,
    contact_area_mm2=100,
    tip_diameter_mm=11.3,
    hardness_shore_a=None,
    min_rate_hz=10,
    max_rate_hz=100,
    actuators=Actuator.LIGHT | Actuator.HAPTIC | Actuator.SOUNDER,
    noise_floor_n=0.02,
)

FORCE_BYTES = bytes.fromhex(
    "0c 03"  # tared and armed, three samples
    "ff ff"  # packet 65535
    "78 56 34 12"  # 0x12345678 µs
    "e8 03"  # 10 ms
    "d2 04  ce ff  ff 7f"  # 12.34 N, -0.50 N, no valid sample
)

EVENTS = [
    ("01 07 10 27 00 00 02", ToolEvent(EventCode.BUTTON, 7, 10_000, ButtonPress.DOUBLE)),
    ("02 08 ff ff ff ff 70 17", ToolEvent(EventCode.FORCE_LIMIT, 8, 0xFFFFFFFF, 60.0)),
    ("03 ff 00 00 00 00 b0 04", ToolEvent(EventCode.HOLD_LIMIT, 255, 0, 120.0)),
    ("04 00 01 00 00 00", ToolEvent(EventCode.HEARTBEAT_LOST, 0, 1, 0)),
    ("05 01 00 01 00 00 fe 7f", ToolEvent(EventCode.SATURATED, 1, 256, 327.66)),
    ("06 02 00 00 01 00 03", ToolEvent(EventCode.SENSOR_FAULT, 2, 65_536, 3)),
    ("07 03 00 00 00 01 0f", ToolEvent(EventCode.BATTERY_LOW, 3, 0x01000000, 15)),
    ("08 04 00 00 00 00 01", ToolEvent(EventCode.POWERS_OFF, 4, 0, 1)),
]

REQUESTS = [
    ("01 2a 64 00", 0x2A, wire.StartStreaming(100)),
    ("02 00", 0, wire.StopStreaming()),
    ("03 ff e8 03", 0xFF, wire.TareRequest(1000)),
    ("04 01 70 17 b0 04 dc 05", 1, wire.ArmRequest(60.0, 120.0, 1500)),
    ("05 02", 2, wire.Heartbeat()),
    ("06 03", 3, wire.DisarmRequest()),
    ("07 04 04 ff f4 01", 4, wire.CueRequest(ToolCue.RELEASE, 255, 500)),
    ("08 05", 5, wire.Identify()),
]

ANSWERS = [
    ("81 2a 00 50 00", wire.Answer(0x01, 0x2A, wire.Result.DONE, 80)),
    ("83 ff 00 f4 ff", wire.Answer(0x03, 0xFF, wire.Result.DONE, -12)),
    ("83 ff 04", wire.Answer(0x03, 0xFF, wire.Result.WRONG_STATE)),
    ("84 01 03", wire.Answer(0x04, 1, wire.Result.OUT_OF_RANGE)),
    ("86 03 00", wire.Answer(0x06, 3, wire.Result.DONE)),
    ("89 09 01", wire.Answer(0x09, 9, wire.Result.UNKNOWN_OPCODE)),
]


def test_uuids_as_in_the_profile():
    assert wire.SERVICE == "771e0001-01b5-4d58-83f0-a558e4ea15e4"
    assert [uuid[4:8] for uuid in (wire.FORCE, wire.EVENT, wire.CONTROL, wire.FEATURES)] == [
        "0002",
        "0003",
        "0004",
        "0005",
    ]


def test_features_when_rates_stand_highest_first():
    assert wire.decode_features(FEATURES_BYTES) == FEATURES
    assert wire.encode_features(FEATURES) == FEATURES_BYTES


def test_force():
    block = wire.decode_force(FORCE_BYTES)
    assert (block.status, block.sequence) == (Status.TARED | Status.ARMED, 65535)
    assert (block.first_us, block.period_us) == (0x12345678, 10_000)
    assert block.forces_n[:2] == (12.34, -0.5)
    assert math.isnan(block.forces_n[2])
    assert wire.encode_force(block) == FORCE_BYTES


@pytest.mark.parametrize(("data", "event"), EVENTS, ids=lambda value: getattr(value, "code", None))
def test_event(data, event):
    assert wire.decode_event(bytes.fromhex(data)) == event
    assert wire.encode_event(event) == bytes.fromhex(data)


def test_event_of_an_invalid_sample_above_the_limit():
    event = wire.decode_event(bytes.fromhex("02 08 00 00 00 00 ff 7f"))
    assert math.isnan(event.value)
    assert wire.encode_event(event) == bytes.fromhex("02 08 00 00 00 00 ff 7f")


@pytest.mark.parametrize(("data", "request_id", "asked"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_request(data, request_id, asked):
    assert wire.encode_request(asked, request_id) == bytes.fromhex(data)
    assert wire.decode_request(bytes.fromhex(data)) == (request_id, asked)


@pytest.mark.parametrize(("data", "answer"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_answer(data, answer):
    assert wire.decode_answer(bytes.fromhex(data)) == answer
    assert wire.encode_answer(answer) == bytes.fromhex(data)


@pytest.mark.parametrize(
    ("data", "result"),
    [
        ("00 01", wire.Result.UNKNOWN_OPCODE),
        ("09 01", wire.Result.UNKNOWN_OPCODE),
        ("01 01", wire.Result.WRONG_LENGTH),
        ("01 01 64", wire.Result.WRONG_LENGTH),
        ("05 01 00", wire.Result.WRONG_LENGTH),
        ("03 01 63 00", wire.Result.OUT_OF_RANGE),  # 99 ms
        ("03 01 89 13", wire.Result.OUT_OF_RANGE),  # 5001 ms
        ("04 01 70 17 b0 04 c7 00", wire.Result.OUT_OF_RANGE),  # 199 ms
        ("04 01 70 17 b0 04 89 13", wire.Result.OUT_OF_RANGE),  # 5001 ms
        ("07 01 08 ff 00 00", wire.Result.OUT_OF_RANGE),  # cue 8
    ],
)
def test_request_that_a_server_refuses(data, result):
    raw = bytes.fromhex(data)
    with pytest.raises(wire.RequestError) as refused:
        wire.decode_request(raw)
    assert (refused.value.opcode, refused.value.request_id, refused.value.result) == (raw[0], raw[1], result)


@pytest.mark.parametrize("data", ["03 01 64 00", "03 01 88 13", "04 01 00 00 00 00 c8 00", "07 01 07 00 00 00"])
def test_request_at_the_edge_of_its_range(data):
    assert wire.decode_request(bytes.fromhex(data))[0] == 1


def test_default_mtu_holds_five_samples():
    assert wire.samples_for_mtu(23) == 5
