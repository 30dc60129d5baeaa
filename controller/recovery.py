"""Closes the sessions whose process died: the engine runs what was journalled again."""

import json
import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select, update

from controller.journal_reader import SessionRecord, read_entries, session_record
from controller.journal_rows import Row, moment, to_text
from controller.journal_schema import blocks, records, sessions, transaction
from controller.owner import Owner
from controller.read_summary import problem_of
from controller.replay import run_again
from controller.summary import summary_of
from protocols.commands import EndSession, Outcome
from protocols.figures import figures
from protocols.session import Session

logger = logging.getLogger(__name__)

REASON = "app"
"""Why an interrupted session ended: the app stopped, without saying how."""


def recover(engine: Engine, now: datetime) -> tuple[str, ...]:
    """Close the sessions that have no end and whose process is gone, and return their ids.

    A session that the engine had ended keeps that outcome; the others become *interrupted*. Sessions of
    living processes are left alone. `now`: aware. Raises JournalError.
    """
    unended = sessions.c.ended_at.is_(None)
    with transaction(engine) as connection:
        rows = [dict(row) for row in connection.execute(select(sessions).where(unended)).mappings()]
    abandoned = [session for row in rows if _is_abandoned(row, session := session_record(row), now)]
    for session in abandoned:
        values = _ending(engine, session)
        with transaction(engine, writes=True) as connection:
            connection.execute(update(sessions).where(sessions.c.id == session.id, unended).values(values))
    return tuple(session.id for session in abandoned)


def _is_abandoned(row: Row, session: SessionRecord, now: datetime) -> bool:
    owner = Owner(row["owner_host"], row["owner_pid"], row["owner_created_s"])
    return owner.is_gone(flushed_at=session.flushed_at, now=now)


def _ending(engine: Engine, session: SessionRecord) -> dict[str, Any]:
    state: Session | None = None
    summary: dict[str, Any] = {}
    last_ns, outcome, reason = session.origin_ns, Outcome.INTERRUPTED, REASON
    try:
        protocol = session.plan()
        state = Session.begin(protocol, session.site)
        for again in run_again(protocol, session.site, read_entries(engine, session.id)):
            state, last_ns = again.after, again.entry.event.at_ns
            for command in again.entry.commands:
                if isinstance(command, EndSession):
                    outcome, reason = command.outcome, command.reason
        summary = summary_of(figures(state))
    except Exception as error:  # noqa: BLE001 - what killed the session comes again; the state before counts
        problem = problem_of(error) or type(error).__name__
        logger.warning("session %s can be recovered in part only: %s", session.id, problem)
        last_ns = max(last_ns, _last_ns(engine, session))
        # Contact goes on after what could be run again, so neither its length nor its peak is known.
        summary = summary_of(figures(state)) | {"contact_s": None, "peak_n": None} if state is not None else {}
    return {
        "ended_at": to_text(moment(session.started_at, session.origin_ns, last_ns)),
        "outcome": outcome.value,
        "reason": reason,
        "summary": json.dumps(summary),
    }


def _last_ns(engine: Engine, session: SessionRecord) -> int:
    queries = [select(func.max(table.c.at_ns)).where(table.c.session_id == session.id) for table in (records, blocks)]
    with transaction(engine) as connection:
        found = [connection.scalar(query) for query in queries]
    return max((at_ns for at_ns in found if at_ns is not None), default=session.origin_ns)
