"""One simulated person with a tool in the hand, and a clock: what a trial presses with, without a radio.

The person, the load cell and the button's press recognition are those of the simulated tool. Its alarm at the
force limit belongs to whoever arms it (guided.py).
"""

import copy
from typing import Self

import numpy as np

from firmware_bridge.tool import ButtonPress
from protocols.events import Answered, Event, Press, Pressed, WentOn
from protocols.quasi import Floats
from simulator.firmware_button import Button
from simulator.load_cell import CellTraits, LoadCell
from simulator.person import Person
from simulator.traits import Traits

PERIOD_NS = 10_000_000
PACKET = 10
PERIOD_S = PERIOD_NS * 1e-9
PACKET_S = PACKET * PERIOD_S
STEPS_PER_N = 100
"""The simulated tool at its highest rate: 100 samples a second, ten in a packet, in steps of 0.01 N."""

TARE_SAMPLES = 50

_PRESSES = {
    ButtonPress.SHORT: Press.SHORT,
    ButtonPress.DOUBLE: Press.DOUBLE,
    ButtonPress.LONG: Press.LONG,
}


class World:
    """A person on one day. `force_n` and `discomfort` are the truth at each sample: number i is at (i + 1) periods."""

    def __init__(self, traits: Traits, seed: np.random.SeedSequence) -> None:
        self.person = Person(traits, seed)
        self.now_ns = 0
        self.force_n: list[float] = []
        self.discomfort: list[float] = []
        cell_seed = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, _CELL_STREAM))
        self._cell = LoadCell(CellTraits(), cell_seed)
        self._zero_n = 0.0
        self._raw_n: list[float] = []
        self._button = Button()

    def copied(self) -> Self:
        """Return another world that is the same until now, and goes on the same if it is treated the same."""
        return copy.deepcopy(self)

    def packet(self) -> tuple[float, ...]:
        """Move on by one packet; return what the tool measured, newtons."""
        person, cell = self.person, self._cell
        raw = []
        for _ in range(PACKET):
            self.now_ns += PERIOD_NS
            force_n = person.force_n(self.now_ns)
            assert force_n is not None
            raw.append(cell.read(force_n, self.now_ns // 1000).force_n)
            self.force_n.append(force_n)
            self.discomfort.append(person.discomfort)
        self._raw_n = [*self._raw_n[PACKET - TARE_SAMPLES :], *raw]
        zero_n = self._zero_n
        return tuple([round((value - zero_n) * STEPS_PER_N) / STEPS_PER_N for value in raw])

    def truth(self) -> tuple[Floats, Floats]:
        """Return force, newtons, and discomfort at every sample so far."""
        return np.array(self.force_n), np.array(self.discomfort)

    def tare(self) -> float:
        """Set the tool's zero from the last half second, newtons of the load cell."""
        self._zero_n = sum(self._raw_n) / len(self._raw_n) if self._raw_n else 0.0
        return self._zero_n

    def said(self) -> list[Event]:
        """Return what the person said and pressed since the last call, in the order in which an app learns of it."""
        now_ns = self.now_ns
        presses = []
        for at_ns, down in self.person.button_edges(now_ns):
            presses += self._button.moved(down=down, now_us=at_ns // 1000)
        presses += self._button.due(now_ns // 1000)
        events: list[Event] = [Pressed(now_ns, at_us * 1000, _PRESSES[press], "tool") for press, at_us in presses]
        for given_ns, reply in self.person.replies(now_ns):
            events.append(
                Answered(now_ns, given_ns, reply, "keys") if isinstance(reply, int) else WentOn(now_ns, "keys")
            )
        return events


_CELL_STREAM = 1000
"""Beside the person's own streams, which count from 0."""
