"""What a profile did before, as the event with which a session begins.

A real person's sessions are those without a simulated person; a simulated one's are those of the same person
that were to be remembered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from controller.errors import UsageError
from controller.journal_reader import SessionRecord, read_sessions
from controller.journal_rows import from_text, to_text
from controller.journal_schema import declarations, sessions, transaction
from controller.summary import known_of
from protocols.events import HistoryLoaded, PastContact
from protocols.known import Known
from protocols.site import Site

LOOK_BACK = timedelta(days=8)
"""Contacts older than this are left out: the rules look back 24 h."""

MOST_UNKNOWN_S = 480.0
"""A session without figures counts as long as it lasted, and at most as the whole limit of a day (docs/dose.md)."""

WRONG_FORCES = frozenset({"tared-under-load", "sensor", "saturated"})
"""Reasons for which a session's forces cannot be trusted."""

CLEARED, SHOWN = "cleared", "shown"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose sessions: a profile's, of a real person (None) or of a simulated one."""

    profile: str
    person: str | None = None


def load_history(
    engine: Engine,
    whose: Whose,
    *,
    site: Site,
    tip_diameter_mm: float | None,
    now: datetime,
    at_ns: int,
    tender_since: bool | None = None,
    but: str | None = None,
) -> HistoryLoaded:
    """Return the first event of a session at `site` that begins `now` (aware); that session, if it has begun, is `but`.

    `tip_diameter_mm` None: the tool is not known yet, so a force at 5 from any tip counts. What was learned of the
    person counts from any tip, but only if it can be read. A session without figures counts as contact for as long as
    it lasted; one that ends after `now` counts as just ended.
    """
    past = [session for session in past_sessions(engine, whose) if session.id != but]
    known, known_days = _known(past, site, now)
    return HistoryLoaded(
        at_ns=at_ns,
        contacts=tuple(_contacts(past, now)),
        force_at_five_n=_force_at_five_n(past, site, tip_diameter_mm),
        locked=_locked(engine, whose, past),
        shown=tuple(_declared(engine, SHOWN, whose)),
        tender_since=tender_since,
        ppt_n=_ppt_n(past, site, tip_diameter_mm),
        known=known,
        known_days=known_days,
    )


def answered_before(screened: HistoryLoaded, history: HistoryLoaded, site: Site) -> HistoryLoaded:
    """Return a newer history with what was said on tenderness at the screening, unless `site` was pressed since."""

    def contacts(loaded: HistoryLoaded) -> int:
        return sum(past.site == site for past in loaded.contacts)

    said = screened.tender_since if contacts(history) <= contacts(screened) else None
    return replace(history, tender_since=said)


def check_alone(connection: Connection, profile: str) -> None:
    """Raise UsageError if a session of a real person of this profile runs: two would have one day's limit each.

    What dead processes left open is closed when a journal is opened, so what is open here is alive.
    """
    running = (sessions.c.profile == profile, sessions.c.person.is_(None), sessions.c.ended_at.is_(None))
    for row in connection.execute(select(sessions.c.id, sessions.c.started_at).where(*running).limit(1)):
        which = f"{row.id}, started {row.started_at}"
        raise UsageError(f"profile '{profile}' has a session running ({which}); end it first")


def locked_for(engine: Engine, profile: str, site: Site) -> list[Whose]:
    """Return for whom of a profile a site is locked: the real person first, then simulated ones with a history."""
    is_here = (sessions.c.profile == profile, sessions.c.locked_site == site.name)
    with transaction(engine) as connection:
        persons = set(connection.scalars(select(sessions.c.person).where(*is_here)))
    everybody = (Whose(profile, person) for person in sorted(persons, key=lambda person: person or ""))
    return [whose for whose in everybody if site in _locked(engine, whose, past_sessions(engine, whose))]


def clear_site(engine: Engine, whose: Whose, site: Site, now: datetime) -> None:
    """Remember that a site which a symptom had locked may be pressed again.

    For a simulated person from just after the latest lock on, for their calendar need not be the one of `now`.
    """
    if whose.person is not None:
        locks = [past.locked_at for past in past_sessions(engine, whose) if past.locked_site == site]
        now = max((at for at in locks if at is not None), default=now) + timedelta(microseconds=1)
    _declare(engine, CLEARED, whose, site, now)


