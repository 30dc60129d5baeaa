"""Bytes and pieces of tools and straps, whatever comes."""

from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge import wire, wire_force_board, wire_heart_rate, wire_progressor, wire_whc06
from firmware_bridge.errors import WireError
from firmware_bridge.reassembly import Reassembly
from firmware_bridge.tools.progressor_stream import PERIOD_US, ProgressorStream
from firmware_bridge.wire_progressor import Weight, Weights

DECODERS = {
    "holdwell": wire.decode_force,
    "progressor": wire_progressor.decode,
    "whc06": wire_whc06.decode,
    "force-board": wire_force_board.decode,
    "heart-rate": wire_heart_rate.decode,
}
FRAMES = st.lists(
    st.lists(st.tuples(st.floats(-1400, 1400, width=32), st.integers(0, 2**32 - 1)), min_size=1, max_size=31),
    min_size=1,
    max_size=6,
)


def frame(samples):
    return wire_progressor.encode(Weights(tuple(Weight(force_n, at_us) for force_n, at_us in samples)))


def progressor_frames():
    return Reassembly(wire_progressor.frame_length, wire_progressor.decode, lambda notice: isinstance(notice, Weights))


@pytest.mark.parametrize("name", DECODERS)
@given(data=st.binary(max_size=300))
def test_any_bytes_give_a_value_or_the_one_error(name, data):
    with suppress(WireError):
        DECODERS[name](data)


@pytest.mark.nightly
@pytest.mark.parametrize("name", DECODERS)
def test_a_million_random_notifications_give_a_value_or_the_one_error(name):
    rng, values = Random(1), 0
    for _ in range(1_000_000):
        data = rng.randbytes(rng.randrange(0, 40))
        if rng.random() < 0.5:
            # Beginnings that are right get further.
            size = len(data)
            head = {
                "holdwell": bytes((4, max(size - 8, 0) // 2)),
                "progressor": bytes((1, size)),
                "whc06": wire_whc06.HEAD,
                "force-board": (size // 3).to_bytes(2),
                "heart-rate": b"\x10",
            }
            data = head[name] + data
        try:
            DECODERS[name](data)
        except WireError:
            continue
        values += 1
    assert values > 1000


@given(frames=FRAMES, cuts=st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_frames_cut_anywhere_come_out_as_they_were(frames, cuts):
    # Each frame is cut for itself, as a small MTU does it; no piece may look like a whole frame.
    together, whole = progressor_frames(), [frame(samples) for samples in frames]
    came = []
    for data in whole:
        start, k = 0, 0
        while start < len(data):
            size = cuts[k % len(cuts)]
            piece = data[start : start + size]
            came += together.push(piece)
            start, k = start + size, k + 1
    if together.garbage == 0:
        assert [wire_progressor.encode(notice) for notice in came] == whole
    else:
        # A piece that by chance is a whole frame of weights costs the frame that it is from.
        assert any(data[cut:][:1] == b"\x01" for data in whole for cut in range(1, len(data)))


@given(frames=FRAMES, garbage=st.lists(st.binary(max_size=30), min_size=6, max_size=6))
def test_garbage_between_whole_frames_costs_none_of_them(frames, garbage):
    together, came = progressor_frames(), []
    for samples, noise in zip(frames, garbage, strict=False):
        together.push(noise)
        came += together.push(frame(samples))
    encoded = [wire_progressor.encode(notice) for notice in came]
    assert all(frame(samples) in encoded for samples in frames)


@given(st.lists(st.integers(1, 31), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_a_stream_cut_into_packets_comes_out_even(sizes, first_us):
    stream, at_us, seen = ProgressorStream(), first_us, []
    for size in sizes:
        times = [(at_us + k * PERIOD_US) % 2**32 for k in range(size)]
        at_us += size * PERIOD_US
        for run in stream.runs(tuple(Weight(1.0, time_us) for time_us in times)):
            assert run.lost == 0
            seen += [(run.first_us + k * run.period_us) % 2**32 for k in range(len(run.raw_n))]
    assert seen == [(first_us + k * PERIOD_US) % 2**32 for k in range(sum(sizes))]


@given(st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=3, max_size=30))
def test_packets_that_are_missing_are_never_unnoticed(packets):
    stream, at_us, is_gap, begun = ProgressorStream(), 0, False, False
    for size, lost in packets:
        weights = tuple(Weight(1.0, at_us + k * PERIOD_US) for k in range(size))
        at_us += size * PERIOD_US
        if lost:
            is_gap = True
            continue
        (run,) = stream.runs(weights)
        assert (run.lost > 0) == (is_gap and begun)
        is_gap, begun = False, True
