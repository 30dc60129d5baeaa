"""What every load cell that somebody put a tip on has in common: the app keeps its zero, and it can only measure."""

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress

from firmware_bridge.capabilities import Capabilities
from firmware_bridge.errors import LinkError, ToolError, UnsupportedToolError
from firmware_bridge.rig import Rig
from firmware_bridge.soft_scale import SoftScale
from firmware_bridge.tool import Features, ForceBlock, OnSignal, Status, ToolCue

logger = logging.getLogger(__name__)


class LoadCell(ABC):
    """The part of a driver that makes a `firmware_bridge.tool.Tool` of a load cell.

    A subclass says how to begin and end a stream, calls `_measured` with what comes, and `_entered_anew` for each
    connection.
    """

    def __init__(self, name: str, capabilities: Capabilities, rig: Rig, on_force: OnSignal) -> None:
        self._capabilities = capabilities
        self._load_features = capabilities.features(rig)
        self._scale = SoftScale(name, rig, self._load_features)
        self._on_force = on_force
        self._turn = asyncio.Lock()
        self._tool_name = name
        self._was_connected = False
        self._runs = False
        self._tells = False
        self._is_battery_low = False
        self._is_anew = True
        self._sequence = 0

    @property
    def features(self) -> Features:
        """What it is; LinkError before the first `connect`."""
        if not self._was_connected:
            raise LinkError(self._tool_name, "was never connected")
        return self._load_features

    async def start(self, rate_hz: int) -> int:  # noqa: ARG002 - it has one rate
        """Tell forces from now on; return its rate, hertz."""
        self._check_linked()
        async with self._turn:
            await self._run()
        self._tells = True
        return self._capabilities.rate_hz

    async def stop(self) -> None:
        """Stop streaming."""
        self._check_linked()
        self._tells = False
        async with self._turn:
            await self._rest()

    async def tare(self, averaging_ms: int) -> float:
        """Set the zero in this app; return the offset in newtons. Nothing on the device is changed."""
        self._check_linked()
        async with self._turn:
            await self._run()
        try:
            return await self._scale.tare(averaging_ms / 1000, 1 / self._capabilities.rate_hz)
        finally:
            async with self._turn:
                if not self._tells:
                    with suppress(ToolError):
                        await self._rest()

    async def arm(self, force_limit_n: float, hold_limit_s: float, heartbeat_ms: int) -> None:  # noqa: ARG002
        """Raise UnsupportedToolError: it cannot guard by itself."""
        self._check_linked()
        raise UnsupportedToolError(self._tool_name, "cannot guard by itself")

    async def heartbeat(self) -> None:
        """Need no heartbeat."""
        self._check_linked()

    async def disarm(self) -> None:
        """Be disarmed as ever."""
        self._check_linked()

    async def cue(self, cue: ToolCue, strength: int, duration_ms: int) -> None:  # noqa: ARG002
        """Have nothing to play it on."""
        self._check_linked()

    async def identify(self) -> None:
        """Have nothing to be noticed by."""
        self._check_linked()

    @abstractmethod
    async def _begin(self) -> None:
        """Start the stream."""

    @abstractmethod
    async def _end(self) -> None:
        """Stop the stream."""

    @abstractmethod
    def _check_linked(self) -> None:
        """Raise LinkError without a link."""

    async def _run(self) -> None:
        if not self._runs:
            await self._begin()
            self._runs = True

    async def _rest(self) -> None:
        if self._runs:
            self._runs = False
            await self._end()

    def _entered_anew(self, *, keeps_zero: bool) -> None:
        """Begin a connection: nothing streams, and the zero of a device that may have been off is gone."""
        if not self._was_connected:
            logger.info(
                "%s: the driver for a %s is not verified on hardware", self._tool_name, self._capabilities.title
            )
        self._was_connected = True
        self._runs = self._tells = False
        self._is_anew = not keeps_zero
        if not keeps_zero:
            self._scale.lose_zero()

    def _measured(self, raw_n: tuple[float, ...], first_us: int, period_us: int, *, lost: int = 0) -> None:
        """Take what the device measured, its newtons; `lost` packets are missing before it."""
        forces_n, beyond = self._scale.weighed(raw_n)
        self._sequence = (self._sequence + 1 + lost) % _SEQUENCES
        if not self._tells:
            return
        status = Status.SATURATED if beyond else Status.NONE
        if self._scale.has_zero:
            status |= Status.TARED
        if self._is_battery_low:
            status |= Status.BATTERY_LOW
        anew, self._is_anew = self._is_anew, False
        self._on_force(ForceBlock(self._sequence, first_us, period_us, forces_n, status, anew))


_SEQUENCES = 1 << 16
