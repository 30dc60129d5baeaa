"""What a packet costs in each driver, from the Bluetooth stack's callback to the link's door."""

import asyncio
import timeit
from collections.abc import Callable, Iterator

from bleak.backends.device import BLEDevice

from firmware_bridge import wire, wire_force_board, wire_progressor, wire_whc06
from firmware_bridge.drivers import DRIVERS
from firmware_bridge.tool import ForceBlock, Signal, Status
from firmware_bridge.wire_progressor import Weight, Weights

PACKETS = 5_000
SAMPLES = 8


def report() -> list[str]:
    """Return the figures as lines."""
    return asyncio.run(_measured())


async def _measured() -> list[str]:
    lines = []
    for kind, (samples, packets) in _PACKETS.items():
        best_s = min(_timed(kind, list(packets(PACKETS))) for _ in range(5))
        lines.append(f"driver {kind}: {best_s / PACKETS * 1e6:.1f} µs for a packet of {samples} samples")
    return lines


def _timed(kind: str, packets: list[bytes]) -> float:
    told: list[Signal] = []
    tool = DRIVERS[kind].make(BLEDevice("C0:00:00:00:00:01", kind, None), on_signal=told.append)
    take = _ENTRANCES[kind](tool)
    first, *rest = packets
    take(first)
    if kind != "holdwell":
        tool._tells = True  # type: ignore[attr-defined] # as after `start`, which needs a link
    told.clear()

    def run() -> None:
        for packet in rest:
            take(packet)

    seconds = timeit.timeit(run, number=1)
    assert len(told) == len(rest), (kind, len(told))
    return seconds


def _holdwell(count: int) -> Iterator[bytes]:
    for k in range(count):
        block = ForceBlock(k % 65536, k * 80_000 % 2**32, 10_000, tuple(20.0 + i for i in range(SAMPLES)), Status.TARED)
        yield wire.encode_force(block)


def _progressor(count: int) -> Iterator[bytes]:
    for k in range(count):
        times = (k * SAMPLES * 12_500 + i * 12_500 for i in range(SAMPLES))
        yield wire_progressor.encode(Weights(tuple(Weight(20.0, at_us % 2**32) for at_us in times)))


def _whc06(count: int) -> Iterator[bytes]:
    for k in range(count):
        yield wire_whc06.encode(wire_whc06.Reading(20.0, held=False, counter=k % 65536), bytes(6))


def _force_board(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield wire_force_board.encode((20.0,) * SAMPLES)


_PACKETS: dict[str, tuple[int, Callable[[int], Iterator[bytes]]]] = {
    "holdwell": (SAMPLES, _holdwell),
    "progressor": (SAMPLES, _progressor),
    "whc06": (1, _whc06),
    "force-board": (SAMPLES, _force_board),
}
_ENTRANCES = {
    "holdwell": lambda tool: lambda data: tool._received(tool._sensed, data),
    "progressor": lambda tool: tool._notified,
    "whc06": lambda tool: tool._heard,
    "force-board": lambda tool: tool._notified,
}
