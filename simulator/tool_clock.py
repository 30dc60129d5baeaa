"""The clock of a simulated device, in integers."""

from dataclasses import dataclass

_BILLION = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ToolClock:
    """A µs counter that reads `offset_us` at host time `power_up_ns` and runs `ppm` parts per million fast."""

    power_up_ns: int = 0
    offset_us: int = 0
    ppm: float = 0.0

    def device_us(self, host_ns: int) -> int:
        """Return the counter, unwrapped, at a host time: the last whole µs."""
        elapsed_ns = (host_ns - self.power_up_ns) * (_BILLION + self._ppb) // _BILLION
        return self.offset_us + elapsed_ns // 1000

    def host_ns(self, device_us: int) -> int:
        """Return the host time at which the counter comes to a value: `device_us(host_ns(x)) == x`."""
        elapsed_ns = (device_us - self.offset_us) * 1000
        # Rounded up, so that the counter has come to the value by then.
        return self.power_up_ns - (-elapsed_ns * _BILLION) // (_BILLION + self._ppb)

    @property
    def _ppb(self) -> int:
        return round(self.ppm * 1000)
