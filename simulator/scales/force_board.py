"""A simulated PitchSix Force Board: the published services and bytes, in whole pounds."""

from collections.abc import Iterable
from typing import Final

from bumble.core import UUID
from bumble.gatt import Service

from firmware_bridge import wire_force_board as wire
from firmware_bridge.units import NEWTONS_PER_LB
from simulator.advertisement import advertising_bytes
from simulator.force_source import ForceSource
from simulator.gatt_profile import battery, device_information, written_value
from simulator.load_cell import CellTraits
from simulator.radio import Radio
from simulator.scales.notifier import Notifier
from simulator.scales.simulated_scale import SimulatedScale
from simulator.tool_clock import ToolClock

FIRMWARE_REVISION: Final = "1.0 (simulated)"
SAMPLES_A_PACKET: Final = 8
BATTERY_PERCENT: Final = 80


class SimulatedForceBoard(SimulatedScale):
    """One board. `modes` is all that was written to its mode; `pieces`: how many notifications a frame is cut into."""

    rate_hz = 80
    traits = CellTraits(capacity_n=500 * NEWTONS_PER_LB, noise_n=0.1)

    def __init__(
        self,
        radio: Radio,
        force: ForceSource,
        *,
        seed: int = 0,
        clock: ToolClock | None = None,
        pushes_negative: bool = False,
    ) -> None:
        super().__init__(radio, force, seed=seed, clock=clock, pushes_negative=pushes_negative)
        self.modes: list[bytes] = []
        self.pieces = 1
        self._notifier = Notifier(wire.FORCE)
        self._zero_n = self._newest_n = 0.0
        self._samples: list[float] = []

    @property
    def name(self) -> str:
        """The name that it advertises."""
        return wire.NAME_PREFIX

    async def start(self) -> None:
        """Switch on."""
        await super().start()
        self._notifier.attach(self.device)

    def send_raw(self, value: bytes) -> None:
        """Send these bytes as a notification."""
        self._notifier.notify(value)

    def _services(self) -> Iterable[Service]:
        force = [self._notifier.characteristic, written_value(wire.TARE, lambda _data: self._tare())]
        return [
            Service(UUID(wire.FORCE_SERVICE), force),
            Service(UUID(wire.MODE_SERVICE), [written_value(wire.MODE, self._set_mode)]),
            device_information("PitchSix", self.name, "FB0001", FIRMWARE_REVISION),
            battery(lambda: BATTERY_PERCENT),
        ]

    def _advertisement(self) -> bytes:
        return advertising_bytes(name=self.name)

    def _switched_on(self) -> None:
        self.modes.append(wire.IDLE)
        self._zero_n = 0.0

    def _set_mode(self, data: bytes) -> None:
        self.modes.append(data)
        self._samples.clear()
        if data == wire.TARE_MODE:
            self._tare()

    def _tare(self) -> None:
        self._zero_n = self._newest_n

    def _sampled(self, force_n: float, at_us: int) -> None:
        del at_us
        self._newest_n = force_n
        if self.modes[-1] != wire.STREAM or not self._notifier.is_connected:
            return
        self._samples.append(force_n - self._zero_n)
        if len(self._samples) >= SAMPLES_A_PACKET:
            frame = wire.encode(tuple(self._samples))
            self._samples.clear()
            size = -(-len(frame) // self.pieces)
            for start in range(0, len(frame), size):
                self._notifier.notify(frame[start : start + size])
