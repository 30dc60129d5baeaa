from datetime import UTC, datetime, timedelta, timezone

from controller.refused import refusal_words
from protocols.engine import step
from protocols.events import HistoryLoaded, PastContact, ToolConnected
from protocols.plan import Compress, Dose, Protocol
from protocols.session import Session
from protocols.site import Site
from tests.engine_sessions import SITE, TOOL

OTHER = Site.named("levator-scapulae-left")
BEGUN = datetime(2026, 3, 1, 17, 4, 30, tzinfo=UTC)


def words(*contacts: PastContact, **history: object) -> str:
    session = Session.begin(Protocol("any", "Any", (Compress(Dose(credited_s=30)),)), SITE)
    session, _ = step(session, HistoryLoaded(0, contacts=contacts, **history))
    session, _ = step(session, ToolConnected(1, TOOL))
    return refusal_words(session, BEGUN)


def local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def test_a_used_up_day_says_how_much_and_the_next_whole_minute_at_which_it_is_possible_again():
    said = words(PastContact(OTHER, 455.0, 3600.0))
    assert said.startswith("7:35 of 8 minutes of contact in 24 hours are used. ")
    assert said.endswith(f"It is possible again from {local(BEGUN + timedelta(hours=23, seconds=30))}.")


def test_a_site_that_waits_says_until_when():
    said = words(PastContact(SITE, 60.0, 3570.0))
    assert f"from {local(BEGUN + timedelta(hours=23, seconds=30))}, or sooner" in said


def test_one_that_was_not_refused_says_nothing():
    assert words() == ""


def test_a_locked_site_says_how_it_is_unlocked_by_name():
    assert words(locked=(SITE,)) == f"A professional should look at it first. Then: holdwell unlock {SITE.name}"


def test_the_time_named_is_never_before_it_is_so():
    exactly = datetime(2026, 3, 1, 17, 4, tzinfo=timezone(timedelta(hours=1)))
    session = Session.begin(Protocol("any", "Any", (Compress(Dose(credited_s=30)),)), SITE)
    session, _ = step(session, HistoryLoaded(0, contacts=(PastContact(SITE, 60.0, 0.0),)))
    assert local(exactly + timedelta(days=1)) in refusal_words(session, exactly)
