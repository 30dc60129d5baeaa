"""What the journal says about sessions, for tables and for programs."""

from typing import Any

from sqlalchemy import Engine, select

from controller.journal_errors import UnknownSessionError
from controller.journal_reader import SessionRecord, read_sessions
from controller.journal_rows import to_text
from controller.journal_schema import sessions, transaction
from controller.session_id import as_typed, begun_at
from protocols.commands import Outcome

LAST = "last"


def list_sessions(engine: Engine, *, profile: str | None = None, limit: int | None = None) -> list[SessionRecord]:
    """Return the sessions, latest first, of one profile if it is given, at most `limit` of them."""
    query = select(sessions).order_by(sessions.c.id.desc()).limit(limit)
    if profile is not None:
        query = query.where(sessions.c.profile == profile)
    return read_sessions(engine, query)


def list_profiles(engine: Engine) -> list[str]:
    """Return the profiles that have a session, by name. Raises JournalError."""
    with transaction(engine) as connection:
        return list(connection.scalars(select(sessions.c.profile).distinct().order_by(sessions.c.profile)))


def latest_real_session(engine: Engine) -> SessionRecord | None:
    """Return the latest session of a real person, or None."""
    real = select(sessions).where(sessions.c.person.is_(None)).order_by(sessions.c.id.desc())
    return next(iter(read_sessions(engine, real.limit(1))), None)


def find_session(engine: Engine, session_id: str) -> SessionRecord:
    """Return the session with this id, or whose id alone begins so; ``last`` is the latest.

    Raises UnknownSessionError.
    """
    wanted = as_typed(session_id)
    if session_id.strip().lower() == LAST:
        found = list_sessions(engine, limit=1)
        if not found:
            raise UnknownSessionError("there is no session yet; `holdwell run` makes one")
        return found[0]
    matches = sessions.c.id.startswith(wanted, autoescape=True)
    found = read_sessions(engine, select(sessions).where(matches).order_by(sessions.c.id).limit(2))
    if not wanted or not found:
        raise UnknownSessionError(f"there is no session '{session_id}'; `holdwell sessions` lists them")
    if len(found) > 1:
        raise UnknownSessionError(
            f"more than one session begins with '{session_id}', such as {found[0].id} and {found[1].id}; "
            "type more of it"
        )
    return found[0]


def report(session: SessionRecord) -> dict[str, Any]:
    """Return what `run` and `show` print as JSON: always the same keys in the same order.

    Figures of a session that still runs are None, its lists empty.
    """
    figures = session.summary or {}
    keys = ("credited_s", "contact_s", "approach_s", "mean_n", "peak_n", "force_at_five_n")
    return {
        "session_id": session.id,
        "profile": session.profile,
        "person": session.person,
        "protocol": session.protocol["name"],
        "site": session.site.name,
        "outcome": session.outcome.value if session.outcome else None,
        "reason": session.reason,
        "dose_s": session.dose_s,
        **{key: figures.get(key) for key in keys},
        "calibration": figures.get("calibration"),
        "heart": figures.get("heart"),
        "answers": figures.get("answers", []),
        "holds": [_hold(session, hold) for hold in figures.get("holds", [])],
        "packets_lost": figures.get("packets_lost"),
        "samples": figures.get("samples"),
        "tool": session.tool,
        "recorded_at": to_text(begun_at(session.id)),
        "started_at": to_text(session.started_at),
        "ended_at": to_text(session.ended_at) if session.ended_at else None,
    }


def _hold(session: SessionRecord, hold: dict[str, Any]) -> dict[str, Any]:
    # Every hold of a session has the same dose, that of the last step.
    holds = session.protocol["steps"][-1].get("holds", 1)
    outcome = Outcome.COMPLETE if hold["complete"] else Outcome.SHORT
    return {"outcome": outcome.value, "dose_s": session.dose_s / holds, **hold}
