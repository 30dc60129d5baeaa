"""Bytes of Tool Profile 1.0, both directions, no IO: Features, Force, Event; Control is in `wire_control`.

Every decoder takes any bytes and gives a value or raises WireError, nothing else. All integers are
little-endian, forces signed in 0.01 N, device time a free-running u32 in microseconds.
"""

import math
import struct
from struct import Struct
from typing import Final, assert_never

from firmware_bridge.errors import WireError
from firmware_bridge.tool import (
    Actuator,
    ButtonPress,
    EventCode,
    Features,
    ForceBlock,
    Status,
    TipShape,
    ToolEvent,
    ToolKind,
)
from firmware_bridge.wire_control import (
    Answer,
    ArmRequest,
    CueRequest,
    DisarmRequest,
    Heartbeat,
    Identify,
    Opcode,
    Request,
    RequestError,
    Result,
    StartStreaming,
    StopStreaming,
    TareRequest,
    decode_answer,
    decode_request,
    encode_answer,
    encode_request,
    opcode_of,
)

__all__ = [
    "CONTROL",
    "EVENT",
    "FEATURES",
    "FORCE",
    "MAX_FORCE_N",
    "PROFILE_MAJOR",
    "SERVICE",
    "Answer",
    "ArmRequest",
    "CueRequest",
    "DisarmRequest",
    "Heartbeat",
    "Identify",
    "Opcode",
    "Request",
    "RequestError",
    "Result",
    "StartStreaming",
    "StopStreaming",
    "TareRequest",
    "decode_answer",
    "decode_event",
    "decode_features",
    "decode_force",
    "decode_major",
    "decode_request",
    "encode_answer",
    "encode_event",
    "encode_features",
    "encode_force",
    "encode_request",
    "opcode_of",
    "samples_for_mtu",
]

SERVICE: Final = "771e0001-01b5-4d58-83f0-a558e4ea15e4"
FORCE: Final = "771e0002-01b5-4d58-83f0-a558e4ea15e4"
EVENT: Final = "771e0003-01b5-4d58-83f0-a558e4ea15e4"
CONTROL: Final = "771e0004-01b5-4d58-83f0-a558e4ea15e4"
FEATURES: Final = "771e0005-01b5-4d58-83f0-a558e4ea15e4"

PROFILE_MAJOR: Final = 1
MAX_FORCE_N: Final = 327.66
"""The largest force and capacity that the wire can say; the next step, 0x7FFF, means no valid sample."""


def samples_for_mtu(mtu: int) -> int:
    """Say how many samples a Force notification may hold at this ATT MTU, 23 or more."""
    return (mtu - 3 - _FORCE_HEAD.size) // 2


def decode_major(data: bytes) -> int:
    """Read the profile's major version from Features; all that may be read of a major one does not know."""
    if not data:
        raise WireError("Features is empty")
    return data[0]


def decode_features(data: bytes) -> Features:
    """Read Features: 20 bytes, or more from a later minor version.

    Check `decode_major` first: another major may have another layout.
    """
    if len(data) < _FEATURES.size:
        raise WireError(f"Features has 20 bytes, this one {len(data)}")
    major, minor, kind, shape, capacity, area, diameter, hardness, _, high, low, actuators, noise = (
        _FEATURES.unpack_from(data)
    )
    if minor == 0 and len(data) != _FEATURES.size:
        raise WireError(f"Features of {major}.0 has 20 bytes, this one {len(data)}")
    if not 0 < capacity < _NO_SAMPLE:
        raise WireError(f"no tool has a capacity of {capacity / 100} N")
    if not 0 < low <= high:
        raise WireError(f"no tool has sample rates from {low} to {high} Hz")
    try:
        return Features(
            major=major,
            minor=minor,
            kind=ToolKind(kind),
            tip_shape=TipShape(shape),
            capacity_n=capacity / 100,
            contact_area_mm2=area,
            tip_diameter_mm=diameter / 10,
            hardness_shore_a=None if hardness == _UNKNOWN_HARDNESS else hardness,
            min_rate_hz=low,
            max_rate_hz=high,
            actuators=Actuator(actuators),
            noise_floor_n=noise / 1000,
        )
    except ValueError as error:
        raise WireError(f"Features: {error}") from error


def encode_features(features: Features) -> bytes:
    """Write the 20 bytes of Features. Raises WireError when a value does not fit."""
    hardness = features.hardness_shore_a
    return _pack(
        _FEATURES,
        features.major,
        features.minor,
        features.kind,
        features.tip_shape,
        _whole(features.capacity_n * 100),
        features.contact_area_mm2,
        _whole(features.tip_diameter_mm * 10),
        _UNKNOWN_HARDNESS if hardness is None else hardness,
        0,
        features.max_rate_hz,
        features.min_rate_hz,
        features.actuators,
        _whole(features.noise_floor_n * 1000),
    )


def decode_force(data: bytes) -> ForceBlock:
    """Read a Force notification: 1 to 255 samples, newtons, NaN where there was none."""
    size = len(data)
    if size < _FORCE_HEAD.size:
        raise WireError(f"a force packet has at least 12 bytes, this one {size}")
    status, count, sequence, first_us, period = _FORCE_HEAD.unpack_from(data)
    if count == 0 or size != _FORCE_HEAD.size + 2 * count:
        raise WireError(f"a force packet of {count} samples does not have {size} bytes")
    if period == 0:
        raise WireError("a force packet with a sample period of 0")
    raw = _SAMPLES[count].unpack_from(data, _FORCE_HEAD.size)
    forces_n = tuple([_NAN if step == _NO_SAMPLE else step / 100 for step in raw])
    return ForceBlock(sequence, first_us, period * _PERIOD_UNIT_US, forces_n, _STATUS[status])


