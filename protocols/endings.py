"""How a hold and a session end, and which of two endings counts."""

from dataclasses import replace

from protocols.commands import EndSession, Message, Outcome, Phase, Tell
from protocols.credit import Credit
from protocols.rest import tell_rest
from protocols.session import Ending, HoldRecord, Session, Tally
from protocols.turn import Turn, graver

INPUT_ENDED = Ending(Outcome.SHORT, "recording-ended")


def end(turn: Turn, ending: Ending) -> None:
    """End the session here and now; a graver ending that was already on its way stays."""
    if turn.phase is Phase.ENDED:
        return
    if turn.ending is not None:
        ending = graver(turn.ending, ending)
    touched_ns = turn.contact.total_ns - turn.tally.contact_before_ns
    if touched_ns > 0 or turn.tally.answers or turn.credit.seconds > 0:
        credit = turn.credit
        close_hold(turn, ending)
        turn.credit = credit.broken()
    turn.ending, turn.pause = ending, None
    turn.close_question()
    turn.enter(Phase.ENDED)
    if not ending.tool_failed:
        turn.disarm()
    turn.commands.append(EndSession(ending.outcome, ending.reason))


def leave(turn: Turn, ending: Ending) -> None:
    """End the session: after a release where the tool touches, at once where it does not."""
    if turn.contact.touching:
        turn.end_after_release(ending)
    else:
        end(turn, ending)


def unseen(turn: Turn) -> None:
    """Go on after a release that nothing shows any more. A dose that was done stays done; else the link failed too."""
    ending = turn.ending
    assert ending is not None
    if ending != INPUT_ENDED:
        turn.commands.append(Tell(Message.LINK_LOST))
        if ending.outcome is not Outcome.COMPLETE and not ending.hold_only:
            turn.ending = replace(ending, tool_failed=True)
    released(turn)


def released(turn: Turn) -> None:
    """Go on after the person has let go, as far as can be known: rest, or the end."""
    ending = turn.ending
    assert ending is not None
    if not ending.hold_only:
        end(turn, ending)
        return
    close_hold(turn, ending)
    turn.ending = None
    turn.enter(Phase.REST)
    tell_rest(turn)


def of_last_hold(turn: Turn, ending: Ending) -> Ending:
    """Return `ending`, which the present hold earned, as it counts for the hold alone or for the session.

    A session is complete when all of its holds are; otherwise the first one that is not says why.
    """
    if turn.hold < turn.dose.holds:
        return Ending(ending.outcome, ending.reason, hold_only=True)
    failed = next((hold for hold in turn.holds if not hold.complete), None)
    if failed is not None and ending.outcome is Outcome.COMPLETE:
        return Ending(Outcome.SHORT, failed.reason)
    return ending


def close_hold(turn: Turn, ending: Ending) -> None:
    """Keep the figures of the present hold or ramp, and begin the next one's at zero."""
    if turn.calibrates:
        turn.calibration = turn.calibration.closed(turn.tally.answers, suspect=turn.zero_off)
    else:
        turn.holds = (*turn.holds, hold_record(turn, ending))
    turn.tally = Tally(contact_before_ns=turn.contact.total_ns)
    turn.credit = Credit()


def hold_record(turn: Turn | Session, ending: Ending) -> HoldRecord:
    """Return the figures of the present hold as it would stand if it ended now."""
    tally = turn.tally
    contact_ns = turn.contact.total_ns - tally.contact_before_ns
    return HoldRecord(
        reason=ending.reason,
        complete=turn.credit.seconds >= turn.dose.credited_s,
        credited_s=turn.credit.seconds,
        contact_s=contact_ns * 1e-9,
        approach_s=tally.approach_ns * 1e-9,
        held_s=tally.held_s,
        mean_n=tally.held_n_s / tally.held_s if tally.held_s else None,
        peak_n=tally.peak_n if contact_ns else None,
        answers=tally.answers,
        suspect=turn.zero_off,
    )
