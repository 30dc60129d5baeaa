import copy
import random

from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.device_clock import DeviceClock
from firmware_bridge.sequence import SequenceCounter

WRAP = 1 << 32
PERIOD_US = 10_000
COUNT = 5
PACKET_US = PERIOD_US * COUNT
SECONDS = st.integers(11, 25)

runs = st.builds(
    dict,
    seed=st.integers(0, 1 << 32),
    ppm=st.floats(-200, 200),
    start_us=st.one_of(st.integers(0, WRAP - 1), st.integers(WRAP - 20_000_000, WRAP - 1)),
    origin_ns=st.integers(0, 1 << 62),
    jitter_s=st.floats(0, 0.03),
    seconds=SECONDS,
    lost_share=st.floats(0, 0.3),
    bursts=st.booleans(),
)


def arrivals(*, seed, ppm, start_us, origin_ns, jitter_s, seconds, lost_share, bursts):
    """Yield (raw counter, arrival ns, true time of the first sample ns) of packets in order."""
    rng = random.Random(seed)
    arrived_ns = origin_ns
    for k in range(seconds * 1_000_000 // PACKET_US):
        device_us = k * PACKET_US
        true_ns = origin_ns + device_us * 1000 + round(device_us * ppm / 1000)
        done_ns = true_ns + (COUNT - 1) * PERIOD_US * 1000
        if rng.random() < lost_share:
            continue
        delay_ns = round(rng.expovariate(1 / jitter_s) * 1e9) if jitter_s else 0
        due_ns = done_ns + delay_ns
        if bursts and rng.random() < 0.2:
            due_ns += 100_000_000
        arrived_ns = max(arrived_ns, due_ns)
        yield (start_us + device_us) % WRAP, arrived_ns, true_ns


@given(runs)
def test_ten_seconds_on_the_time_is_right_to_ten_milliseconds(run):
    clock = DeviceClock()
    for raw_us, arrived_ns, true_ns in arrivals(**run):
        first_ns, _ = clock.map(raw_us, PERIOD_US, arrived_ns, COUNT)
        if true_ns - run["origin_ns"] > 10_000_000_000:
            assert abs(first_ns - true_ns) < 10_000_000


@given(runs)
def test_no_sample_is_from_the_future_nor_before_the_one_before(run):
    clock, newest_ns = DeviceClock(), -1
    for raw_us, arrived_ns, _ in arrivals(**run):
        first_ns, period_ns = clock.map(raw_us, PERIOD_US, arrived_ns, COUNT)
        assert period_ns >= 0
        assert first_ns >= newest_ns
        newest_ns = first_ns + (COUNT - 1) * period_ns
        assert newest_ns <= arrived_ns


@given(st.lists(st.tuples(st.integers(0, WRAP - 1), st.integers(0, 200_000_000_000), st.integers(1, 20))))
def test_whatever_the_counter_does_time_is_never_in_the_future_nor_goes_back(packets):
    clock, arrived_ns, newest_ns = DeviceClock(), 0, -(1 << 62)
    for raw_us, later_ns, count in packets:
        arrived_ns += later_ns
        first_ns, period_ns = clock.map(raw_us, PERIOD_US, arrived_ns, count)
        assert first_ns >= newest_ns
        newest_ns = first_ns + (count - 1) * period_ns
        assert newest_ns <= arrived_ns
        assert clock.map_event(raw_us, arrived_ns) <= arrived_ns


@given(run=runs, shift_ns=st.integers(0, 1 << 62), shift_us=st.integers(0, WRAP - 1))
def test_neither_the_origin_of_time_nor_of_the_counter_means_anything(run, shift_ns, shift_us):
    here, there = DeviceClock(), DeviceClock()
    for raw_us, arrived_ns, _ in arrivals(**run):
        first_ns, period_ns = here.map(raw_us, PERIOD_US, arrived_ns, COUNT)
        shifted = there.map((raw_us + shift_us) % WRAP, PERIOD_US, arrived_ns + shift_ns, COUNT)
        assert shifted == (first_ns + shift_ns, period_ns)


@given(run=runs, at=st.integers(0, 200))
def test_a_copy_gives_what_the_original_gives(run, at):
    clock, twin = DeviceClock(), None
    for k, (raw_us, arrived_ns, _) in enumerate(arrivals(**run)):
        if k == at:
            twin = copy.copy(clock)
        told = clock.map(raw_us, PERIOD_US, arrived_ns, COUNT)
        if twin is not None:
            assert twin.map(raw_us, PERIOD_US, arrived_ns, COUNT) == told


@given(start=st.integers(0, 0xFFFF), kept=st.lists(st.booleans(), max_size=300))
def test_packets_lost_are_counted_over_the_wrap(start, kept):
    counter = SequenceCounter()
    counter.note(start)
    missing, last_kept = 0, 0
    for k, is_kept in enumerate(kept, 1):
        if is_kept:
            arrival = counter.note((start + k) % 0x10000)
            assert arrival.fresh
            assert arrival.lost == k - last_kept - 1
            missing += arrival.lost
            last_kept = k
    assert counter.lost == missing == last_kept - sum(kept[:last_kept])


@given(newest=st.integers(0, 0xFFFF), back=st.integers(0, 0x7FFF))
def test_a_repeated_or_late_packet_is_stale_and_no_loss(newest, back):
    counter = SequenceCounter()
    counter.note(newest)
    arrival = counter.note((newest - back) % 0x10000)
    assert (arrival.fresh, arrival.lost, counter.stale, counter.lost) == (False, 0, 1, 0)
    assert counter.note((newest + 1) % 0x10000).lost == 0