def encode_force(block: ForceBlock) -> bytes:
    """Write a Force notification; forces beyond what the wire can say are cut to it, NaN is "no sample"."""
    count = len(block.forces_n)
    if not 1 <= count <= _MAX_SAMPLES:
        raise WireError(f"a force packet holds 1 to 255 samples, not {count}")
    period, rest_us = divmod(block.period_us, _PERIOD_UNIT_US)
    if rest_us:
        raise WireError(f"the wire says sample periods in 10 µs, not {block.period_us} µs")
    head = _pack(_FORCE_HEAD, block.status, count, block.sequence, block.first_us, period)
    return head + _pack(_SAMPLES[count], *[_force_steps(force_n) for force_n in block.forces_n])


def decode_event(data: bytes) -> ToolEvent:
    """Read an Event indication; WireError for a code that 1.0 does not have."""
    if len(data) < _EVENT_HEAD.size:
        raise WireError(f"an event has at least 6 bytes, this one {len(data)}")
    number, sequence, device_us = _EVENT_HEAD.unpack_from(data)
    try:
        code = EventCode(number)
    except ValueError:
        raise WireError(f"no event has the code {number}") from None
    layout = _PAYLOADS[code]
    if len(data) != _EVENT_HEAD.size + layout.size:
        raise WireError(f"an event {code.name} does not have {len(data)} bytes")
    payload = layout.unpack_from(data, _EVENT_HEAD.size)
    return ToolEvent(code, sequence, device_us, _event_value(code, payload[0] if payload else 0))


def encode_event(event: ToolEvent) -> bytes:
    """Write an Event indication. Raises WireError when a value does not fit."""
    head = _pack(_EVENT_HEAD, event.code, event.sequence, event.device_us)
    match event.code:
        case EventCode.FORCE_LIMIT | EventCode.SATURATED:
            payload = (_force_steps(event.value),)
        case EventCode.HOLD_LIMIT:
            payload = (_whole(event.value * 10),)
        case EventCode.BUTTON | EventCode.SENSOR_FAULT | EventCode.BATTERY_LOW | EventCode.POWERS_OFF:
            payload = (_whole(event.value),)
        case EventCode.HEARTBEAT_LOST:
            return head
        case _:
            assert_never(event.code)
    return head + _pack(_PAYLOADS[event.code], *payload)


_FEATURES: Final = Struct("<BBBBHHHBBHHHH")
_FORCE_HEAD: Final = Struct("<BBHIH")
_EVENT_HEAD: Final = Struct("<BBI")
_MAX_SAMPLES: Final = 255
_SAMPLES: Final = tuple(Struct(f"<{count}h") for count in range(_MAX_SAMPLES + 1))
_STATUS: Final = tuple(Status(bits) for bits in range(256))
_PERIOD_UNIT_US: Final = 10
_NO_SAMPLE: Final = 0x7FFF
_NAN: Final = math.nan
_UNKNOWN_HARDNESS: Final = 255
_PAYLOADS: Final = {
    EventCode.BUTTON: Struct("<B"),
    EventCode.FORCE_LIMIT: Struct("<h"),
    EventCode.HOLD_LIMIT: Struct("<H"),
    EventCode.HEARTBEAT_LOST: Struct("<"),
    EventCode.SATURATED: Struct("<h"),
    EventCode.SENSOR_FAULT: Struct("<B"),
    EventCode.BATTERY_LOW: Struct("<B"),
    EventCode.POWERS_OFF: Struct("<B"),
}


def _event_value(code: EventCode, raw: int) -> float:
    match code:
        case EventCode.BUTTON:
            try:
                return ButtonPress(raw)
            except ValueError:
                raise WireError(f"no button press has the number {raw}") from None
        case EventCode.FORCE_LIMIT | EventCode.SATURATED:
            # The sample that passed the limit may be an invalid one.
            return _NAN if raw == _NO_SAMPLE else raw / 100
        case EventCode.HOLD_LIMIT:
            return raw / 10
        case EventCode.SENSOR_FAULT | EventCode.BATTERY_LOW | EventCode.POWERS_OFF | EventCode.HEARTBEAT_LOST:
            return raw
        case _:
            assert_never(code)


def _force_steps(force_n: float) -> int:
    if force_n != force_n:  # noqa: PLR0124 - the quickest test for NaN, in the path of every sample
        return _NO_SAMPLE
    # Cut before rounding: infinity cannot be rounded.
    return round(min(max(force_n, -MAX_FORCE_N), MAX_FORCE_N) * 100)


def _whole(value: float) -> int:
    try:
        return round(value)
    except (ValueError, OverflowError) as error:
        raise WireError(f"{value} does not fit the wire: {error}") from error


def _pack(layout: Struct, *values: int) -> bytes:
    try:
        return layout.pack(*values)
    except struct.error as error:
        raise WireError(f"{values} does not fit the wire: {error}") from error
