"""What is made of heartbeats."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.errors import WireError
from firmware_bridge.wire_heart_rate import HeartRate, decode, encode
from protocols.engine import step
from protocols.events import HeartMeasured
from protocols.heart import heart_figures
from simulator.heart import Heart, HeartTraits
from tests.engine_sessions import Script


@pytest.mark.parametrize(
    ("data", "rate"),
    [
        ("00 48", HeartRate(72)),
        ("06 48", HeartRate(72, contact=True)),
        ("04 48", HeartRate(72, contact=False)),
        ("01 2C 01", HeartRate(300)),
        ("10 48 00 04 00 02", HeartRate(72, rr_s=(1.0, 0.5))),
        ("1E 48 E8 03 9A 03", HeartRate(72, contact=True, energy_kj=1000, rr_s=(0.900390625,))),
    ],
)
def test_measurements_both_ways(data, rate):
    assert decode(bytes.fromhex(data)) == rate
    assert encode(rate) == bytes.fromhex(data)


@pytest.mark.parametrize("data", ["", "00", "01 48", "08 48 01", "10 48 00"])
def test_measurements_that_are_cut(data):
    with pytest.raises(WireError):
        decode(bytes.fromhex(data))


@given(st.binary(max_size=40))
def test_any_bytes_give_a_measurement_or_the_one_error(data):
    try:
        decode(data)
    except WireError:
        return


def test_rmssd_is_that_of_the_formula():
    # Differences of 20 and -20 ms by turns: their root mean square is 20 ms.
    figures = heart_figures((0.90, 0.92) * 15)
    assert figures.rmssd_ms == pytest.approx(20.0)
    assert figures.rate == pytest.approx(60 / 0.91)
    assert (figures.intervals, figures.left_out, figures.why) == (30, 0, "")


def test_a_missed_beat_is_left_out_with_the_one_after_it():
    beats = [0.90, 0.92] * 15
    whole = heart_figures(tuple(beats))
    missed = heart_figures((*beats[:10], 1.80, *beats[10:]))
    assert missed.left_out == 2
    assert missed.rmssd_ms == pytest.approx(whole.rmssd_ms, rel=0.1)
    assert heart_figures((*beats[:10], 0.1, *beats[10:])).left_out == 1


def test_too_few_or_too_uneven_beats_give_no_figure_and_say_why():
    assert heart_figures(()).rate is None
    few = heart_figures((0.9,) * 10)
    assert (few.rmssd_ms, few.why) == (None, "only 10 beats were heard")
    uneven = heart_figures((0.9, 0.9, 0.9, 1.3) * 10)
    assert uneven.rmssd_ms is None
    assert "too uneven" in uneven.why


def test_the_simulated_heart_is_one_of_an_adult_at_rest():
    heart, at_s, intervals = Heart(HeartTraits(), seed=1), 0.0, []
    for _ in range(300):
        intervals.append(heart.next_interval_s(at_s))
        at_s += intervals[-1]
    figures = heart_figures(tuple(intervals))
    assert 60 <= figures.rate <= 80
    assert 27 <= figures.rmssd_ms <= 57
    assert figures.left_out == 0


def test_a_heartbeat_decides_nothing():
    script = Script().to_five()
    before = script.session
    after, commands = step(before, HeartMeasured(before.now_ns + 10_000_000_000, 72, (0.9,)))
    assert after == replace(before)
    assert commands == ()
