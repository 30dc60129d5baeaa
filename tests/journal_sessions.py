"""Sessions for tests of the journal: the engine, with a person who does what it says, and events at 20 packets/s."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import sin

from sqlalchemy import event as hooks

from controller.journal import Journal
from controller.summary import summary_of
from protocols.commands import Arm, Ask, Command, Cue, GiveCue, Question, ShowTarget, Tare
from protocols.engine import step
from protocols.events import Answered, Armed, Event, HistoryLoaded, Sampled, Tared, Ticked, ToolConnected, ToolFacts
from protocols.figures import figures
from protocols.plan import Compress, Dose, Protocol
from protocols.session import Session
from protocols.site import Site

PROTOCOL = Protocol("single-dose", "One dose", (Compress(Dose(credited_s=30)),))
SITE = Site.named("upper-trapezius-left")
TOOL = ToolFacts("Holdwell Tool 1234", 200.0, 11.3, 0.01, 10_000_000)
STARTED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
ORIGIN_NS = 5_000_000_000
SECOND = 1_000_000_000
PACKET_NS = SECOND // 20

Step = tuple[Event, tuple[Command, ...], Session]


def noon() -> datetime:
    return STARTED_AT


def steps(seconds: float = 100.0, five_n: float = 20.0) -> Iterator[Step]:
    """Yield a guided session's events with the commands the engine gave and the state it reached."""
    session, at_ns, force_n, aim_n = Session.begin(PROTOCOL, SITE), ORIGIN_NS, 0.0, 0.0
    letting_go = False
    due: list[Event] = [HistoryLoaded(at_ns), ToolConnected(at_ns, TOOL)]
    while at_ns < ORIGIN_NS + seconds * SECOND:
        while due and due[0].at_ns <= at_ns:
            event = due.pop(0)
            session, commands = step(session, event)
            yield event, commands, session
            for command in commands:
                match command:
                    case Tare():
                        due.append(Tared(at_ns, 0.01))
                    case Arm():
                        due.append(Armed(at_ns, command.force_limit_n, command.hold_limit_s))
                    case ShowTarget() if not letting_go:
                        aim_n = command.aim_n
                    case GiveCue():
                        letting_go = command.cue in {Cue.RELEASE, Cue.DONE}
                        aim_n = 0.0 if letting_go else aim_n
                    case Ask(question=Question.RATE_NOW):
                        due.append(Answered(at_ns, at_ns, 5, "keys"))
                    case _:
                        pass
        if session.phase == "approach" and force_n >= five_n and session.asking.question is not None:
            due.append(Answered(at_ns, at_ns, 5, "keys"))
        at_ns += PACKET_NS
        forces = []
        for _ in range(5):
            target_n = 4.0 if session.phase == "contact" and aim_n == 0.0 else aim_n
            force_n += (target_n - force_n) * 0.02
            forces.append(round(force_n + 0.05 * sin(len(forces) + at_ns / SECOND), 2))
        due.append(Sampled(at_ns, at_ns - 4 * TOOL.sample_period_ns, TOOL.sample_period_ns, tuple(forces)))
        due.append(Ticked(at_ns))


def begin(journal: Journal, **changes: object) -> str:
    values = {
        "profile": "me",
        "person": None,
        "remembered": False,
        "protocol": PROTOCOL,
        "site": SITE,
        "dose_s": 30.0,
        "tool": "sim",
        "started_at": STARTED_AT,
        "origin_ns": ORIGIN_NS,
    }
    return journal.begin(**(values | changes))


def write_session(journal: Journal, seconds: float = 100.0, **changes: object) -> tuple[str, list[Step]]:
    """Write one whole session and return its id and its steps."""
    session_id, written = begin(journal, **changes), []
    for event, commands, session in steps(seconds):
        journal.append(event, commands)
        written.append((event, commands, session))
    result = figures(written[-1][2])
    outcome = result.outcome
    assert outcome is not None, "the scripted session must come to its end"
    journal.finish(outcome, result.reason, summary_of(result))
    journal.flush()
    return session_id, written


def squeeze(journal: Journal, pages: int) -> None:
    """Let every new connection find no room for more than `pages` pages, as on a full disk."""
    hooks.listen(journal.engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count={pages}"))


def abandon(journal: Journal, session_id: str) -> None:
    """Let a session look as if its process had died."""
    with journal.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE sessions SET owner_pid = 999999999 WHERE id = '{session_id}'")
