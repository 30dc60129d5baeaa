"""The figures by which a hold is judged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.plan import Band
from simulator.trial.course import Course
from simulator.trial.measures import Measures, measure, summary

BAND = Band()


def course(discomfort, *, began=300, left=1300, force=20.0, outside=(), **changes) -> Course:
    """Return one of 2 s of nothing, 1 s of approach, 10 s of hold and 1 s of letting go, unless told otherwise."""
    felt = np.asarray(discomfort, dtype=float)
    force_n = np.full(len(felt), force)
    force_n[:200] = force_n[1350:] = 0.0
    inside = np.zeros(len(felt), dtype=bool)
    inside[began:left] = True
    for first, last in outside:
        inside[first:last] = False
    made = Course(
        force_n,
        felt,
        touched=200,
        began=began,
        left=left,
        inside=inside,
        credited_s=4.0,
        complete=True,
        reason="dose",
        questions=2,
        believed=np.empty((0, 4)),
    )
    return replace(made, **changes)


def felt(*, approach=4.0, hold=5.5, after=2.0) -> np.ndarray:
    discomfort = np.full(1400, after)
    discomfort[:300] = approach
    discomfort[300:1300] = hold
    return discomfort


def test_shares_are_of_the_hold():
    discomfort = felt()
    discomfort[300:500] = 4.49
    discomfort[500:600] = 4.5
    discomfort[600:800] = 6.2
    discomfort[800:900] = 6.5
    one = measure(course(discomfort), BAND)
    assert one.in_band == pytest.approx(0.7)
    assert one.strict == pytest.approx(0.4)
    assert one.under_band == pytest.approx(0.2)
    assert (one.hold_s, one.in_band_s) == (pytest.approx(10.0), pytest.approx(7.0))
    assert (one.approach_s, one.contact_s) == (pytest.approx(1.0), pytest.approx(11.5))
    assert (one.credited_s, one.questions, one.complete, one.reason) == (4.0, 2, True, "dose")


def test_the_strict_band_has_both_its_ends():
    assert measure(course(felt(hold=5.0)), BAND).strict == measure(course(felt(hold=6.0)), BAND).strict == 1.0
    assert measure(course(felt(hold=6.01)), BAND).strict == measure(course(felt(hold=4.99)), BAND).strict == 0.0


def test_pauses_count_only_to_the_release():
    discomfort = felt()
    discomfort[600:1100] = 0.0
    one = measure(course(discomfort, outside=[(600, 1100)]), BAND)
    assert one.in_band == 1.0
    assert one.in_band_to_release == pytest.approx(0.5)
    assert one.hold_s == pytest.approx(5.0)


def test_too_much_counts_from_the_first_touch_to_the_last():
    discomfort = felt(hold=6.0)
    discomfort[:100] = 9.0
    early = measure(course(discomfort), BAND)
    assert (early.over_7, early.over_8) == (0.0, False), "before the first touch"
    discomfort[250:300] = 7.0
    discomfort[1310] = 8.0
    late = measure(course(discomfort), BAND)
    assert late.over_7 == pytest.approx(51 / 1150)
    assert late.over_8
    assert late.in_band == 1.0


def test_without_a_hold_there_is_nothing_to_say_of_one():
    nobody = course(felt(approach=8.5), began=None, left=300, outside=[(0, 1400)], complete=False, reason="cap")
    one = measure(nobody, BAND)
    assert (one.in_band, one.strict, one.in_band_to_release, one.under_band) == (None,) * 4
    assert one.covered == one.bins == ()
    assert (one.approach_s, one.over_8) == (pytest.approx(1.0), True)
    assert measure(replace(nobody, touched=None), BAND).approach_s is None
    together = summary([one])
    assert together["in_band"] == {"mean": None, "median": None, "worst_tenth": None}
    assert together["credit_error"] == together["questions_per_min"] == {"mean": None}
    assert (together["completed"], together["people_over_8"], together["not_completed"]) == (0.0, 1.0, {"cap": 1})


def test_beliefs_are_compared_with_the_truth():
    believed = np.array(
        [
            (5.5, 1.0, 0.95, 5.6),
            (5.5, 1.0, 0.95, 6.7),
            (5.5, 1.0, 0.91, 6.79),
            (5.5, 1.0, 1.0, 4.3),
            (3.0, 0.1, 0.0, 3.2),
        ]
    )
    one = measure(course(felt(), believed=believed), BAND)
    assert one.covered == pytest.approx((0.2, 0.6, 0.8, 0.8))
    (low, *_, high) = one.bins
    assert low == (1, 0.0, 0)
    assert high == (4, pytest.approx(3.81), 1)
    together = summary([one, one])
    assert together["covered_80"] == pytest.approx(0.6)
    assert [pair["believed"] for pair in together["intervals"]] == [0.5, 0.8, 0.9, 0.95]
    assert [pair["true"] for pair in together["intervals"]] == pytest.approx([0.2, 0.6, 0.8, 0.8])
    assert together["calibration"] == [
        {"believed": 0.0, "true": 0.0, "seconds": 0.2},
        {"believed": pytest.approx(0.9525), "true": 0.25, "seconds": 0.8},
    ]
    assert "calibration" not in summary([measure(course(felt()), BAND)])


def many(count: int, **changes) -> list[Measures]:
    one = measure(course(felt()), BAND)
    return [replace(one, in_band=i / count, over_7=i / count, **changes) for i in range(count)]


def test_the_worst_tenth_is_the_low_end_of_what_is_good_and_the_high_end_of_what_is_not():
    together = summary(many(20))
    assert together["in_band"] == {"mean": 0.475, "median": 0.475, "worst_tenth": 0.025}
    assert together["worst_tenth_in_band"] == 0.025
    assert together["over_7"]["worst_tenth"] == pytest.approx(0.925)
    assert summary(many(3))["in_band"]["worst_tenth"] == 0.0


def test_sums_are_compared_with_sums():
    first, second = many(2)
    first = replace(first, credited_s=30.0, in_band_s=20.0, hold_s=60.0, contact_s=80.0, questions=4)
    second = replace(second, credited_s=15.0, in_band_s=30.0, hold_s=30.0, contact_s=40.0, questions=2, complete=False)
    together = summary([first, replace(second, reason="contact")])
    assert together["credit_error"] == {"mean": pytest.approx(-0.1)}
    assert together["questions_per_min"] == {"mean": pytest.approx(4.0)}
    assert together["contact_per_dose"]["mean"] == pytest.approx(2.4)
    assert together["contact_per_dose"]["median"] == pytest.approx((4.0 + 4 / 3) / 2, abs=1e-4)
    assert (together["completed"], together["not_completed"]) == (0.5, {"contact": 1})


def test_who_was_never_in_band_makes_no_number_of_infinity():
    first, second = many(2)
    together = summary([replace(first, in_band_s=0.0), second])
    assert together["contact_per_dose"]["worst_tenth"] is None
    assert together["contact_per_dose"]["mean"] == pytest.approx(2.3)


@given(
    st.lists(st.floats(0.0, 12.0), min_size=1, max_size=14).map(lambda felt: np.resize(felt, 1400)),
    st.integers(200, 1300),
    st.integers(0, 100),
)
def test_shares_are_shares(discomfort, began, length):
    one = measure(course(discomfort, began=began, left=began + length), BAND)
    for share in (one.in_band, one.strict, one.in_band_to_release, one.under_band, one.over_7):
        assert share is None or 0.0 <= share <= 1.0
    assert one.in_band is None or one.strict <= one.in_band <= 1.0 - one.under_band + 1e-9
    assert (one.in_band is None) == (length == 0)
    assert one.in_band_s <= one.hold_s
