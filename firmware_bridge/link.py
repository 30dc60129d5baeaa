"""Looking after one tool's link: connect, stream, keep the heartbeat going, connect again, give up in time.

    connecting ──► connected ──stream()──► streaming ──drop──► reconnecting ──first packet──► streaming
        │              │                                            │
        └──────────────┴────── out of attempts or time ─────────────┴──► failed (the end)

Streaming begins when it is asked for, so that a tool can be tared and armed before the first sample counts.

What happens goes to one callback as values. Nothing here knows of sessions or doses.
"""

import asyncio
from collections.abc import Callable
from typing import Final, assert_never

from firmware_bridge.errors import LinkError, PairingError, ToolError, UnsupportedToolError
from firmware_bridge.heartbeat import HEARTBEAT_LIMIT_MS, Heartbeat
from firmware_bridge.link_news import OnNews
from firmware_bridge.link_telling import Telling
from firmware_bridge.tool import DeviceInformation, Dropped, ForceBlock, OnSignal, Signal, Tool, ToolCue, ToolEvent

RECONNECT_LIMIT_S: Final = 60.0
"""After this long a session without its tool is over (the dose's rules on a lost link)."""

FIRST_CONNECT_LIMIT_S: Final = 60.0
FIRST_CONNECT_ATTEMPTS: Final = 3
RECONNECT_ATTEMPT_LIMIT_S: Final = 15.0
"""Several times what connecting to a bonded tool takes; then a fresh start is worth more than waiting."""

RETRY_PAUSE_S: Final = 0.5
NS_PER_S: Final = 1_000_000_000
FIRST_PACKET_LIMIT_S: Final = 2.0
"""A tool that streams sends a packet at least every 0.1 s."""


