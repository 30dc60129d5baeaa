"""Control characteristic of Tool Profile 1.0: requests and answers, both directions, no IO.

A request is u8 opcode, u8 request id, parameters; an answer u8 opcode | 0x80, the same id, u8 result, values.
All integers are little-endian. Parameters and their units are tool-profile 1.0, section Control.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final, assert_never

from firmware_bridge.errors import WireError
from firmware_bridge.tool import ToolCue

MIN_TARE_MS: Final = 100
MAX_TARE_MS: Final = 5000
MIN_HEARTBEAT_MS: Final = 200
MAX_HEARTBEAT_MS: Final = 5000


class Opcode(IntEnum):
    """First byte of a request."""

    START = 1
    STOP = 2
    TARE = 3
    ARM = 4
    HEARTBEAT = 5
    DISARM = 6
    CUE = 7
    IDENTIFY = 8


class Result(IntEnum):
    """Third byte of an answer."""

    DONE = 0
    UNKNOWN_OPCODE = 1
    WRONG_LENGTH = 2
    OUT_OF_RANGE = 3
    WRONG_STATE = 4
    BUSY = 5


@dataclass(frozen=True, slots=True)
class StartStreaming:
    """Stream force at this rate, or the nearest the tool can; answered with the rate it chose, hertz."""

    rate_hz: int


@dataclass(frozen=True, slots=True)
class StopStreaming:
    """Stream no more."""


@dataclass(frozen=True, slots=True)
class TareRequest:
    """Set the zero from this long an average, 100 to 5000 ms; answered with the offset, 0.01 N, when done."""

    averaging_ms: int


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """Guard by yourself: limits in steps of 0.01 N and 0.1 s, heartbeat limit 200 to 5000 ms."""

    force_limit_n: float
    hold_limit_s: float
    heartbeat_ms: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The app is alive. Never answered."""


@dataclass(frozen=True, slots=True)
class DisarmRequest:
    """Guard no more."""


@dataclass(frozen=True, slots=True)
class CueRequest:
    """Play a cue: strength 0 to 255; duration in ms, 0 once for the tool's own length."""

    cue: ToolCue
    strength: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Identify:
    """Make yourself noticed."""


