import pytest

from protocols.contact import Contact

MS = 1_000_000


def run(*forces, period_ms=100):
    return Contact().sampled(0, period_ms * MS, forces)


def test_contact_is_force_above_2_n():
    assert not run(2.0, 2.0).touching
    assert run(2.01).touching
    assert run(3.0, 3.0, 3.0).total_ns == 200 * MS


def test_a_gap_under_one_second_is_joined():
    contact = run(5.0, *(0.0,) * 9, 5.0, period_ms=99)
    assert contact.touching
    assert contact.total_ns == 990 * MS


def test_a_gap_of_a_second_or_more_ends_the_contact_and_is_no_part_of_it():
    contact = run(5.0, *(0.0,) * 11, 5.0, 5.0)
    assert contact.touching
    assert contact.total_ns == 100 * MS
    assert not run(5.0, *(0.0,) * 11).touching


def test_time_that_was_not_observed_between_two_touches_counts():
    contact = run(5.0).sampled(5_000 * MS, 100 * MS, (5.0,))
    assert contact.total_ns == 5_000 * MS


@pytest.mark.parametrize(("force", "pressed"), [(1.0, False), (2.5, True)])
def test_pressed_is_the_newest_sample(force, pressed):
    assert run(5.0, force).pressed is pressed
