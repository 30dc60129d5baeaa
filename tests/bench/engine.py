"""What one `step` costs for each sample, with the discomfort model and without it."""

from dataclasses import replace
from time import perf_counter

from protocols.commands import Phase
from protocols.discomfort import Belief, Discomfort
from protocols.engine import step
from protocols.events import Answered, Armed, HistoryLoaded, Sampled, Tared, ToolConnected, ToolFacts
from protocols.plan import Compress, Dose, Protocol
from protocols.session import Session
from protocols.site import Site

PERIOD_NS = 10_000_000
SAMPLES = 900
ROUNDS = 15
FORCE_N = 18.0
PROTOCOL = Protocol("bench", "Bench", (Compress(Dose(credited_s=90)),))
SITE = Site.named("upper-trapezius-left")
TOOL = ToolFacts("bench", 200.0, 11.3, 0.01, PERIOD_NS)
SAMPLES_A_PACKET = (5, 10)


class Constant(Discomfort):
    """A belief that reckons nothing: what is left is the engine's own cost."""

    __slots__ = ()

    def sampled(self, first_ns: int, period_ns: int, forces_n: tuple[float, ...]):
        return self, (_BELIEF,) * len(forces_n)

    def force_n(self, rating: float) -> float:
        return FORCE_N * rating / 5.5

    def at_most_n(self, force_n: float, rating: float, chance: float) -> float:
        return force_n


_BELIEF = Belief(5.5, 0.5, 0.9, 0.01, 0.001)


def report() -> list[str]:
    """Return the figures as lines: the best of some rounds in a hold."""
    lines = []
    for count in SAMPLES_A_PACKET:
        for name, with_model in (("without the discomfort model", False), ("with it", True)):
            us = _us_a_sample(count, with_model=with_model)
            lines.append(f"one step of {count} samples, {name}: {us:.2f} µs a sample, {us * count:.1f} µs a packet")
    return lines


def _us_a_sample(count: int, *, with_model: bool) -> float:
    session = _in_hold(count)
    if not with_model:
        estimate = session.estimate
        fields = [getattr(estimate, name) for name in Discomfort.__slots__]
        session = replace(session, estimate=Constant(*fields))
    packets = _packets(session.now_ns, count)
    times = []
    for _ in range(ROUNDS):
        running = session
        began = perf_counter()
        for packet in packets:
            running, _ = step(running, packet)
        times.append(perf_counter() - began)
        assert running.phase is Phase.HOLD
    return min(times) / SAMPLES * 1e6


def _in_hold(count: int) -> Session:
    session, now_ns = Session.begin(PROTOCOL, SITE), 0
    for event in (HistoryLoaded(0), ToolConnected(0, TOOL), Tared(0, 0.0), Armed(0, 40.0, 100.0)):
        session, _ = step(session, event)
    for packet in _packets(now_ns, count)[: 600 // count]:
        session, _ = step(session, packet)
    session, _ = step(session, Answered(session.now_ns, session.now_ns, 5, "bench"))
    assert session.phase is Phase.HOLD
    return session


def _packets(after_ns: int, count: int) -> list[Sampled]:
    packets = []
    for i in range(SAMPLES // count):
        first_ns = after_ns + PERIOD_NS + i * count * PERIOD_NS
        forces = tuple(FORCE_N + 0.01 * ((i * count + j) % 7) for j in range(count))
        packets.append(Sampled(first_ns + (count - 1) * PERIOD_NS, first_ns, PERIOD_NS, forces))
    return packets
