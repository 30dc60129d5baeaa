import pytest

from simulator.tool_clock import ToolClock


@pytest.mark.parametrize("ppm", [0.0, 200.0, -200.0, 37.5])
@pytest.mark.parametrize("offset_us", [0, 2**32 - 5_000_000])
def test_host_and_device_times_convert_to_and_fro(ppm: float, offset_us: int):
    clock = ToolClock(power_up_ns=123_456_789, offset_us=offset_us, ppm=ppm)
    for elapsed_us in (0, 1, 10_000, 999_999, 3_600_000_000):
        at_ns = clock.host_ns(offset_us + elapsed_us)
        assert clock.device_us(at_ns) == offset_us + elapsed_us
        assert clock.device_us(at_ns - 1) < offset_us + elapsed_us


def test_a_fast_clock_gains():
    clock = ToolClock(ppm=100.0)
    assert clock.device_us(10_000_000_000) == 10_001_000


def test_a_clock_without_drift_is_exact():
    assert ToolClock(power_up_ns=7).host_ns(1_000_000) == 1_000_000_007
