"""Requests to a tool of the profile, and its answers: the client side of the Control characteristic."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from firmware_bridge import wire
from firmware_bridge.errors import LinkError, RefusedError

ANSWER_LIMIT_S: Final = 2.0
"""Longest wait for an answer, beyond what a tare takes to average."""

BUSY_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Pauses before asking a busy tool again: what it is busy with is an answer on its way."""


class ControlPoint:
    """Matches answers to requests, over as many links as there are one after the other.

    `name` is the tool's, for errors. `write` hands a request to the tool and returns when the tool has it; it raises
    ToolError, and so does everything here.
    """

    def __init__(self, name: str, write: Callable[[bytes], Awaitable[None]]) -> None:
        self._name = name
        self._write = write
        self._turn = asyncio.Lock()
        self._way = asyncio.Lock()
        self._waiting: dict[int, tuple[wire.Opcode, asyncio.Future[wire.Answer]]] = {}
        self._last_id = 0

    async def beat(self) -> None:
        """Send the heartbeat. It waits for the write that is on its way, as ATT demands, and for no other."""
        await self._write(wire.encode_request(wire.Heartbeat(), self._next_id()))

    async def send(self, request: wire.Request) -> None:
        """Send a request whose answer does not matter."""
        await self._in_order(wire.encode_request(request, self._next_id()))

    async def ask(self, request: wire.Request, takes_s: float = 0.0) -> wire.Answer:
        """Send a request, before those that wait for their turn, and return its answer, which says that it is done.

        `takes_s`: how long the tool needs before it can answer. Raises RefusedError for any other answer.
        """
        return self._check(request, await self._asked(request, takes_s))

    async def ask_in_turn(self, request: wire.Request, takes_s: float = 0.0) -> wire.Answer:
        """Do as `ask`, one request after the other, and some times again while the tool is busy."""
        async with self._turn:
            answer = await self._asked(request, takes_s)
            for pause_s in BUSY_PAUSES_S:
                if answer.result is not wire.Result.BUSY:
                    break
                await asyncio.sleep(pause_s)
                answer = await self._asked(request, takes_s)
        return self._check(request, answer)

    def answered(self, data: bytes) -> None:
        """Take what the tool indicates; raises WireError for what is no answer."""
        answer = wire.decode_answer(data)
        opcode, waiting = self._waiting.get(answer.request_id, (None, None))
        # Answers to cues, and answers too late, have nobody waiting.
        if waiting is not None and opcode == answer.opcode and not waiting.done():
            waiting.set_result(answer)

    def abandon(self, why: str) -> None:
        """Tell all who wait for an answer that none will come."""
        for _, waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(LinkError(self._name, why))

    async def _in_order(self, data: bytes) -> None:
        # One at a time, though the system would queue them too: so a heartbeat is never behind more than one.
        async with self._way:
            await self._write(data)

    async def _asked(self, request: wire.Request, takes_s: float) -> wire.Answer:
        request_id = self._next_id()
        limit_s = ANSWER_LIMIT_S + takes_s
        answer: asyncio.Future[wire.Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = (wire.opcode_of(request), answer)
        try:
            await self._in_order(wire.encode_request(request, request_id))
            async with asyncio.timeout(limit_s):
                return await answer
        except TimeoutError as error:
            raise LinkError(self._name, f"did not answer within {limit_s:g} s") from error
        finally:
            del self._waiting[request_id]
            answer.cancel()
            if not answer.cancelled():
                # A drop during the write has told its caller already; nobody else will look here.
                answer.exception()

    def _check(self, request: wire.Request, answer: wire.Answer) -> wire.Answer:
        if answer.result is not wire.Result.DONE:
            raise RefusedError(self._name, _NAMES[answer.opcode], answer.result, _meaning(request, answer))
        return answer

    def _next_id(self) -> int:
        self._last_id = next(
            number % _IDS
            for number in range(self._last_id + 1, self._last_id + 1 + _IDS)
            if number % _IDS not in self._waiting
        )
        return self._last_id


_IDS: Final = 256
_NAMES: Final[dict[int, str]] = {
    wire.Opcode.START: "start streaming",
    wire.Opcode.STOP: "stop streaming",
    wire.Opcode.TARE: "tare",
    wire.Opcode.ARM: "arm",
    wire.Opcode.HEARTBEAT: "hear the heartbeat",
    wire.Opcode.DISARM: "disarm",
    wire.Opcode.CUE: "play a cue",
    wire.Opcode.IDENTIFY: "identify",
}
_MEANINGS: Final = {
    wire.Result.DONE: "done",
    wire.Result.UNKNOWN_OPCODE: "it does not know how",
    wire.Result.WRONG_LENGTH: "it reads the request otherwise; update its firmware",
    wire.Result.OUT_OF_RANGE: "a value is out of its range",
    wire.Result.WRONG_STATE: "not in this state",
    wire.Result.BUSY: "it is busy with another request",
}


def _meaning(request: wire.Request, answer: wire.Answer) -> str:
    match request, answer.result:
        case wire.TareRequest(), wire.Result.WRONG_STATE:
            return "it is armed, moved, or under load; put it down and let go"
        case wire.ArmRequest(), wire.Result.WRONG_STATE:
            return "it wants a tare since power-up and less than 2 N on it"
        case wire.ArmRequest(), wire.Result.OUT_OF_RANGE:
            return "the force limit is above its capacity, or the heartbeat out of 200 to 5000 ms"
        case _:
            return _MEANINGS[answer.result]
