"""The simulated load cell against its own error budget."""

import itertools
import math
from statistics import pstdev

import pytest

from simulator.load_cell import ERROR_FLOOR_N, ERROR_SHARE, CellTraits, LoadCell, SensorFault

PERIOD_US = 10_000


def triangle_n(k: int) -> float:
    """0 to 45 N and back every 20 s."""
    phase = (k * PERIOD_US / 1e6) % 20.0
    return 45.0 * (phase / 10.0 if phase < 10.0 else 2.0 - phase / 10.0)


@pytest.mark.parametrize("seed", range(8))
def test_the_error_stays_within_the_budget_before_and_after_a_tare(seed: int) -> None:
    cell = LoadCell(CellTraits(), seed)
    before = [cell.read(triangle_n(k), k * PERIOD_US).force_n - triangle_n(k) for k in range(10_000)]
    zero_n = sum(cell.read(0.0, k * PERIOD_US).force_n for k in range(14_000, 14_100)) / 100
    after = [cell.read(triangle_n(k), k * PERIOD_US).force_n - zero_n - triangle_n(k) for k in range(14_100, 24_100)]
    for errors, start in ((before, 0), (after, 14_100)):
        for k, error_n in enumerate(errors, start):
            assert abs(round(error_n, 2)) <= ERROR_FLOOR_N + ERROR_SHARE * triangle_n(k)


def test_its_noise_is_its_noise_floor() -> None:
    cell = LoadCell(CellTraits(), 3)
    readings = [cell.read(20.0, k * PERIOD_US).force_n for k in range(2000)]
    steps = [b - a for a, b in itertools.pairwise(readings)]
    assert pstdev(steps) / math.sqrt(2) == pytest.approx(0.020, rel=0.05)


def test_it_creeps_under_load_and_recovers() -> None:
    traits = CellTraits(noise_n=0.0, zero_drift_n=0.0, span_error=0.0, step_n=1e-6)
    cell = LoadCell(traits, 0)
    unloaded_n = cell.read(0.0, 0).force_n
    loaded = [cell.read(100.0, k * PERIOD_US).force_n for k in range(1, 60_000)]
    assert loaded[-1] - loaded[0] == pytest.approx(0.0003 * 100.0, rel=0.01)
    recovered = [cell.read(0.0, k * PERIOD_US).force_n for k in range(60_000, 120_000)]
    assert recovered[0] - unloaded_n == pytest.approx(0.03, rel=0.02)
    assert recovered[-1] == pytest.approx(unloaded_n, abs=1e-4)


def test_its_zero_drifts() -> None:
    cell = LoadCell(CellTraits(noise_n=0.0, span_error=0.0, step_n=1e-6), 0)
    zeros = [cell.read(0.0, k * 1_000_000).force_n for k in range(700)]
    assert max(zeros) - min(zeros) == pytest.approx(0.02, rel=0.01)


def test_it_says_forces_in_steps() -> None:
    cell = LoadCell(CellTraits(), 1)
    for k in range(500):
        steps = cell.read(12.3, k * PERIOD_US).force_n / 0.002
        assert steps == pytest.approx(round(steps), abs=1e-6)


@pytest.mark.parametrize(
    ("true_n", "said_n", "saturated"), [(199.0, 199.0, False), (201.0, 200.0, True), (-500.0, -200.0, True)]
)
def test_it_saturates_at_its_capacity(true_n: float, said_n: float, *, saturated: bool) -> None:
    reading = LoadCell(CellTraits(), 1).read(true_n, 0)
    assert reading.force_n == pytest.approx(said_n, abs=0.5)
    assert reading.saturated is saturated


@pytest.mark.parametrize("fault", list(SensorFault))
def test_a_fault_shows_in_the_reading_from_its_time_on(fault: SensorFault) -> None:
    cell = LoadCell(CellTraits(), 1)
    cell.fail(fault, 50_000, noticed_after_us=30_000)
    readings = [cell.read(10.0 + k, k * PERIOD_US) for k in range(200)]
    assert [reading.fault for reading in readings] == [None] * 8 + [fault] * 192
    assert readings[4].force_n == pytest.approx(14.0, abs=0.2)
    match fault:
        case SensorFault.OPEN | SensorFault.SHORT:
            assert all(math.isnan(reading.force_n) for reading in readings[5:])
        case SensorFault.STUCK:
            assert {reading.force_n for reading in readings[4:]} == {readings[4].force_n}
        case SensorFault.TEMPERATURE:
            assert readings[199].force_n - 199 - 10 == pytest.approx(0.0, abs=10)
            late = cell.read(10.0, 100_050_000)
            assert late.force_n == pytest.approx(12.0, abs=0.2)
    cell.mend()
    assert cell.read(10.0, 100_060_000).fault is None


def test_a_stuck_cell_need_not_be_noticed() -> None:
    cell = LoadCell(CellTraits(), 1)
    cell.read(10.0, 0)
    cell.fail(SensorFault.STUCK, 0, noticed_after_us=None)
    readings = {cell.read(10.0 + k, k * PERIOD_US) for k in range(1, 200)}
    assert len(readings) == 1
    assert readings.pop().fault is None


def test_the_seed_decides() -> None:
    def run(seed: int) -> list[float]:
        cell = LoadCell(CellTraits(), seed)
        return [cell.read(10.0, k * PERIOD_US).force_n for k in range(100)]

    assert run(1) == run(1)
    assert run(1) != run(2)
