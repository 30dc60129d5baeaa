"""The squares that show whether the engine was right about how sure it was."""

import pytest
from matplotlib.figure import Figure

from controller.calibration_plot import draw_chances, draw_intervals

FIGURES = {
    "covered_80": 0.83,
    "intervals": [{"believed": 0.5, "true": 0.55}, {"believed": 0.8, "true": 0.83}, {"believed": 0.95, "true": 0.9}],
    "calibration": [
        {"believed": 0.05, "true": 0.1, "seconds": 10.0},
        {"believed": 0.92, "true": 0.85, "seconds": 40.0},
    ],
}


def test_a_tenth_is_a_point_where_belief_and_truth_meet_as_large_as_its_time():
    panel = Figure().subplots()
    draw_chances(panel, FIGURES)
    (points,) = panel.collections
    assert points.get_offsets().tolist() == [[0.05, 0.1], [0.92, 0.85]]
    small, large = points.get_sizes()
    assert small == pytest.approx(large / 4)


def test_an_interval_that_holds_what_it_should_lies_on_the_diagonal():
    panel = Figure().subplots()
    draw_intervals(panel, FIGURES)
    line = next(line for line in panel.get_lines() if len(line.get_xdata()) == 3)
    assert list(line.get_xdata()) == [0.5, 0.8, 0.95]
    assert list(line.get_ydata()) == [0.55, 0.83, 0.9]
    assert [text.get_text() for text in panel.texts] == ["80 % interval: 83 %"]
    assert (panel.get_xlim(), panel.get_ylim(), panel.get_aspect()) == ((0.0, 1.0), (0.0, 1.0), 1.0)
