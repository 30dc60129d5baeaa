"""A simulated Tindeq Progressor: the published service, commands and bytes."""

import asyncio
from collections.abc import Iterable
from typing import Final

from bumble.core import UUID
from bumble.device import Connection, Device
from bumble.gatt import Service

from firmware_bridge import wire_progressor as wire
from firmware_bridge.units import NEWTONS_PER_KG
from simulator.advertisement import advertising_bytes
from simulator.force_source import ForceSource
from simulator.gatt_profile import written_value
from simulator.load_cell import CellTraits
from simulator.radio import Radio
from simulator.scales.notifier import Notifier
from simulator.scales.simulated_scale import SimulatedScale
from simulator.tool_clock import ToolClock

FIRMWARE_REVISION: Final = "1.0 (simulated)"
BATTERY_MV: Final = 3900
_LAST_WORDS_S: Final = 0.5
SAMPLES_A_PACKET: Final = 8
"""A tenth of a second at 80 Hz."""


class SimulatedProgressor(SimulatedScale):
    """One Progressor. `commands` is every byte it was ever told; `pieces`: how many notifications a frame is cut into.

    `low_power` has it say that its battery is empty, and switch off. `counter_us`: where its counter begins at each
    start, 0 in a real one. `revision`: what it answers when asked for its firmware.
    """

    rate_hz = 80
    traits = CellTraits(capacity_n=150 * NEWTONS_PER_KG, noise_n=0.02)

    def __init__(
        self,
        radio: Radio,
        force: ForceSource,
        *,
        seed: int = 0,
        clock: ToolClock | None = None,
        pushes_negative: bool = False,
        counter_us: int = 0,
        revision: str = FIRMWARE_REVISION,
    ) -> None:
        super().__init__(radio, force, seed=seed, clock=clock, pushes_negative=pushes_negative)
        self.commands: list[int] = []
        self.pieces = 1
        self.samples_a_packet = SAMPLES_A_PACKET
        self._digits = f"{1000 + seed % 9000}"
        self._counter_us = counter_us
        self._revision = revision
        self._began_us: int | None = None
        self._newest_us = 0
        self._zero_n = 0.0
        self._newest_n = 0.0
        self._samples: list[wire.Weight] = []
        self._notifier = Notifier(wire.DATA)

    @property
    def name(self) -> str:
        """The name that it advertises."""
        return f"Progressor_{self._digits}"

    async def start(self) -> None:
        """Switch on."""
        await super().start()
        self._notifier.attach(self.device)
        self.device.on(Device.EVENT_CONNECTION, self._linked)

    async def low_power(self) -> None:
        """Say that the battery is empty, and switch off."""
        self._send(wire.encode(wire.LowPower()))
        await asyncio.sleep(_LAST_WORDS_S)
        self._radio.faults.disconnect(self.address)
        self._radio.faults.power_cut(self.address)

    def send_raw(self, value: bytes) -> None:
        """Send these bytes as a notification."""
        self._notifier.notify(value)

    def _services(self) -> Iterable[Service]:
        control = written_value(wire.CONTROL, self._commanded)
        return [Service(UUID(wire.SERVICE), [self._notifier.characteristic, control])]

    def _advertisement(self) -> bytes:
        # A 128-bit UUID leaves room for eight letters: the maker's advertises its name.
        return advertising_bytes(name=self.name)

    def _switched_on(self) -> None:
        self._stopped()
        self._zero_n = 0.0

    def _linked(self, connection: Connection) -> None:
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._stopped())

    def _stopped(self) -> None:
        self._began_us = None
        self._samples.clear()

    def _commanded(self, data: bytes) -> None:
        self.commands.extend(data)
        match int.from_bytes(data):
            case wire.Command.START:
                self._began_us = self._newest_us
                self._samples.clear()
            case wire.Command.STOP:
                self._stopped()
            case wire.Command.TARE:
                self._zero_n = self._newest_n
            case wire.Command.FIRMWARE_VERSION:
                self._send(wire.encode(wire.Reply(self._revision.encode())))
            case wire.Command.BATTERY:
                self._send(wire.encode(wire.Reply(BATTERY_MV.to_bytes(4, "little"))))
            case _:
                pass

    def _sampled(self, force_n: float, at_us: int) -> None:
        self._newest_us, self._newest_n = at_us, force_n
        if self._began_us is None:
            return
        counter_us = (at_us - self._began_us + self._counter_us) % (1 << 32)
        self._samples.append(wire.Weight(force_n - self._zero_n, counter_us))
        if len(self._samples) >= self.samples_a_packet:
            self._send(wire.encode(wire.Weights(tuple(self._samples))))
            self._samples.clear()

    def _send(self, frame: bytes) -> None:
        size = -(-len(frame) // self.pieces)
        for start in range(0, len(frame), size):
            self._notifier.notify(frame[start : start + size])
