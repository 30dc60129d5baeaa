import pytest

from controller.calibration_words import calibration_lines

FOUND = {
    "ppt_n": [18.2, None, 19.0],
    "five_n": [22.0, 23.0, 24.0],
    "ppt_mean_n": 18.6,
    "ppt_sd_n": 0.566,
    "five_mean_n": 23.0,
    "five_sd_n": 1.0,
    "ppt_change_n": None,
    "suspect": False,
}


def words(**changes) -> str:
    return "\n".join(f"{name}: {text}" for name, text in calibration_lines({**FOUND, **changes}))


def test_each_ramp_is_told_and_a_tap_that_did_not_come():
    assert "first pain: mean 18.6 N, spread 0.6 N (18.2, -, 19.0)" in words()
    assert "5 of 10: mean 23.0 N, spread 1.0 N (22.0, 23.0, 24.0)" in words()


@pytest.mark.parametrize(
    ("change_n", "said"),
    [
        (4.0, "up 4.0 N; under 5.7 N may be chance"),
        (-5.69, "down 5.7 N; under 5.7 N may be chance"),
        (5.7, "up 5.7 N; more than"),
        (-9.0, "down 9.0 N; more than"),
        (None, "no earlier calibration"),
    ],
)
def test_a_change_is_judged(change_n, said):
    assert said in words(ppt_change_n=change_n)


def test_what_was_not_found_is_not_compared():
    said = words(ppt_n=[None], ppt_mean_n=None, ppt_sd_n=None)
    assert "first pain: not found" in said
    assert "since last time" not in said


def test_a_zero_that_was_off_is_told():
    assert "may be wrong" in words(suspect=True)
    assert "may be wrong" not in words()


@pytest.mark.parametrize(("five_n", "told"), [(18.6, True), (15.0, True), (18.7, False), (None, False)])
def test_a_5_at_no_more_than_first_pain_is_told(five_n, told):
    assert ("calibrate again" in words(five_mean_n=five_n)) is told
