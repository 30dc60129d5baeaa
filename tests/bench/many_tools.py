"""How many streaming tools one process holds on one core: packet sent to cues out, against bleak's bare callback.

The tools and their radio are another process, so that what is measured is the app. Each tool is a Progressor that
sends eight samples ten times a second; each has a driver, a link and an engine of its own.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import quantiles
from typing import Any

from bleak import BleakClient
from bumble.core import UUID
from bumble.gatt import Service

from controller.clock import SystemClock
from controller.link_events import event_of
from firmware_bridge import discovery, wire_progressor
from firmware_bridge.drivers import DRIVERS
from firmware_bridge.link import Link
from firmware_bridge.link_news import LinkNews
from firmware_bridge.tool import OnSignal, Tool
from firmware_bridge.wire_progressor import Command, Weight, Weights
from protocols.engine import step
from protocols.events import Event, HistoryLoaded, Sampled, Tared
from protocols.schema import load_protocol
from protocols.session import Session
from protocols.site import Site
from simulator.advertisement import advertising_bytes
from simulator.gatt_profile import written_value
from simulator.radio import Radio, open_adapter
from simulator.scales.notifier import Notifier

COUNTS = (1, 16, 32, 64, 96)
MOST_P99_MS = 20.0
SECONDS = 6.0
PERIOD_S = 0.1
SAMPLES = 8
LOW_N, HIGH_N = 10.0, 90.0
"""By turns, a packet each: above the limit and below it again before it is a reason to end."""

CLOCK = SystemClock()


def report() -> Iterator[str]:
    """Give the figures as lines, each when it is known."""
    for count in COUNTS:
        bare_ms, _ = _in_processes(count, "bare")
        cues_ms, busy = _in_processes(count, "whole")
        p99_ms = quantiles(cues_ms, n=100)[98]
        yield (
            f"{count} tools at 80 Hz on one core, {busy:.0%} busy: sent to cues out {_words(cues_ms)}, "
            f"to bleak's bare callback {_words(bare_ms)} (n = {len(cues_ms)})"
        )
        if p99_ms > MOST_P99_MS:
            break


def _in_processes(count: int, what: str) -> tuple[list[float], float]:
    command = [sys.executable, "-m", "tests.bench.many_tools"]
    with subprocess.Popen([*command, "tools", str(count)], stdout=subprocess.PIPE, text=True) as tools:
        assert tools.stdout is not None
        where = tools.stdout.readline().strip()
        said = subprocess.run([*command, what, where, str(count)], stdout=subprocess.PIPE, text=True, check=True).stdout
        tools.terminate()
    busy, *values = said.split()
    return [float(value) for value in values], float(busy)


async def _be_tools(count: int) -> None:
    async with Radio() as radio:
        notifiers, streaming = [], set()

        def commanded(index: int, data: bytes) -> None:
            (streaming.add if data[0] == Command.START else streaming.discard)(index)

        for index in range(count):
            notifier = Notifier(wire_progressor.DATA)
            control = written_value(wire_progressor.CONTROL, lambda data, index=index: commanded(index, data))  # type: ignore[misc]
            service = Service(UUID(wire_progressor.SERVICE), [notifier.characteristic, control])
            name = f"Progressor_{1000 + index}"
            device = await radio.add_peripheral(name, [service], advertising_data=advertising_bytes(name=name))
            notifier.attach(device)
            notifiers.append(notifier)
        offer = await radio.offer("127.0.0.1:0")
        sys.stdout.write(f"{offer.address}\n")
        sys.stdout.flush()
        loop = asyncio.get_running_loop()
        turn = 0
        began_s = loop.time()
        while True:
            await asyncio.sleep(max(0, began_s + turn * PERIOD_S / count - loop.time()))
            index, turn = turn % count, turn + 1
            if index in streaming:
                force_n = HIGH_N if turn // count % 2 else LOW_N
                notifiers[index].notify(_packet(force_n))


def _packet(force_n: float) -> bytes:
    sent_us = CLOCK.now_ns() // 1000
    times = (sent_us - (SAMPLES - 1 - k) * 12_500 for k in range(SAMPLES))
    return wire_progressor.encode(Weights(tuple(Weight(force_n, at_us % 2**32) for at_us in times)))


def _sent_ms_ago(data: bytes) -> float:
    sent_us = int.from_bytes(data[-4:], "little")
    return (CLOCK.now_ns() // 1000 - sent_us) % 2**32 / 1000


async def _be_app(what: str, where: str, count: int) -> None:
    async with await open_adapter(f"tcp-client:{where}") as adapter:
        values: list[float] = []
        measuring = asyncio.Event()
        ends: list[Callable[[], Any]] = []
        for index in range(count):
            found = await discovery.find(f"Progressor_{1000 + index}", adapter.backend, 60.0)
            if what == "bare":
                ends.append(await _bare(found.device, adapter.backend.client, values, measuring))
            else:
                ends.append(await _whole(found, adapter.backend, values, measuring))
        await asyncio.sleep(1)
        measuring.set()
        busy_s, began_ns = time.process_time(), CLOCK.now_ns()
        await asyncio.sleep(SECONDS)
        busy = (time.process_time() - busy_s) / ((CLOCK.now_ns() - began_ns) * 1e-9)
        sys.stdout.write(f"{busy} {' '.join(f'{value:.3f}' for value in values)}\n")
        sys.stdout.flush()
        os._exit(0)


async def _bare(device: Any, client: Any, values: list[float], measuring: asyncio.Event) -> Callable[[], Any]:
    connected = BleakClient(device, backend=client)
    await connected.connect()

    def received(_: object, data: bytearray) -> None:
        if measuring.is_set():
            values.append(_sent_ms_ago(data))

    await connected.start_notify(wire_progressor.DATA, received)
    await connected.write_gatt_char(wire_progressor.CONTROL, bytes([Command.START]), response=True)
    return connected.disconnect


async def _whole(found: Any, backend: Any, values: list[float], measuring: asyncio.Event) -> Callable[[], Any]:
    session = Session.begin(load_protocol("single-dose"), Site.named("upper-trapezius-left"))
    newest = b""

    def take(event: Event) -> None:
        nonlocal session
        session, _ = step(session, event)
        # A cue goes out here, if the packet asks for one.
        if measuring.is_set() and isinstance(event, Sampled):
            values.append(_sent_ms_ago(newest))

    def heard(news: LinkNews) -> None:
        event = event_of(news, "bench", CLOCK.now_ns())
        if event is not None:
            take(event)

    def make(on_signal: OnSignal) -> Tool:
        tool = DRIVERS["progressor"].make(found.device, on_signal=on_signal, radio=backend)
        inner = tool._notified  # type: ignore[attr-defined]

        def notified(data: bytes) -> None:
            nonlocal newest
            newest = data
            inner(data)

        tool._notified = notified  # type: ignore[attr-defined]
        return tool

    take(HistoryLoaded(CLOCK.now_ns()))
    link = Link(make, on_news=heard, now_ns=CLOCK.now_ns)
    running = asyncio.create_task(link.run())
    while not link.tool.is_connected or session.tool is None:  # noqa: ASYNC110 - a bench
        await asyncio.sleep(0.005)
    take(Tared(CLOCK.now_ns(), 0.0))
    await link.stream()
    return running.cancel


def _words(values_ms: list[float]) -> str:
    cuts = quantiles(values_ms, n=100)
    return f"p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms"


if __name__ == "__main__":
    cores = sorted(os.sched_getaffinity(0))
    if sys.argv[1] == "tools":
        os.sched_setaffinity(0, {cores[0]})
        asyncio.run(_be_tools(int(sys.argv[2])))
    else:
        os.sched_setaffinity(0, {cores[-1]})
        asyncio.run(_be_app(sys.argv[1], sys.argv[2], int(sys.argv[3])))
