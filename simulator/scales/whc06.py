"""A simulated WH-C06 hook scale: nobody connects to it, it advertises each reading."""

from collections.abc import Iterable
from typing import Final

from bumble.gatt import Service

from firmware_bridge import wire_whc06 as wire
from firmware_bridge.units import NEWTONS_PER_KG
from simulator.advertisement import advertising_bytes
from simulator.force_source import ForceSource
from simulator.load_cell import CellTraits
from simulator.radio import Radio
from simulator.scales.simulated_scale import SimulatedScale
from simulator.tool_clock import ToolClock

_REPEAT_MS: Final = 10_000.0
"""It also says its last reading again, so seldom that it does not matter."""

_COUNTERS: Final = 1 << 16


class SimulatedWHC06(SimulatedScale):
    """One scale. `unit`: what its display is set to; `held`: whether it keeps the value that it showed then."""

    rate_hz = 8
    traits = CellTraits(capacity_n=300 * NEWTONS_PER_KG, noise_n=0.05)
    _advertising_interval_ms = _REPEAT_MS

    def __init__(
        self,
        radio: Radio,
        force: ForceSource,
        *,
        seed: int = 0,
        clock: ToolClock | None = None,
        pushes_negative: bool = False,
        counter: int = 0,
    ) -> None:
        super().__init__(radio, force, seed=seed, clock=clock, pushes_negative=pushes_negative)
        self.unit = wire.Unit.KG
        self.held = False
        self._first_counter = self._counter = counter
        self._shown_n = 0.0

    @property
    def name(self) -> str:
        """The name that it advertises, as all of its kind do."""
        return wire.LOCAL_NAME

    def send_raw(self, value: bytes) -> None:
        """Advertise this manufacturer data."""
        self._radio.broadcast(self.device, _advertised(value))

    def _services(self) -> Iterable[Service]:
        return []

    def _advertisement(self) -> bytes:
        return _advertised(self._data())

    def _switched_on(self) -> None:
        self._counter = self._first_counter

    def _sampled(self, force_n: float, at_us: int) -> None:
        del at_us
        if not self.held:
            self._shown_n = force_n
        self._counter = (self._counter + 1) % _COUNTERS
        if self._device is not None:
            self._radio.broadcast(self._device, self._advertisement())

    def _data(self) -> bytes:
        address = bytes(6) if self._device is None else bytes(self._device.random_address)[::-1]
        return wire.encode(wire.Reading(self._shown_n, self.held, self._counter), address, self.unit)


def _advertised(data: bytes) -> bytes:
    return advertising_bytes(short_name=wire.LOCAL_NAME, manufacturer_data=(wire.COMPANY_ID, data))
