"""The figures of a session, as `run` and `show` print them."""

from dataclasses import dataclass

from protocols.acquaintance import taught
from protocols.calibration import CalibrationFigures, calibration_figures
from protocols.commands import Outcome
from protocols.endings import hold_record
from protocols.known import Known
from protocols.session import Ending, HoldRecord, Session


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds and newtons; what there is none of is None.

    Of the whole log, from the first sample to the last, also those after the end: `samples`, `packets_lost`,
    `contact_s` and `peak_n` (force above 2 N with gaps under 1 s joined, and its highest; None without contact). What
    presses on after the end is contact of that day.
    Of the holds alone: `credited_s`; `approach_s`, looking for the force at 5; `mean_n`, the mean force while it
    pressed in the phase *hold*, paused and finding 5 left out, None if there was none. A hold ends when the person has
    let go or the session is over, and its own contact and peak end there.
    `answers`: of the ramps of a calibration, then of the holds. `calibration`: None if no ramp began.
    `tool_failed`: the tool or its link ended the session.
    `force_at_five_n`, that of a next contact after long rest, and `known`, what was learned of the person for the next
    session, are None as long as 5 was not found.
    """

    outcome: Outcome | None
    reason: str
    tool_failed: bool
    dose_s: float
    credited_s: float
    contact_s: float
    approach_s: float
    mean_n: float | None
    peak_n: float | None
    answers: tuple[int | str, ...]
    holds: tuple[HoldRecord, ...]
    samples: int
    packets_lost: int
    force_at_five_n: float | None
    known: Known | None
    calibration: CalibrationFigures | None = None


def figures(session: Session) -> Figures:
    """Return what has come of a session so far, or in the end; `outcome` is None while it goes on."""
    holds, calibration = session.holds, session.calibration
    running = session.contact.total_ns > session.tally.contact_before_ns or session.tally.answers
    if not session.ended and running and session.calibrates:
        calibration = calibration.closed(session.tally.answers, suspect=session.zero_off)
    elif not session.ended and running:
        holds = (*holds, hold_record(session, Ending(Outcome.INTERRUPTED, "running")))
    held_s = sum(hold.held_s for hold in holds)
    held_n_s = sum(hold.mean_n * hold.held_s for hold in holds if hold.mean_n is not None)
    ending = session.ending if session.ended else None
    last_ppt_n = session.history.ppt_n if session.history is not None else None
    found = session.estimate if session.estimate is not None and session.estimate.found else None
    return Figures(
        outcome=None if ending is None else ending.outcome,
        reason="" if ending is None else ending.reason,
        tool_failed=ending is not None and ending.tool_failed,
        dose_s=session.protocol.dose_s,
        credited_s=sum(hold.credited_s for hold in holds),
        contact_s=session.contact.total_ns * 1e-9,
        approach_s=sum(hold.approach_s for hold in holds),
        mean_n=held_n_s / held_s if held_s else None,
        peak_n=session.contact.peak_n if session.contact.total_ns else None,
        answers=(*calibration.answers, *(answer for hold in holds for answer in hold.answers)),
        holds=holds,
        samples=session.samples,
        packets_lost=session.packets_lost,
        force_at_five_n=None if found is None else found.rested_five_n,
        known=None if found is None or session.tool is None else taught(found.cloud, session.tool.tip_diameter_mm),
        calibration=calibration_figures(calibration.ramps, last_ppt_n) if calibration.ramps else None,
    )
