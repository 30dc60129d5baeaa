"""Force packets: samples gathered until a notification is full (tool profile, Force notification)."""

from firmware_bridge.tool import Features, ForceBlock, Status
from firmware_bridge.wire import encode_force, samples_for_mtu
from simulator.tool_output import Channel, Send

DEFAULT_RATE_HZ = 100
"""Sampling rate until a client asks for another."""

PACKET_US = 50_000
"""Time that a packet covers where MTU and rate allow; the profile's longest is 100 ms. A design choice."""

DEFAULT_MTU = 23


class Stream:
    """Rate, MTU and the packet being filled. Packets and samples exist only while somebody is subscribed."""

    def __init__(self, features: Features) -> None:
        self._features = features
        self._mtu = DEFAULT_MTU
        self._asked = self._subscribed = False
        self._forces_n: list[float] = []
        self._first_us = 0
        self._trouble = Status.NONE
        self._sequence = 0
        self.is_on = False
        self.period_us = self.samples_per_packet = 0
        self.set_rate(DEFAULT_RATE_HZ)

    def set_rate(self, rate_hz: int) -> int:
        """Sample at this rate, or the nearest that Features allow; return it, hertz."""
        actual_hz = min(max(rate_hz, self._features.min_rate_hz), self._features.max_rate_hz)
        self.period_us = round(1e5 / actual_hz) * 10  # the wire says periods in 10 µs
        self.set_mtu(self._mtu)
        return actual_hz

    def set_mtu(self, mtu: int) -> None:
        """Fill packets no further than this ATT MTU allows."""
        self._mtu = mtu
        self.samples_per_packet = min(max(1, PACKET_US // self.period_us), samples_for_mtu(mtu))

    def ask(self, *, on: bool) -> None:
        """Start or stop."""
        self._asked = on
        self._switch()

    def subscribe(self, *, on: bool) -> None:
        """Take or end the subscription."""
        self._subscribed = on
        self._switch()

    def sampled(self, force_n: float, trouble: Status, now_us: int) -> bool:
        """Add a sample, newtons or NaN; return whether the packet is full."""
        if not self._forces_n:
            self._first_us, self._trouble = now_us, trouble
        elif trouble:
            self._trouble |= trouble
        self._forces_n.append(force_n)
        return len(self._forces_n) >= self.samples_per_packet

    def flush(self, status: Status) -> list[Send]:
        """Send what is there, with this status beside the samples' own."""
        if not self._forces_n:
            return []
        block = ForceBlock(
            sequence=self._sequence,
            first_us=self._first_us & 0xFFFFFFFF,
            period_us=self.period_us,
            forces_n=tuple(self._forces_n),
            status=self._trouble | status,
        )
        self._forces_n.clear()
        self._sequence = (self._sequence + 1) & 0xFFFF
        return [Send(Channel.FORCE, encode_force(block))]

    def _switch(self) -> None:
        self.is_on = self._asked and self._subscribed
        if not self.is_on:
            self._forces_n.clear()
