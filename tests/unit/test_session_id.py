from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from controller.session_id import ALPHABET, LENGTH, as_typed, new_session_id

MOMENTS = st.timedeltas(timedelta(days=1), timedelta(days=12_000)).map(
    lambda age: datetime(2020, 1, 1, tzinfo=UTC) + age
)


@given(MOMENTS)
def test_an_id_is_short_and_typeable(now):
    made = new_session_id(now, None)
    assert len(made) == LENGTH
    assert set(made) <= set(ALPHABET)
    assert as_typed(f" {made.upper()} ") == made


@given(MOMENTS, st.timedeltas(timedelta(milliseconds=2), timedelta(days=300)))
def test_ids_sort_by_time(now, later):
    assert new_session_id(now, None) < new_session_id(now + later, None)


@given(MOMENTS, st.timedeltas(timedelta(days=-300), timedelta(0)))
def test_an_id_comes_after_the_latest_even_when_the_clock_was_set_back(now, earlier):
    latest = new_session_id(now, None)
    assert new_session_id(now + earlier, latest) > latest


def test_look_alikes_are_understood():
    assert as_typed("O1IL") == "0111"
