import pytest

from protocols.errors import PlanError
from protocols.plan import Band, Compress, Dose, Protocol


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"credited_s": 29.9}, "dose_s"),
        ({"credited_s": 90.1}, "dose_s"),
        ({"approach_s": 51}, "approach_s"),
        ({"holds": 0}, "holds"),
        ({"holds": 4}, "holds"),
        ({"rest_s": 14}, "rest_s"),
        ({"force_limit_n": 61}, "force_limit_n"),
        ({"time_at_pressure_s": 121}, "time_at_pressure_s"),
        ({"credited_s": 60, "time_at_pressure_s": 59}, "time_at_pressure_s"),
        ({"credited_s": float("nan")}, "dose_s"),
    ],
)
def test_a_dose_outside_its_bounds_is_refused_by_key(values, key):
    with pytest.raises(PlanError) as refused:
        Dose(**values)
    assert refused.value.key == key


@pytest.mark.parametrize(("low", "high"), [(2, 9), (5, 5), (6, 5), (3, 7)])
def test_a_band_is_two_answers_or_more_within_3_to_6(low, high):
    with pytest.raises(PlanError):
        Band(low, high)


def test_the_time_at_pressure_is_1_4_times_the_dose_and_5_s_at_most_120():
    assert Dose(credited_s=45).pressure_limit_s == pytest.approx(68)
    assert Dose(credited_s=90).pressure_limit_s == 120
    assert Dose(credited_s=45).contact_limit_s == pytest.approx(118)


def test_the_band_on_the_continuous_scale():
    band = Band()
    assert (band.low_edge, band.aim, band.high_edge) == (4.5, 5.5, 6.5)


@pytest.mark.parametrize("steps", [(), (Compress(), Compress())])
def test_a_protocol_has_the_one_step_that_can_be_carried_out(steps):
    with pytest.raises(PlanError):
        Protocol("x", "x", steps)
