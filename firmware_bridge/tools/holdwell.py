"""The driver for Tool Profile 1.0: the project's own tools, simulated or real."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge import wire
from firmware_bridge.errors import LinkError, PairingError, UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.tool import DeviceInformation, Dropped, Features, OnSignal, ToolCue
from firmware_bridge.tools.holdwell_control import ControlPoint

WRITE_LIMIT_S: Final = 2.0
"""Longest wait for the tool to take a request: some seconds are what a living link may need to repeat a packet,
and a heartbeat that is later is of no use. Then the link is given up."""


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
        self._control = ControlPoint(self.name, self._write)

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
        answer = await self._control.ask_in_turn(wire.StartStreaming(rate_hz))
        return answer.value or 0

    async def stop(self) -> None:
        """Stop streaming."""
        await self._control.ask_in_turn(wire.StopStreaming())

    async def tare(self, averaging_ms: int) -> float:
        """Set the zero; return the offset in newtons."""
        answer = await self._control.ask_in_turn(wire.TareRequest(averaging_ms), averaging_ms / 1000)
        return (answer.value or 0) / 100

    async def arm(self, force_limit_n: float, hold_limit_s: float, heartbeat_ms: int) -> None:
        """Let the tool guard by itself; when it already does, change its limits."""
        await self._control.ask_in_turn(wire.ArmRequest(force_limit_n, hold_limit_s, heartbeat_ms))

    async def heartbeat(self) -> None:
        """Say that the app is alive."""
        await self._control.beat()

    async def disarm(self) -> None:
        """Let the tool stop guarding; waits for no other request."""
        await self._control.ask(wire.DisarmRequest())

    async def cue(self, cue: ToolCue, strength: int, duration_ms: int) -> None:
        """Play a cue; waits for no other request, nor for the answer: the tool always takes it."""
        await self._control.send(wire.CueRequest(cue, strength, duration_ms))

    async def identify(self) -> None:
        """Make the tool noticeable."""
        await self._control.ask_in_turn(wire.Identify())

    async def disconnect(self) -> None:
        """Let go of the link; no Dropped signal follows. Safe at any time."""
        connection, self._connection = self._connection, None
        self._entered = False
        self._control.abandon("was disconnected")
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
        await connection.subscribe(wire.CONTROL, partial(self._received, self._control.answered))
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

    def _received(self, take: Callable[[bytes], None], data: bytes) -> None:
        try:
            take(data)
        except WireError:
            self.garbage += 1

    def _sensed(self, data: bytes) -> None:
        self._on_signal(wire.decode_force(data))

    def _happened(self, data: bytes) -> None:
        self._on_signal(wire.decode_event(data))

    def _dropped(self) -> None:
        self._control.abandon("the link broke")
        # A link that breaks within `connect` is told by what `connect` raises.
        if self._entered:
            self._entered = False
            self._on_signal(Dropped.LINK)


_NEEDED: Final = (wire.FEATURES, wire.CONTROL, wire.FORCE, wire.EVENT)
# Assigned numbers of services 0x180A and 0x180F.
_MANUFACTURER: Final = "00002a29-0000-1000-8000-00805f9b34fb"
_MODEL: Final = "00002a24-0000-1000-8000-00805f9b34fb"
_SERIAL: Final = "00002a25-0000-1000-8000-00805f9b34fb"
_FIRMWARE: Final = "00002a26-0000-1000-8000-00805f9b34fb"
_BATTERY_LEVEL: Final = "00002a19-0000-1000-8000-00805f9b34fb"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").rstrip("\0").strip()
