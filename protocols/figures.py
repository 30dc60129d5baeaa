"""The figures of a session, as `run` and `show` print them."""

from dataclasses import dataclass

from protocols.commands import Outcome
from protocols.endings import hold_record
from protocols.session import Ending, HoldRecord, Session


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds and newtons; `tool_failed` says that the tool or its link ended the session."""

    outcome: Outcome | None
    reason: str
    tool_failed: bool
    dose_s: float
    credited_s: float
    contact_s: float
    approach_s: float
    mean_n: float
    peak_n: float
    answers: tuple[int | str, ...]
    holds: tuple[HoldRecord, ...]
    samples: int
    packets_lost: int
    force_at_five_n: float | None


def figures(session: Session) -> Figures:
    """Return what has come of a session so far, or in the end; `outcome` is None while it goes on."""
    holds = session.holds
    running = session.contact.total_ns > session.tally.contact_before_ns or session.tally.answers
    if not session.ended and running:
        holds = (*holds, hold_record(session, Ending(Outcome.INTERRUPTED, "running")))
    held = [(hold.mean_n, hold.contact_s) for hold in holds if hold.mean_n > 0]
    weight = sum(seconds for _, seconds in held)
    ending = session.ending if session.ended else None
    return Figures(
        outcome=None if ending is None else ending.outcome,
        reason="" if ending is None else ending.reason,
        tool_failed=ending is not None and ending.tool_failed,
        dose_s=session.dose.credited_s * session.dose.holds,
        credited_s=sum(hold.credited_s for hold in holds),
        contact_s=session.contact.total_ns * 1e-9,
        approach_s=sum(hold.approach_s for hold in holds),
        mean_n=sum(mean * seconds for mean, seconds in held) / weight if weight else 0.0,
        peak_n=max((hold.peak_n for hold in holds), default=0.0),
        answers=tuple(answer for hold in holds for answer in hold.answers),
        holds=holds,
        samples=session.samples,
        packets_lost=session.packets_lost,
        force_at_five_n=session.estimate.five_n if session.estimate is not None and session.estimate.found else None,
    )
