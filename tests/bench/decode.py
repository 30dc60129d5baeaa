"""Decoding a Force notification."""

import timeit

from firmware_bridge import wire
from firmware_bridge.tool import ForceBlock, Status

PACKETS = 100_000


def report() -> list[str]:
    """Return the figures as lines."""
    lines = []
    for samples in (5, 10):
        packet = wire.encode_force(ForceBlock(1, 2, 10_000, tuple(20.0 + i for i in range(samples)), Status.TARED))
        best_s = min(timeit.repeat(lambda packet=packet: wire.decode_force(packet), number=PACKETS, repeat=5))
        lines.append(f"decoding a packet of {samples} samples: {best_s / PACKETS * 1e6:.2f} µs")
    return lines
