"""What a session taught, in words."""

from math import log

import pytest

from controller.learned import learned_words
from protocols.known import Kind, Known


def kind(weight: float, ppt_n: float, ln_sd: float, habituation: float) -> Kind:
    spread = (ln_sd**2, 0.02, 0.05, 0.002, 0.1, 0.05)
    covariance = tuple(tuple(var if row == column else 0.0 for column in range(6)) for row, var in enumerate(spread))
    return Kind(weight, (log(ppt_n), 0.0, 0.8, habituation, 3.3, -0.2), covariance)


@pytest.mark.parametrize(
    ("falls", "says"),
    [
        (0.95, "falls"),
        (0.7, "probably falls"),
        (0.5, "may fall, stay or rise"),
        (0.2, "probably stays or rises"),
        (0.05, "stays or rises"),
    ],
)
def test_how_sure_it_is_of_the_course(falls, says):
    known = Known(11.3, (kind(falls, 20.0, 0.1, 0.12), kind(1 - falls, 20.0, 0.1, -0.02)))
    assert learned_words(known) == f"first pain usually at 18-23 N; in a hold discomfort {says}"


def test_kinds_that_differ_widen_the_range():
    # Mean 20 N; ln-SD sqrt(0.1^2 + 0.2^2) = 0.224, and 1.28 times that is a factor of 1.33.
    known = Known(11.3, (kind(0.5, 20.0 * 1.2214, 0.1, 0.12), kind(0.5, 20.0 / 1.2214, 0.1, 0.0)))
    assert learned_words(known).startswith("first pain usually at 15-27 N")
