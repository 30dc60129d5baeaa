"""The driver for Tool Profile 1.0: the project's own tools, simulated or real."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge import wire
from firmware_bridge.errors import LinkError, PairingError, RefusedError, UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.tool import DeviceInformation, Dropped, Features, OnSignal, ToolCue

ANSWER_LIMIT_S: Final = 2.0
"""Longest wait for an answer, beyond what a tare takes to average."""

WRITE_LIMIT_S: Final = 2.0
"""Longest wait for the tool to take a request: some seconds are what a living link may need to repeat a packet,
and a heartbeat that is later is of no use. Then the link is given up."""

BUSY_PAUSES_S: Final = (0.05, 0.1, 0.2, 0.4)
"""Pauses before asking a busy tool again: what it is busy with is an answer on its way."""


class HoldwellTool:
    """One tool of the profile; implements `firmware_bridge.tool.Tool`.

    `on_signal` is called from the Bluetooth stack's callback and must only queue. `radio`: None for the
    system's Bluetooth. `garbage` counts received values that no sender of the profile would send; they go no
    further.
    """

    def __init__(self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None) -> None:
        self.garbage = 0
        self._device = device
        self._on_signal = on_signal
        self._radio = radio
        self._connection: GattConnection | None = None
        self._features: Features | None = None
        self._entered = False
        self._turn = asyncio.Lock()
        self._waiting: dict[int, tuple[wire.Opcode, asyncio.Future[wire.Answer]]] = {}
        self._last_id = 0

    @property
    def name(self) -> str:
        """What the tool calls itself."""
        return self._device.name or self._device.address

    @property
    def address(self) -> str:
        """Where it is on the radio."""
        return self._device.address

    @property
    def is_connected(self) -> bool:
        """Whether there is a link now."""
        return self._connection is not None and self._connection.is_connected

    @property
    def features(self) -> Features:
        """What it is; LinkError before the first `connect`."""
        if self._features is None:
            raise LinkError(self.name, "was never connected")
        return self._features

    async def connect(self) -> None:
        """Connect, bond, read Features, subscribe.

        A bond that the tool no longer knows is made anew, once. Raises LinkError, PairingError, and
        UnsupportedToolError for a profile version or a service that this client cannot work with.
        """
        await self.disconnect()
        try:
            await self._open()
        except PairingError:
            connection = self._connection
            if connection is None or not connection.is_connected:
                await self.disconnect()
                raise
            await self._bond_anew(connection)
        except BaseException:
            await self.disconnect()
            raise

    async def information(self) -> DeviceInformation:
        """Read who made it and how full its battery is; absent characteristics are left empty."""
        battery = await self._read_if_there(_BATTERY_LEVEL)
        return DeviceInformation(
            manufacturer=_text(await self._read_if_there(_MANUFACTURER)),
            model=_text(await self._read_if_there(_MODEL)),
            serial=_text(await self._read_if_there(_SERIAL)),
            firmware=_text(await self._read_if_there(_FIRMWARE)),
            battery_percent=battery[0] if battery else None,
        )

    async def start(self, rate_hz: int) -> int:
        """Start streaming, or change the rate; return the rate the tool chose, hertz."""
        answer = await self._request(wire.StartStreaming(rate_hz))
        return answer.value or 0

    async def stop(self) -> None:
        """Stop streaming."""
        await self._request(wire.StopStreaming())

    async def tare(self, averaging_ms: int) -> float:
        """Set the zero; return the offset in newtons."""
        answer = await self._request(wire.TareRequest(averaging_ms), averaging_ms / 1000)
        return (answer.value or 0) / 100

    async def arm(self, force_limit_n: float, hold_limit_s: float, heartbeat_ms: int) -> None:
        """Let the tool guard by itself; when it already does, change its limits."""
        await self._request(wire.ArmRequest(force_limit_n, hold_limit_s, heartbeat_ms))

    async def heartbeat(self) -> None:
        """Say that the app is alive."""
        await self._send(wire.Heartbeat())

    async def disarm(self) -> None:
        """Let the tool stop guarding; waits for no other request."""
        self._check(wire.DisarmRequest(), await self._ask(wire.DisarmRequest(), ANSWER_LIMIT_S))

    async def cue(self, cue: ToolCue, strength: int, duration_ms: int) -> None:
        """Play a cue; waits for no other request, nor for the answer: the tool always takes it."""
        await self._send(wire.CueRequest(cue, strength, duration_ms))

    async def identify(self) -> None:
        """Make the tool noticeable."""
        await self._request(wire.Identify())

    async def disconnect(self) -> None:
        """Let go of the link; no Dropped signal follows. Safe at any time."""
        connection, self._connection = self._connection, None
        self._entered = False
        self._abandon("was disconnected")
        if connection is not None:
            await connection.close()

    async def _open(self) -> None:
        connection = GattConnection(self._device, self._radio, self._dropped)
        self._connection = connection
        await connection.open()
        await self._enter(connection)

    async def _bond_anew(self, stale: GattConnection) -> None:
        try:
            await stale.unpair()
            await self._open()
        except BaseException:
            await self.disconnect()
            raise

    async def _enter(self, connection: GattConnection) -> None:
        missing = [uuid for uuid in _NEEDED if not connection.has(uuid)]
        if missing:
            raise UnsupportedToolError(self.name, f"is not a Holdwell tool: it lacks {', '.join(missing)}")
        # First, and with its own time limit: on BlueZ a protected read without an agent never ends.
        await connection.pair()
        self._features = self._read_features(await connection.read(wire.FEATURES))
        await connection.subscribe(wire.CONTROL, partial(self._received, self._answered))
        await connection.subscribe(wire.FORCE, partial(self._received, self._sensed))
        await connection.subscribe(wire.EVENT, partial(self._received, self._happened))
        self._linked()
        self._entered = True

    def _read_features(self, data: bytes) -> Features:
        try:
            major = wire.decode_major(data)
            if major != wire.PROFILE_MAJOR:
                raise UnsupportedToolError(
                    self.name, f"speaks tool profile {major}, this app {wire.PROFILE_MAJOR}; update the app"
                )
            return wire.decode_features(data)
        except WireError as error:
            raise UnsupportedToolError(self.name, f"says of itself what cannot be: {error}") from error

    async def _read_if_there(self, uuid: str) -> bytes:
        connection = self._linked()
        return await connection.read(uuid) if connection.has(uuid) else b""

    def _linked(self) -> GattConnection:
        if self._connection is None or not self._connection.is_connected:
            raise LinkError(self.name, "is not connected")
        return self._connection

    async def _send(self, request: wire.Request) -> None:
        await self._write(wire.encode_request(request, self._next_id()))

    async def _write(self, data: bytes) -> None:
        connection = self._linked()
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                await connection.write(wire.CONTROL, data)
        except TimeoutError as error:
            connection.abandon()
            if connection is self._connection:
                self._dropped()
            raise LinkError(self.name, f"took no request for {WRITE_LIMIT_S:g} s") from error

    async def _request(self, request: wire.Request, takes_s: float = 0.0) -> wire.Answer:
        async with self._turn:
            answer = await self._ask(request, ANSWER_LIMIT_S + takes_s)
            for pause_s in BUSY_PAUSES_S:
                if answer.result is not wire.Result.BUSY:
                    break
                await asyncio.sleep(pause_s)
                answer = await self._ask(request, ANSWER_LIMIT_S + takes_s)
        return self._check(request, answer)

    async def _ask(self, request: wire.Request, limit_s: float) -> wire.Answer:
        request_id = self._next_id()
        data = wire.encode_request(request, request_id)
        answer: asyncio.Future[wire.Answer] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = (wire.opcode_of(request), answer)
        try:
            await self._write(data)
            async with asyncio.timeout(limit_s):
                return await answer
        except TimeoutError as error:
            raise LinkError(self.name, f"did not answer within {limit_s:g} s") from error
        finally:
            del self._waiting[request_id]
            answer.cancel()
            if not answer.cancelled():
                # A drop during the write has told its caller already; nobody else will look here.
                answer.exception()

    def _check(self, request: wire.Request, answer: wire.Answer) -> wire.Answer:
        if answer.result is not wire.Result.DONE:
            raise RefusedError(self.name, _NAMES[answer.opcode], answer.result, _meaning(request, answer))
        return answer

    def _next_id(self) -> int:
        self._last_id = next(
            number % _IDS
            for number in range(self._last_id + 1, self._last_id + 1 + _IDS)
            if number % _IDS not in self._waiting
        )
        return self._last_id

    def _received(self, take: Callable[[bytes], None], data: bytes) -> None:
        try:
            take(data)
        except WireError:
            self.garbage += 1

    def _sensed(self, data: bytes) -> None:
        self._on_signal(wire.decode_force(data))

    def _happened(self, data: bytes) -> None:
        self._on_signal(wire.decode_event(data))

    def _answered(self, data: bytes) -> None:
        answer = wire.decode_answer(data)
        opcode, waiting = self._waiting.get(answer.request_id, (None, None))
        # Answers to cues, and answers too late, have nobody waiting.
        if waiting is not None and opcode == answer.opcode and not waiting.done():
            waiting.set_result(answer)

    def _dropped(self) -> None:
        self._abandon("the link broke")
        # A link that breaks within `connect` is told by what `connect` raises.
        if self._entered:
            self._entered = False
            self._on_signal(Dropped.LINK)

    def _abandon(self, why: str) -> None:
        for _, waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(LinkError(self.name, why))


_IDS: Final = 256
_NEEDED: Final = (wire.FEATURES, wire.CONTROL, wire.FORCE, wire.EVENT)
# Assigned numbers of services 0x180A and 0x180F.
_MANUFACTURER: Final = "00002a29-0000-1000-8000-00805f9b34fb"
_MODEL: Final = "00002a24-0000-1000-8000-00805f9b34fb"
_SERIAL: Final = "00002a25-0000-1000-8000-00805f9b34fb"
_FIRMWARE: Final = "00002a26-0000-1000-8000-00805f9b34fb"
_BATTERY_LEVEL: Final = "00002a19-0000-1000-8000-00805f9b34fb"

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


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").rstrip("\0").strip()
