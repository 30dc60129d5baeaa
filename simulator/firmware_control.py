"""What a tool does with requests: the server side of the Control characteristic."""

from collections.abc import Callable
from typing import assert_never

from firmware_bridge.errors import WireError
from firmware_bridge.tool import Features, ToolCue
from firmware_bridge.wire_control import (
    Answer,
    ArmRequest,
    CueRequest,
    DisarmRequest,
    Heartbeat,
    Identify,
    Opcode,
    RequestError,
    Result,
    StartStreaming,
    StopStreaming,
    TareRequest,
    decode_request,
    opcode_of,
)
from simulator.firmware_alarm import ArmedGuard, Limits
from simulator.firmware_outbox import Outbox
from simulator.firmware_sensor import Sensor, TareState
from simulator.firmware_stream import Stream
from simulator.load_cell import Reading
from simulator.tool_output import Output


class ControlPoint:
    """Carries out requests on the tool's parts; answers go to the outbox.

    `play` plays a cue with a strength for so many ms; `flush` sends the samples that wait, at a time of the tool's µs
    counter.
    """

    def __init__(
        self,
        features: Features,
        sensor: Sensor,
        guard: ArmedGuard,
        stream: Stream,
        outbox: Outbox,
        *,
        play: Callable[[ToolCue, int, int], list[Output]],
        flush: Callable[[int], list[Output]],
    ) -> None:
        self._capacity_n = features.capacity_n
        self._sensor = sensor
        self._guard = guard
        self._stream = stream
        self._outbox = outbox
        self._play = play
        self._flush = flush
        self._tare_id = 0

    def requested(self, data: bytes, now_us: int) -> list[Output]:
        """Take a write; any bytes are allowed."""
        try:
            request_id, request = decode_request(data)
        except RequestError as refused:
            self._outbox.answer(Answer(refused.opcode, refused.request_id, refused.result), ordinary=False)
            return []
        except WireError:
            return []  # shorter than an opcode and an id: nothing that an answer could name
        match request:
            case Heartbeat():
                self._guard.heartbeat(now_us)
            case DisarmRequest():
                self._guard.disarm()
                self._outbox.answer(Answer(Opcode.DISARM, request_id, Result.DONE), ordinary=False)
            case CueRequest(cue, strength, duration_ms):
                self._outbox.answer(Answer(Opcode.CUE, request_id, Result.DONE), ordinary=False)
                return self._play(cue, strength, duration_ms)
            case _ if self._sensor.is_taring or self._outbox.owes_answer:
                self._outbox.answer(Answer(opcode_of(request), request_id, Result.BUSY), ordinary=False)
            case _:
                return self._one_at_a_time(request, request_id, now_us)
        return []

    def sampled(self, reading: Reading, now_us: int) -> None:
        """Take a sample into the zero that is being set, if one is."""
        if not self._sensor.is_taring:
            return
        match self._sensor.tare(reading, now_us):
            case TareState.AVERAGING:
                return
            case TareState.DONE:
                offset = round(self._sensor.offset_n * 100)
                answer = Answer(Opcode.TARE, self._tare_id, Result.DONE, offset)
            case TareState.REFUSED:
                answer = Answer(Opcode.TARE, self._tare_id, Result.WRONG_STATE)
        self._outbox.answer(answer, ordinary=True)

    def _one_at_a_time(
        self,
        request: StartStreaming | StopStreaming | TareRequest | ArmRequest | Identify,
        request_id: int,
        now_us: int,
    ) -> list[Output]:
        outputs: list[Output] = []
        result, value = Result.DONE, None
        match request:
            case StartStreaming(rate_hz):
                outputs = self._flush(now_us)
                value = self._stream.set_rate(rate_hz)
                self._stream.ask(on=True)
            case StopStreaming():
                outputs = self._flush(now_us)
                self._stream.ask(on=False)
            case TareRequest(averaging_ms):
                if not self._guard.is_armed and self._sensor.start_tare(averaging_ms * 1000, now_us):
                    self._tare_id = request_id
                    return outputs  # answered when the average is there
                result = Result.WRONG_STATE
            case ArmRequest():
                result = self._arm(request, now_us)
            case Identify():
                outputs = self._play(ToolCue.ATTENTION, 255, 0)
            case _:
                assert_never(request)
        self._outbox.answer(Answer(opcode_of(request), request_id, result, value), ordinary=True)
        return outputs

    def _arm(self, request: ArmRequest, now_us: int) -> Result:
        if request.force_limit_n > self._capacity_n:
            return Result.OUT_OF_RANGE
        if not (self._guard.is_armed or (self._sensor.is_tared and self._sensor.is_unloaded)):
            return Result.WRONG_STATE
        limits = Limits(request.force_limit_n, round(request.hold_limit_s * 1e6), request.heartbeat_ms * 1000)
        self._guard.arm(limits, now_us)
        return Result.DONE