Request = StartStreaming | StopStreaming | TareRequest | ArmRequest | Heartbeat | DisarmRequest | CueRequest | Identify


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool said to a request.

    `value` is there when `result` is DONE and the request has one: START the rate in hertz, TARE the offset
    in 0.01 N (signed).
    """

    opcode: int
    request_id: int
    result: Result
    value: int | None = None


class RequestError(WireError):
    """A request that a server must refuse with `result`."""

    def __init__(self, opcode: int, request_id: int, result: Result) -> None:
        self.opcode, self.request_id, self.result = opcode, request_id, result
        super().__init__(f"request {opcode:#04x}: {result.name.lower().replace('_', ' ')}")


def opcode_of(request: Request) -> Opcode:
    """Give the opcode that a request goes out with."""
    match request:
        case StartStreaming():
            return Opcode.START
        case StopStreaming():
            return Opcode.STOP
        case TareRequest():
            return Opcode.TARE
        case ArmRequest():
            return Opcode.ARM
        case Heartbeat():
            return Opcode.HEARTBEAT
        case DisarmRequest():
            return Opcode.DISARM
        case CueRequest():
            return Opcode.CUE
        case Identify():
            return Opcode.IDENTIFY
        case _:
            assert_never(request)


def encode_request(request: Request, request_id: int) -> bytes:
    """Write a request; `request_id` 0 to 255. Raises WireError when a value does not fit its field."""
    opcode = opcode_of(request)
    return _pack(_HEAD, opcode, request_id) + _pack(_PARAMETERS[opcode], *_parameters(request))


def decode_request(data: bytes) -> tuple[int, Request]:
    """Read a request as (request id, request).

    Raises RequestError with the result that a server answers: unknown opcode, wrong length, out of range; and
    WireError for less than the two bytes that an answer needs.
    """
    if len(data) < _HEAD.size:
        raise WireError(f"a request has at least 2 bytes, this one {len(data)}")
    opcode, request_id = data[0], data[1]
    layout = _PARAMETERS.get(opcode)
    if layout is None:
        raise RequestError(opcode, request_id, Result.UNKNOWN_OPCODE)
    if len(data) != _HEAD.size + layout.size:
        raise RequestError(opcode, request_id, Result.WRONG_LENGTH)
    request = _request(Opcode(opcode), layout.unpack_from(data, _HEAD.size))
    if request is None:
        raise RequestError(opcode, request_id, Result.OUT_OF_RANGE)
    return request_id, request


def encode_answer(answer: Answer) -> bytes:
    """Write an answer. Raises WireError when a value is missing, not wanted, or does not fit."""
    data = _pack(_ANSWER_HEAD, answer.opcode | _ANSWER_BIT, answer.request_id, answer.result)
    layout = _values(answer.opcode, answer.result)
    if (answer.value is None) != (layout.size == 0):
        raise WireError(f"an answer to {answer.opcode:#04x} with result {answer.result} has other values")
    return data if answer.value is None else data + _pack(layout, answer.value)


def decode_answer(data: bytes) -> Answer:
    """Read an answer; WireError for anything else."""
    if len(data) < _ANSWER_HEAD.size:
        raise WireError(f"an answer has at least 3 bytes, this one {len(data)}")
    if not data[0] & _ANSWER_BIT:
        raise WireError(f"an answer has bit 7 of its opcode set, this one is {data[0]:#04x}")
    opcode, request_id = data[0] & ~_ANSWER_BIT, data[1]
    try:
        result = Result(data[2])
    except ValueError:
        raise WireError(f"no result has the number {data[2]}") from None
    layout = _values(opcode, result)
    if len(data) != _ANSWER_HEAD.size + layout.size:
        raise WireError(f"an answer to {opcode:#04x} has other values than these {len(data) - 3} bytes")
    values = layout.unpack_from(data, _ANSWER_HEAD.size)
    return Answer(opcode, request_id, result, values[0] if values else None)


_ANSWER_BIT: Final = 0x80
_HEAD: Final = Struct("<BB")
_ANSWER_HEAD: Final = Struct("<BBB")
_NOTHING: Final = Struct("<")
_PARAMETERS: Final[dict[int, Struct]] = {
    Opcode.START: Struct("<H"),
    Opcode.STOP: _NOTHING,
    Opcode.TARE: Struct("<H"),
    Opcode.ARM: Struct("<HHH"),
    Opcode.HEARTBEAT: _NOTHING,
    Opcode.DISARM: _NOTHING,
    Opcode.CUE: Struct("<BBH"),
    Opcode.IDENTIFY: _NOTHING,
}
_VALUES: Final[dict[int, Struct]] = {Opcode.START: Struct("<H"), Opcode.TARE: Struct("<h")}


def _values(opcode: int, result: Result) -> Struct:
    return _VALUES.get(opcode, _NOTHING) if result is Result.DONE else _NOTHING


def _pack(layout: Struct, *values: int) -> bytes:
    # The one check of every field's width: struct knows them all.
    try:
        return layout.pack(*values)
    except struct.error as error:
        raise WireError(f"{values} does not fit the wire: {error}") from error


def _parameters(request: Request) -> tuple[int, ...]:
    match request:
        case StartStreaming(rate_hz):
            return (rate_hz,)
        case TareRequest(averaging_ms):
            return (averaging_ms,)
        case ArmRequest(force_limit_n, hold_limit_s, heartbeat_ms):
            return (_steps(force_limit_n, 100), _steps(hold_limit_s, 10), heartbeat_ms)
        case CueRequest(cue, strength, duration_ms):
            return (cue, strength, duration_ms)
        case StopStreaming() | Heartbeat() | DisarmRequest() | Identify():
            return ()
        case _:
            assert_never(request)


def _steps(value: float, per_unit: int) -> int:
    try:
        return round(value * per_unit)
    except (ValueError, OverflowError) as error:
        raise WireError(f"{value} does not fit the wire: {error}") from error


def _request(opcode: Opcode, values: tuple[int, ...]) -> Request | None:
    match opcode:
        case Opcode.START:
            return StartStreaming(values[0])
        case Opcode.TARE:
            return TareRequest(values[0]) if MIN_TARE_MS <= values[0] <= MAX_TARE_MS else None
        case Opcode.ARM:
            if not MIN_HEARTBEAT_MS <= values[2] <= MAX_HEARTBEAT_MS:
                return None
            return ArmRequest(values[0] / 100, values[1] / 10, values[2])
        case Opcode.CUE:
            if values[0] not in _CUES:
                return None
            return CueRequest(ToolCue(values[0]), values[1], values[2])
        case Opcode.STOP | Opcode.HEARTBEAT | Opcode.DISARM | Opcode.IDENTIFY:
            return _BARE[opcode]
        case _:
            assert_never(opcode)


_CUES: Final = frozenset(int(cue) for cue in ToolCue)
_BARE: Final[dict[Opcode, Request]] = {
    Opcode.STOP: StopStreaming(),
    Opcode.HEARTBEAT: Heartbeat(),
    Opcode.DISARM: DisarmRequest(),
    Opcode.IDENTIFY: Identify(),
}
