import copy

import pytest

from firmware_bridge.device_clock import DeviceClock

MS = 1_000_000
S = 1_000 * MS
WRAP = 1 << 32


def settled(start_us: int = 0, packets: int = 100) -> tuple[DeviceClock, int]:
    """A clock after this many punctual packets of 5 samples, and the host time of the last arrival."""
    clock = DeviceClock()
    for k in range(packets):
        clock.map((start_us + 50_000 * k) % WRAP, 10_000, k * 50 * MS + 40 * MS, 5)
    return clock, (packets - 1) * 50 * MS + 40 * MS


def test_the_last_sample_of_a_punctual_packet_is_now():
    clock = DeviceClock()
    assert clock.map(123, 10_000, 7 * S, 5) == (7 * S - 40 * MS, 10 * MS)


def test_a_late_packet_is_put_where_it_belongs():
    clock, _ = settled(packets=100)
    first_ns, period_ns = clock.map(100 * 50_000, 10_000, 100 * 50 * MS + 40 * MS + 90 * MS, 5)
    assert (first_ns, period_ns) == (100 * 50 * MS, 10 * MS)


def test_a_burst_keeps_its_order_and_spacing():
    clock, _ = settled(packets=100)
    arrived_ns = 104 * 50 * MS
    firsts = [clock.map(k * 50_000, 10_000, arrived_ns, 5)[0] for k in (100, 101, 102)]
    assert firsts == [100 * 50 * MS, 101 * 50 * MS, 102 * 50 * MS]


def test_a_late_first_packet_is_made_good_without_going_back():
    clock = DeviceClock()
    first_ns, period_ns = clock.map(0, 10_000, 40 * MS + 80 * MS, 5)
    last_ns = first_ns + 4 * period_ns
    next_first_ns, next_period_ns = clock.map(50_000, 10_000, 130 * MS, 5)
    assert next_first_ns >= last_ns
    assert next_first_ns + 4 * next_period_ns <= 130 * MS
    assert clock.map(200_000, 10_000, 240 * MS, 5) == (200 * MS, 10 * MS)


def test_wrap_between_two_packets_and_within_one():
    clock, at_ns = settled(start_us=WRAP - 99 * 50_000 - 25_000)
    assert clock.map((WRAP + 25_000) % WRAP, 10_000, at_ns + 50 * MS, 5) == (at_ns + 10 * MS, 10 * MS)


def test_wrap_in_a_gap():
    clock, at_ns = settled(start_us=WRAP - 6_000_000)
    gap_us = 60_000_000
    last_first_us = WRAP - 6_000_000 + 99 * 50_000
    first_us = (last_first_us + gap_us) % WRAP
    assert not clock.restarted(first_us, at_ns + gap_us * 1000)
    first_ns, _ = clock.map(first_us, 10_000, at_ns + gap_us * 1000, 5)
    assert first_ns == at_ns + gap_us * 1000 - 40 * MS


def test_a_counter_that_began_anew_is_recognised_and_time_goes_on():
    clock, at_ns = settled(start_us=500_000_000)
    assert clock.restarted(1_200_000, at_ns + 3 * S)
    first_ns, _ = clock.map(1_200_000, 10_000, at_ns + 3 * S, 5)
    assert first_ns == at_ns + 3 * S - 40 * MS
    assert not clock.restarted(1_250_000, at_ns + 3 * S + 50 * MS)


def test_a_counter_that_began_anew_soon_after_power_up():
    clock, at_ns = settled(start_us=0)
    assert clock.restarted(1_000_000, at_ns + S)


def test_a_press_is_put_at_its_time_not_at_its_arrival():
    clock, at_ns = settled()
    pressed_us = 99 * 50_000 + 40_000 - 800_000
    assert clock.map_event(pressed_us, at_ns + 20 * MS) == at_ns - 800 * MS


def test_an_event_teaches_the_clock_nothing():
    clock, at_ns = settled()
    before = copy.copy(clock)
    clock.map_event(0, at_ns)
    assert clock == before


def test_an_event_of_unknown_age_and_one_before_any_packet_are_now():
    clock, at_ns = settled(start_us=1_000_000_000)
    assert clock.map_event(5_000, at_ns) == at_ns
    assert DeviceClock().map_event(5_000, 77) == 77


def test_a_copy_goes_on_by_itself():
    clock, at_ns = settled()
    twin = copy.copy(clock)
    clock.map(100 * 50_000, 10_000, at_ns + 200 * MS, 5)
    assert twin.map(100 * 50_000, 10_000, at_ns + 50 * MS, 5) == (at_ns + 10 * MS, 10 * MS)


def test_a_lasting_change_of_delay_is_not_taken_for_drift():
    clock, _ = settled(packets=300)
    for k in range(300, 1200):
        first_ns, _ = clock.map(k * 50_000, 10_000, k * 50 * MS + 240 * MS, 5)
        assert abs(clock.drift_ppm) <= 250
        # Early by nothing, late by no more than the change itself.
        assert -10 * MS <= first_ns - k * 50 * MS <= 200 * MS


@pytest.mark.parametrize("ppm", [200, -200])
def test_drift_is_known_after_half_a_minute_and_bridges_a_minute_without_packets(ppm):
    clock = DeviceClock()

    def true_ns(device_us: int) -> int:
        return device_us * 1000 + device_us * ppm // 1000

    for k in range(600):
        # One packet in four is punctual.
        late_ns = (k * 7 % 4) * 5 * MS
        clock.map(k * 50_000, 10_000, true_ns(k * 50_000 + 40_000) + late_ns, 5)
    assert abs(clock.drift_ppm - ppm) < 5
    after_us = 600 * 50_000 + 60_000_000
    first_ns, _ = clock.map(after_us, 10_000, true_ns(after_us + 40_000) + 100 * MS, 5)
    assert abs(first_ns - true_ns(after_us)) < 1 * MS
