"""Names for sessions: ten characters that sort by time and can be typed from a screen.

Base 32 without i, l, o, u: 40 bits of milliseconds since 2020, then 10 random bits.
"""

import secrets
from datetime import UTC, datetime, timedelta

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 10
_RANDOM_BITS = 10
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_LOOK_ALIKES = str.maketrans("ilo", "110")


def new_session_id(now: datetime, after: str | None) -> str:
    """Return an id for a session that begins `now`, later in order than `after`, the latest one there is.

    A clock that was set back, or one that stands still, so changes neither the order nor the uniqueness.
    """
    milliseconds = max(0, round((now - _EPOCH).total_seconds() * 1000))
    number = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    if after is not None:
        number = max(number, _number(after) + 1)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def begun_at(session_id: str) -> datetime:
    """Return when a session with this id began, by the wall clock to a millisecond."""
    return _EPOCH + timedelta(milliseconds=_number(session_id) >> _RANDOM_BITS)


def as_typed(text: str) -> str:
    """Return what a person typed as an id or the beginning of one: case and look-alikes do not matter."""
    return text.strip().lower().translate(_LOOK_ALIKES)


def _number(session_id: str) -> int:
    number = 0
    for character in session_id:
        number = number << 5 | ALPHABET.index(character)
    return number
