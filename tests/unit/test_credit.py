import pytest

from protocols.credit import Credit, earned_s
from protocols.discomfort import Belief

MS = 1_000_000


def sure(p_band: float) -> Belief:
    return Belief(5.5, 0.5, p_band, 0.0, 0.0)


def test_an_interval_earns_its_length_times_the_smaller_chance_of_its_ends():
    assert earned_s(100 * MS, 0.9, 0.4, 10 * MS) == pytest.approx(0.04)
    assert earned_s(100 * MS, 0.4, 0.9, 10 * MS) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("length_ms", "period_ms", "earns"),
    [(250, 10, True), (251, 10, False), (300, 100, True), (301, 100, False), (400, 200, True), (401, 200, False)],
)
def test_an_interval_longer_than_250_ms_or_three_periods_or_400_ms_earns_nothing(length_ms, period_ms, earns):
    assert (earned_s(length_ms * MS, 1.0, 1.0, period_ms * MS) > 0) is earns


def test_no_interval_is_earned_backwards():
    assert earned_s(0, 1.0, 1.0, 10 * MS) == earned_s(-5 * MS, 1.0, 1.0, 10 * MS) == 0.0


def test_credit_stops_at_the_dose():
    credit = Credit(seconds=29.99).sampled(0, 100 * MS, (20.0,) * 5, (sure(1.0),) * 5, 30.0)
    assert credit.seconds == 30.0


@pytest.mark.parametrize("gap_n", [1.9, 2.0, float("nan")])
def test_both_ends_of_an_interval_must_touch(gap_n):
    forces = (20.0, gap_n, 20.0, 20.0)
    credit = Credit().sampled(0, 100 * MS, forces, (sure(1.0),) * 4, 30.0)
    assert credit.seconds == pytest.approx(0.1)


def test_an_interval_goes_on_over_two_packets_unless_it_is_broken():
    first = Credit().sampled(0, 100 * MS, (20.0, 20.0), (sure(1.0),) * 2, 30.0)
    joined = first.sampled(200 * MS, 100 * MS, (20.0, 20.0), (sure(1.0),) * 2, 30.0)
    broken = first.broken().sampled(200 * MS, 100 * MS, (20.0, 20.0), (sure(1.0),) * 2, 30.0)
    assert (joined.seconds, broken.seconds) == (pytest.approx(0.3), pytest.approx(0.2))