class Link:
    """Supervises one tool from `run`'s start to its end.

    `make_tool` gets the link's signal handler and gives the driver. `on_news` is called in order, from the
    Bluetooth stack's callback among others: it must only queue. `now_ns` is the host's clock. Requests
    (`tare`, `arm`, ...) raise ToolError, LinkError at once while there is no link.
    """

    def __init__(
        self,
        make_tool: Callable[[OnSignal], Tool],
        *,
        on_news: OnNews,
        now_ns: Callable[[], int],
        rate_hz: int = 100,
        reconnect_limit_s: float = RECONNECT_LIMIT_S,
    ) -> None:
        self._tool = make_tool(self._signalled)
        self._heart = Heartbeat(self._tool)
        self._telling = Telling(on_news, now_ns, self._heart)
        self._rate_hz = rate_hz
        self._reconnect_limit_s = reconnect_limit_s
        self._broken = asyncio.Event()
        self._wanted = asyncio.Event()
        self._is_up = False

    @property
    def tool(self) -> Tool:
        """The driver, for its name, address and features."""
        return self._tool

    @property
    def is_up(self) -> bool:
        """Whether the tool is connected and streams."""
        return self._telling.streams.is_set()

    @property
    def packets_lost(self) -> int:
        """How many packets of force never came."""
        return self._telling.arrivals.packets_lost

    @property
    def packets_stale(self) -> int:
        """How many packets came twice or too late, and were left out."""
        return self._telling.arrivals.packets_stale

    async def run(self) -> None:
        """Connect and keep connected until failure or cancellation.

        A failure is told as Failed, not raised. However it ends, the link is let go of in bounded time; the
        tool is not disarmed by that: who wants it disarmed says so before.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                heart = tasks.create_task(self._heart.run(), name="heartbeat")
                try:
                    await self._supervise()
                finally:
                    heart.cancel()
        finally:
            self._telling.streams.clear()
            await self._tool.disconnect()

    async def information(self) -> DeviceInformation:
        """Read who made the tool and how full its battery is."""
        return await self._tool.information()

    async def tare(self, averaging_ms: int) -> float:
        """Set the zero; return the offset in newtons."""
        return await self._tool.tare(averaging_ms)

    async def arm(self, force_limit_n: float, hold_limit_s: float) -> None:
        """Let the tool guard by itself, and keep the heartbeat going from now on."""
        await self._tool.arm(force_limit_n, hold_limit_s, HEARTBEAT_LIMIT_MS)
        self._heart.begin()

    async def disarm(self) -> None:
        """Let the tool stop guarding; the heartbeat ends when it has."""
        await self._tool.disarm()
        self._heart.end()

    async def stream(self) -> None:
        """Start streaming, now and after every drop; further calls change nothing."""
        self._wanted.set()

    async def cue(self, cue: ToolCue, strength: int = 255, duration_ms: int = 0) -> None:
        """Play a cue; waits for no other request."""
        await self._tool.cue(cue, strength, duration_ms)

    async def identify(self) -> None:
        """Make the tool noticeable."""
        await self._tool.identify()

    async def _supervise(self) -> None:
        failure = await self._connect_first()
        while failure is None:
            if await self._broke_before_wanted() or not await self._started():
                self._tell_down()
                failure = await self._reconnect()
        self._telling.failed(failure)

    async def _connect_first(self) -> str | None:
        problem = f"{self._tool.name}: did not answer; is it switched on and near?"
        try:
            async with asyncio.timeout(FIRST_CONNECT_LIMIT_S):
                for attempt in range(FIRST_CONNECT_ATTEMPTS):
                    if attempt:
                        await asyncio.sleep(RETRY_PAUSE_S)
                    try:
                        await self._connect(FIRST_CONNECT_LIMIT_S)
                    except (PairingError, UnsupportedToolError) as error:
                        return str(error)
                    except ToolError as error:
                        problem = str(error)
                    else:
                        return None
        except TimeoutError:
            return problem
        return problem

    async def _reconnect(self) -> str | None:
        problem = "did not answer"
        try:
            async with asyncio.timeout(self._reconnect_limit_s):
                while True:
                    try:
                        await self._connect(RECONNECT_ATTEMPT_LIMIT_S)
                    except (PairingError, UnsupportedToolError) as error:
                        return str(error)
                    except ToolError as error:
                        problem = error.problem
                        self._telling.away(str(error))
                        await asyncio.sleep(RETRY_PAUSE_S)
                    else:
                        return None
        except TimeoutError:
            limit_s = self._reconnect_limit_s
            return f"{self._tool.name}: the link was lost, and not back in {limit_s:g} s: {problem}"

    async def _connect(self, limit_s: float) -> None:
        self._telling.streams.clear()
        self._broken.clear()
        self._is_up = False
        try:
            async with asyncio.timeout(limit_s):
                await self._tool.connect()
        except TimeoutError as error:
            raise LinkError(self._tool.name, f"was not connected within {limit_s:g} s") from error
        self._is_up = True
        if not self._telling.was_connected:
            features = self._tool.features
            rate_hz = min(max(self._rate_hz, features.min_rate_hz), features.max_rate_hz)
            self._telling.connected(features, round(NS_PER_S / rate_hz))
        elif self._wanted.is_set():
            await self._start()
        else:
            # Without packets nothing tells a reboot, so it is assumed.
            self._telling.restored(rebooted=True)

    async def _start(self) -> None:
        try:
            await self._tool.start(self._rate_hz)
            async with asyncio.timeout(FIRST_PACKET_LIMIT_S):
                await self._telling.streams.wait()
        except TimeoutError as error:
            raise LinkError(self._tool.name, "streams nothing; switch it off and on") from error
        except ToolError:
            # The first packet may come before the answer that then never comes.
            self._tell_down()
            raise

    async def _started(self) -> bool:
        """Start streaming unless it runs; return whether it does."""
        if self._telling.streams.is_set():
            return True
        try:
            await self._start()
        except ToolError:
            return False
        return True

    async def _broke_before_wanted(self) -> bool:
        """Wait until streaming is to begin, or the link breaks; return whether it broke."""
        waits = [asyncio.ensure_future(self._broken.wait())]
        if not self._telling.streams.is_set():
            waits.append(asyncio.ensure_future(self._wanted.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return self._broken.is_set()

    def _signalled(self, signal: Signal) -> None:
        match signal:
            case ForceBlock():
                self._telling.block(signal)
            case ToolEvent():
                self._telling.event(signal)
            case Dropped.LINK:
                # Until it is up, whoever is connecting is told by what that raises.
                if self._is_up:
                    self._broken.set()
            case _:
                assert_never(signal)

    def _tell_down(self) -> None:
        self._is_up = False
        self._telling.down()
