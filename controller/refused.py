"""Why a session was refused before it began, in words: how much of the day is used, and when it is possible again."""

from datetime import datetime, timedelta

from protocols.history import CONTACT_PER_DAY_S, refusal
from protocols.session import Session

_MINUTE = timedelta(minutes=1)


def refusal_words(session: Session, begun_at: datetime) -> str:
    """Return what to know beside the reason, empty if it was not refused or there is nothing to do about it.

    `begun_at` (aware) is when its history was loaded; the time that is named is the local one.
    """
    refused = None if session.history is None else refusal(session.site, session.protocol.steps, session.history)
    if session.tool is not None or refused is None:
        return ""
    if refused.reason == "locked":
        return f"A professional should look at it first. Then: holdwell unlock {session.site.name}"
    if refused.again_s is None:
        return ""
    used = f"{_minutes(refused.used_s)} of {CONTACT_PER_DAY_S / 60:.0f} minutes of contact in 24 hours are used. "
    again = f"It is possible again from {_clock_time(begun_at + timedelta(seconds=refused.again_s))}"
    if refused.reason == "day-limit":
        return f"{used}{again}."
    return f"{again}, or sooner when it is not more tender, bruised or numb."


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _clock_time(at: datetime) -> str:
    # Up to the next whole minute: at the minute named it must be so.
    up = -timedelta(seconds=at.second, microseconds=at.microsecond) % _MINUTE
    return f"{(at + up).astimezone():%Y-%m-%d %H:%M}"
