"""The driver for Tool Profile 1.0: the project's own tools, simulated or real."""

from functools import partial
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge import wire
from firmware_bridge.errors import LinkError, PairingError, UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.tool import Features, OnSignal, ToolCue
from firmware_bridge.tools.gatt_tool import GattTool
from firmware_bridge.tools.holdwell_control import ControlPoint


class HoldwellTool(GattTool):
    """One tool of the profile; implements `firmware_bridge.tool.Tool`. Arguments as in GattTool."""

    def __init__(self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None) -> None:
        super().__init__(device, on_signal=on_signal, radio=radio)
        self._features: Features | None = None
        self._control = ControlPoint(self.name, partial(self._write_to, wire.CONTROL))

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

    async def _bond_anew(self, stale: GattConnection) -> None:
        try:
            await stale.unpair()
            await self._open()
        except BaseException:
            await self.disconnect()
            raise

    async def _enter(self, connection: GattConnection) -> None:
        self._require(connection, _NEEDED, "Holdwell tool")
        # First, and with its own time limit: on BlueZ a protected read without an agent never ends.
        await connection.pair()
        self._features = self._read_features(await connection.read(wire.FEATURES))
        await connection.subscribe(wire.CONTROL, partial(self._received, self._control.answered))
        await connection.subscribe(wire.FORCE, partial(self._received, self._sensed))
        await connection.subscribe(wire.EVENT, partial(self._received, self._happened))

    def _abandon(self, why: str) -> None:
        self._control.abandon(why)

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

    def _sensed(self, data: bytes) -> None:
        self._on_signal(wire.decode_force(data))

    def _happened(self, data: bytes) -> None:
        self._on_signal(wire.decode_event(data))


_NEEDED: Final = (wire.FEATURES, wire.CONTROL, wire.FORCE, wire.EVENT)
