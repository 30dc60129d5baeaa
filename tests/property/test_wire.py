import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import wire
from firmware_bridge.errors import WireError
from firmware_bridge.tool import (
    Actuator,
    ButtonPress,
    EventCode,
    Features,
    ForceBlock,
    Status,
    TipShape,
    ToolCue,
    ToolEvent,
    ToolKind,
)

U8 = st.integers(0, 0xFF)
U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFFFFFF)
WIRE_FORCES = st.integers(-0x8000, 0x7FFE).map(lambda step: step / 100)
DECODERS = [
    wire.decode_features,
    wire.decode_force,
    wire.decode_event,
    wire.decode_answer,
    wire.decode_request,
    wire.decode_major,
]


def force_bytes():
    """Bytes that get past the length check."""

    def with_samples(count: int):
        head = st.binary(min_size=1, max_size=1).map(lambda status: status + bytes([count]))
        return st.tuples(head, st.binary(min_size=8 + 2 * count, max_size=8 + 2 * count)).map(b"".join)

    return st.integers(0, 40).flatmap(with_samples)


NEARLY_RIGHT = st.one_of(
    st.binary(max_size=64),
    st.binary(min_size=20, max_size=20),
    st.tuples(st.integers(0, 10), st.binary(min_size=1, max_size=10)).map(lambda t: bytes([t[0]]) + t[1]),
    st.tuples(st.integers(0x80, 0x8A), st.binary(min_size=1, max_size=5)).map(lambda t: bytes([t[0]]) + t[1]),
    force_bytes(),
)


@pytest.mark.parametrize("decode", DECODERS, ids=lambda decode: decode.__name__)
@given(data=NEARLY_RIGHT)
def test_any_bytes_give_a_value_or_the_wire_error(decode, data):
    with suppress(WireError):
        assert decode(data) is not None


@given(data=force_bytes())
def test_force_that_decodes_encodes_to_the_same_bytes(data):
    try:
        block = wire.decode_force(data)
    except WireError:
        return
    # -327.68 and -327.67 N are beyond what an encoder says, not beyond what it reads.
    if all(math.isnan(force_n) or force_n >= -wire.MAX_FORCE_N for force_n in block.forces_n):
        assert wire.encode_force(block) == data


@given(
    st.builds(
        ForceBlock,
        sequence=U16,
        first_us=U32,
        period_us=st.integers(1, 0xFFFF).map(lambda period: period * 10),
        forces_n=st.lists(st.floats(allow_nan=True), min_size=1, max_size=40).map(tuple),
        status=st.integers(0, 0x7F).map(Status),
    )
)
def test_any_force_arrives_within_a_step_or_cut_to_the_range(block):
    came = wire.decode_force(wire.encode_force(block))
    assert (came.sequence, came.first_us, came.period_us, came.status) == (
        block.sequence,
        block.first_us,
        block.period_us,
        block.status,
    )
    for sent_n, came_n in zip(block.forces_n, came.forces_n, strict=True):
        if math.isnan(sent_n):
            assert math.isnan(came_n)
        else:
            assert abs(came_n - min(max(sent_n, -wire.MAX_FORCE_N), wire.MAX_FORCE_N)) <= 0.005 + 1e-9


REQUESTS = st.one_of(
    st.builds(wire.StartStreaming, U16),
    st.just(wire.StopStreaming()),
    st.builds(wire.TareRequest, st.integers(100, 5000)),
    st.builds(
        wire.ArmRequest,
        U16.map(lambda step: step / 100),
        U16.map(lambda step: step / 10),
        st.integers(200, 5000),
    ),
    st.just(wire.Heartbeat()),
    st.just(wire.DisarmRequest()),
    st.builds(wire.CueRequest, st.sampled_from(ToolCue), U8, U16),
    st.just(wire.Identify()),
)


@given(request=REQUESTS, request_id=U8)
def test_requests_arrive(request, request_id):
    data = wire.encode_request(request, request_id)
    assert data[0] == wire.opcode_of(request)
    assert wire.decode_request(data) == (request_id, request)


@given(data=NEARLY_RIGHT)
def test_a_refused_request_says_whom_to_answer(data):
    refused = None
    try:
        wire.decode_request(data)
    except WireError as error:
        refused = error
    match refused:
        case wire.RequestError():
            assert (refused.opcode, refused.request_id) == (data[0], data[1])
            assert refused.result in {1, 2, 3}
        case WireError():
            assert len(data) < 2


@given(data=NEARLY_RIGHT)
def test_answers_that_decode_encode_to_the_same_bytes(data):
    try:
        answer = wire.decode_answer(data)
    except WireError:
        return
    assert wire.encode_answer(answer) == data


EVENTS = st.one_of(
    st.builds(ToolEvent, st.just(EventCode.BUTTON), U8, U32, st.sampled_from(ButtonPress)),
    st.builds(ToolEvent, st.sampled_from([EventCode.FORCE_LIMIT, EventCode.SATURATED]), U8, U32, WIRE_FORCES).filter(
        lambda event: event.value >= -wire.MAX_FORCE_N
    ),
    st.builds(ToolEvent, st.just(EventCode.HOLD_LIMIT), U8, U32, U16.map(lambda step: step / 10)),
    st.builds(
        ToolEvent,
        st.sampled_from([EventCode.SENSOR_FAULT, EventCode.BATTERY_LOW, EventCode.POWERS_OFF]),
        U8,
        U32,
        U8,
    ),
    st.builds(ToolEvent, st.just(EventCode.HEARTBEAT_LOST), U8, U32, st.just(0)),
)


@given(EVENTS)
def test_events_arrive(event):
    assert wire.decode_event(wire.encode_event(event)) == event


@given(
    st.builds(
        Features,
        major=st.just(1),
        minor=U8,
        kind=st.sampled_from(ToolKind),
        tip_shape=st.sampled_from(TipShape),
        capacity_n=st.integers(1, 0x7FFE).map(lambda step: step / 100),
        contact_area_mm2=U16,
        tip_diameter_mm=U16.map(lambda step: step / 10),
        hardness_shore_a=st.one_of(st.none(), st.integers(0, 254)),
        min_rate_hz=st.integers(1, 50),
        max_rate_hz=st.integers(50, 0xFFFF),
        actuators=st.integers(0, 15).map(Actuator),
        noise_floor_n=U16.map(lambda step: step / 1000),
    )
)
def test_features_arrive(features):
    assert wire.decode_features(wire.encode_features(features)) == features
