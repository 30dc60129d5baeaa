"""Packet in to cue out, at 100 packets a second, over the whole stack in one process, in real time."""

import asyncio
import tempfile
from pathlib import Path
from statistics import quantiles
from unittest.mock import patch

from controller.clock import SystemClock
from controller.journal import Journal
from controller.runtime import Runtime
from firmware_bridge.discovery import find
from firmware_bridge.link import Link
from firmware_bridge.link_news import LinkNews, TimedBlock
from firmware_bridge.tool import ToolCue
from firmware_bridge.tools.holdwell import HoldwellTool
from protocols.events import HistoryLoaded
from protocols.schema import load_protocol
from protocols.session import Session
from protocols.site import Site
from simulator import firmware_stream
from simulator.firmware import Firmware
from simulator.peripherals import SimulatedTool
from simulator.radio import Radio
from simulator.tool_output import Actuate

SECONDS = 20
PACKET_US = 10_000
"""One sample a packet: 100 packets a second."""

TOGGLE_NS = 60_000_000
LOW_N, HIGH_N = 10.0, 90.0
"""A force that passes the limit again and again: each time a cue must go out."""


class TogglingForce:
    """Presses too hard, and less, by turns; stays away until the tool was armed."""

    def force_n(self, now_ns: int) -> float:
        return HIGH_N if now_ns // TOGGLE_NS % 2 else LOW_N

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        return []

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        pass


class Between(TogglingForce):
    """The same between two times, and nothing before and after."""

    def __init__(self, from_ns: int, until_ns: int) -> None:
        self._from_ns, self._until_ns = from_ns, until_ns

    def force_n(self, now_ns: int) -> float:
        return super().force_n(now_ns) if self._from_ns < now_ns < self._until_ns else 0.0


class StampedLink(Link):
    """A link that notes when each cue is handed to the radio."""

    cued_ns: list[int]

    async def cue(self, cue: ToolCue, strength: int = 255, duration_ms: int = 0) -> None:
        self.cued_ns.append(SystemClock().now_ns())
        await super().cue(cue, strength, duration_ms)


def report() -> list[str]:
    """Return the figures as lines."""
    with patch.object(firmware_stream, "PACKET_US", PACKET_US):
        steps_ms, cues_ms, packets = asyncio.run(_measured())
    return [
        f"packet in to commands out, {packets / SECONDS:.0f} packets/s: {_words(steps_ms)} (n = {len(steps_ms)})",
        f"packet in to cue handed to the radio: {_words(cues_ms)} (n = {len(cues_ms)})",
    ]


async def _measured() -> tuple[list[float], list[float], int]:
    clock = SystemClock()
    steps_ms: list[float] = []
    waiting: list[int] = []
    urgent_ns: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(f"sqlite:///{Path(folder) / 'journal.sqlite'}", inline=False, utc_now=clock.utc_now)
        async with Radio() as radio:
            await radio.adapter()
            now_ns = clock.now_ns()
            force = Between(now_ns + 2_000_000_000, now_ns + (SECONDS - 1) * 1_000_000_000)
            async with SimulatedTool(radio, Firmware(), force) as tool:
                found = await find(tool.firmware.local_name, radio.backend)
                site, protocol = Site.named("upper-trapezius-left"), load_protocol("single-dose")
                runtime = Runtime(Session.begin(protocol, site), clock, journal)

                def heard(news: LinkNews) -> None:
                    if isinstance(news, TimedBlock):
                        waiting.append(clock.now_ns())
                    runtime.heard(news)

                class Stamp:
                    def give(self, command: object, at_ns: int) -> None:
                        pass

                    def see(self, session: Session) -> None:
                        if session.samples > Stamp.seen:
                            Stamp.seen = session.samples
                            arrived_ns = waiting.pop(0)
                            steps_ms.append((clock.now_ns() - arrived_ns) / 1e6)
                            if session.standing.cue_ns == session.now_ns:
                                urgent_ns.append(arrived_ns)

                    seen = 0

                runtime.add(channels=(Stamp(),))
                link = StampedLink(
                    lambda on_signal: HoldwellTool(found.device, on_signal=on_signal, radio=radio.backend),
                    on_news=heard,
                    now_ns=clock.now_ns,
                )
                link.cued_ns = []
                journal.begin(
                    profile="bench",
                    person="sim:bench",
                    remembered=False,
                    protocol=protocol,
                    site=site,
                    dose_s=45,
                    tool="bench",
                    started_at=clock.utc_now(),
                    origin_ns=clock.now_ns(),
                )
                done = asyncio.Event()
                asyncio.get_running_loop().call_later(SECONDS, done.set)
                await runtime.run(link, HistoryLoaded(clock.now_ns()), keep_logging=done)
        journal.close()
    cues = iter(link.cued_ns)
    cues_ms = []
    cue_ns = next(cues, None)
    for arrived_ns in urgent_ns:
        while cue_ns is not None and cue_ns < arrived_ns:
            cue_ns = next(cues, None)
        if cue_ns is not None:
            cues_ms.append((cue_ns - arrived_ns) / 1e6)
    return steps_ms, cues_ms, len(steps_ms)


def _words(values_ms: list[float]) -> str:
    cuts = quantiles(values_ms, n=100)
    return f"p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms"