def declare_shown(engine: Engine, whose: Whose, site: Site, now: datetime) -> None:
    """Remember that the person says a clinician showed them this site."""
    _declare(engine, SHOWN, whose, site, now)


def latest_end(engine: Engine, whose: Whose) -> datetime | None:
    """Return when the latest session ended, on its own clock; a simulated clock may go on from there."""
    return max((past.ended_at for past in past_sessions(engine, whose) if past.ended_at), default=None)


def past_sessions(engine: Engine, whose: Whose) -> list[SessionRecord]:
    """Return the sessions that count for somebody, latest first. Raises JournalError."""
    query = select(sessions).where(
        sessions.c.profile == whose.profile, sessions.c.person.is_not_distinct_from(whose.person)
    )
    if whose.person is not None:
        query = query.where(sessions.c.remembered)
    return read_sessions(engine, query.order_by(sessions.c.id.desc()))


def _contacts(past: Iterable[SessionRecord], now: datetime) -> Iterator[PastContact]:
    for session in past:
        ended_at = session.ended_at or session.flushed_at
        contact_s = (session.summary or {}).get("contact_s")
        if contact_s is None:
            contact_s = min((ended_at - session.started_at).total_seconds(), MOST_UNKNOWN_S)
        if contact_s > 0.0 and now - ended_at < LOOK_BACK:
            ago_s = max((now - ended_at).total_seconds(), 0.0)
            yield PastContact(session.site, contact_s, ago_s)


def _force_at_five_n(past: Iterable[SessionRecord], site: Site, tip_mm: float | None) -> float | None:
    for summary in _comparable(past, site, tip_mm):
        five_n: float | None = summary.get("force_at_five_n")
        if five_n is not None:
            return five_n
    return None


def _ppt_n(past: Iterable[SessionRecord], site: Site, tip_mm: float | None) -> float | None:
    for summary in _comparable(past, site, tip_mm):
        ppt_n: float | None = (summary.get("calibration") or {}).get("ppt_mean_n")
        if ppt_n is not None:
            return ppt_n
    return None


def _comparable(past: Iterable[SessionRecord], site: Site, tip_mm: float | None) -> Iterator[dict[str, Any]]:
    """Yield the figures of sessions at this site with this tip whose forces can be trusted."""
    for session in filter(_has_right_forces, past):
        if session.site == site and tip_mm in {None, session.tip_diameter_mm}:
            yield session.summary or {}


def _known(past: Iterable[SessionRecord], site: Site, now: datetime) -> tuple[Known | None, float]:
    """Return what the latest session here taught, under whatever tip, and how many days ago it ended."""
    for session in filter(_has_right_forces, past):
        known = known_of(session.summary or {}) if session.site == site else None
        if known is not None:
            ago = now - (session.ended_at or session.flushed_at)
            return known, max(ago / timedelta(days=1), 0.0)
    return None, 0.0


def _has_right_forces(session: SessionRecord) -> bool:
    summary = session.summary or {}
    holds, calibration = summary.get("holds", []), summary.get("calibration") or {}
    reasons = {session.reason, *(hold.get("reason") for hold in holds)}
    suspect = calibration.get("suspect") or any(hold.get("suspect") for hold in holds)
    return reasons.isdisjoint(WRONG_FORCES) and not suspect


def _locked(engine: Engine, whose: Whose, past: Iterable[SessionRecord]) -> tuple[Site, ...]:
    cleared = _declared(engine, CLEARED, whose)
    locked = {
        session.locked_site: None
        for session in past
        if session.locked_site is not None
        and session.locked_at is not None
        and not session.locked_at < cleared.get(session.locked_site, session.locked_at)
    }
    return tuple(locked)


def _declared(engine: Engine, kind: str, whose: Whose) -> dict[Site, datetime]:
    is_whose = declarations.c.person.is_not_distinct_from(whose.person)
    query = select(declarations).where(declarations.c.kind == kind, declarations.c.profile == whose.profile, is_whose)
    with transaction(engine) as connection:
        rows = connection.execute(query.order_by(declarations.c.id)).mappings().all()
    return {Site.named(row["site"]): from_text(row["declared_at"]) for row in rows}


def _declare(engine: Engine, kind: str, whose: Whose, site: Site, now: datetime) -> None:
    values = {"profile": whose.profile, "person": whose.person, "site": site.name, "kind": kind}
    with transaction(engine, writes=True) as connection:
        connection.execute(insert(declarations).values(declared_at=to_text(now), **values))
