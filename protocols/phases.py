"""The way through a compress step: tare, contact, approach, hold, release, rest.

Each function changes a Turn on one occasion: a packet of force came, the tool answered, or time passed.
"""

from dataclasses import replace

from protocols.commands import Disarm, EndSession, Message, Outcome, Phase, Question, Tare, Tell
from protocols.credit import Credit
from protocols.discomfort import Discomfort
from protocols.events import ArmRefused, HistoryLoaded, LinkRestored, TareRefused, ToolConnected
from protocols.guard import Verdict
from protocols.history import cap_n, contact_left_s, first_limit_n, refusal
from protocols.pacing import LIMIT_MARGIN, REACHED, Pacing, approach_stop_n, fast_until_n
from protocols.pauses import pause
from protocols.prior import prior_for
from protocols.session import Ending, HoldRecord, PauseReason, Session, Tally, Zero
from protocols.turn import Turn

TARE_MS = 500
TARE_AGAIN_NS = 2_000_000_000
MOST_REFUSALS = 20
NO_CONTACT_NS = 120_000_000_000
ZERO_NS = 500_000_000
"""How long the force is averaged after a release to see whether the zero still holds."""

ZERO_OFF_N = 1.0
ASK_BEFORE_END_S = 4.0
"""No question when so little credit is left that its answer would come too late to matter."""


def history_loaded(turn: Turn, event: HistoryLoaded) -> None:
    """Take what was done before into account, or refuse."""
    turn.history = event
    turn.contact_left_s = contact_left_s(event)
    refused = refusal(turn.site, turn.dose, event)
    if refused is not None:
        end(turn, Ending(Outcome.SHORT, refused.reason))


def tool_connected(turn: Turn, event: ToolConnected) -> None:
    """Set limits and beliefs for this tool, and tare it."""
    turn.tool = event.tool
    history = turn.history or HistoryLoaded(event.at_ns)
    turn.contact_left_s = contact_left_s(history)
    prior = prior_for(turn.site, event.tool.tip_diameter_mm, history.force_at_five_n)
    turn.estimate = Discomfort.begin(prior, turn.dose.band.low_edge, turn.dose.band.high_edge)
    turn.cap_n = cap_n(turn.site, turn.dose, event.tool)
    turn.guard = turn.guard.limited(first_limit_n(prior, turn.cap_n))
    turn.pacing = Pacing.waiting()
    turn.enter(Phase.TARE)
    turn.commands += [Tell(Message.PUT_TOOL_DOWN), Tare(TARE_MS)]


def link_restored(turn: Turn, event: LinkRestored) -> None:
    """Set the zero again if the tool lost it, or if the link was lost while it was being set."""
    turn.zero_off = turn.zero_off or event.rebooted
    if turn.phase is Phase.TARE and turn.pause is None:
        turn.commands.append(Tare(TARE_MS))


def tared(turn: Turn) -> None:
    """Arm the tool once its zero is set; go on if it cannot guard by itself."""
    turn.zero_off = False
    turn.arm()
    if turn.tool is not None and not turn.tool.can_arm and turn.phase is Phase.TARE:
        wait_for_contact(turn)


def armed(turn: Turn) -> None:
    """Go on to contact once the tool guards."""
    turn.refused = 0
    if turn.phase is Phase.TARE:
        wait_for_contact(turn)


def refused(turn: Turn, event: TareRefused | ArmRefused) -> None:
    """Ask for the tool to be put down, and count: a tool that goes on refusing cannot be used."""
    turn.refused += 1
    if turn.phase is Phase.TARE:
        turn.phase_ns = turn.now_ns
        turn.commands.append(Tell(Message.PUT_TOOL_DOWN))
    elif isinstance(event, ArmRefused):
        turn.end_after_release(Ending(Outcome.STOPPED, "arm", tool_failed=True))
    if turn.refused > MOST_REFUSALS:
        turn.end_after_release(Ending(Outcome.STOPPED, "tare", tool_failed=True))


def wait_for_contact(turn: Turn) -> None:
    """Wait for the tool to touch the site."""
    turn.enter(Phase.CONTACT)
    turn.commands.append(Tell(Message.PLACE_TOOL))


def sampled(turn: Turn, at_ns: int) -> None:
    """Go on after a packet whose last sample was taken at `at_ns`."""
    match turn.phase:
        case Phase.CONTACT:
            if turn.contact.pressed:
                begin_approach(turn, at_ns)
        case Phase.APPROACH:
            _approach(turn, at_ns)
        case Phase.HOLD:
            _hold(turn, at_ns)
        case Phase.RELEASE:
            _release(turn)
        case Phase.TARE | Phase.PAUSED | Phase.REST | Phase.ENDED:
            pass


def begin_approach(turn: Turn, at_ns: int) -> None:
    """Begin, or resume, the approach: the tool touches."""
    turn.pacing = turn.pacing.touched(turn.force_n, at_ns)
    turn.enter(Phase.APPROACH)
    if not _found(turn):
        turn.ask(Question.TAP_AT_FIVE)


def time_passed(turn: Turn) -> None:
    """Do what time alone brings, in the phases of this file."""
    waited_ns = turn.now_ns - turn.phase_ns
    match turn.phase:
        case Phase.TARE:
            if turn.refused and turn.tool is not None and waited_ns >= TARE_AGAIN_NS:
                turn.phase_ns = turn.now_ns
                turn.commands.append(Tare(TARE_MS))
        case Phase.CONTACT:
            if waited_ns >= NO_CONTACT_NS:
                end(turn, Ending(Outcome.SHORT, "no-contact"))
        case Phase.RELEASE:
            if turn.contact.last_ns is None or not turn.fresh:
                _released(turn)
        case Phase.REST:
            if waited_ns >= turn.dose.rest_s * 1e9 and not turn.pressed:
                _next_hold(turn)
        case Phase.APPROACH | Phase.HOLD | Phase.PAUSED | Phase.ENDED:
            pass


def end(turn: Turn, ending: Ending) -> None:
    """End the session here and now."""
    if turn.phase is Phase.ENDED:
        return
    touched_ns = turn.contact.total_ns - turn.tally.contact_before_ns
    if touched_ns > 0 or turn.tally.answers or turn.credit.seconds > 0:
        _close_hold(turn, ending)
    turn.ending, turn.pause = ending, None
    turn.close_question()
    turn.enter(Phase.ENDED)
    if turn.tool is not None and turn.tool.can_arm and not ending.tool_failed and not turn.pressed:
        turn.commands.append(Disarm())
    turn.commands.append(EndSession(ending.outcome, ending.reason))


def _found(turn: Turn) -> bool:
    return turn.estimate is not None and turn.estimate.found


def _approach(turn: Turn, at_ns: int) -> None:
    estimate = turn.estimate
    assert estimate is not None
    if not turn.contact.touching:
        pause(turn, PauseReason.SLIP)
        return
    known = turn.history.force_at_five_n if turn.history is not None else None
    easing = turn.verdict is not Verdict.FINE
    if estimate.found:
        # A force already called 5 today, or one to come back to after a pause.
        five_n = estimate.force_n(5)
        goal_n = five_n if turn.pacing.resume_n is None else turn.pacing.resume_n
        goal_n = min(goal_n, LIMIT_MARGIN * turn.guard.limit_n)
        turn.pacing = replace(turn.pacing, resume_n=goal_n)
        fast_n = min(fast_until_n(estimate.prior, five_n), goal_n)
        turn.pacing = turn.pacing.approach(turn.force_n, at_ns, goal_n, fast_n, easing=easing)
        if turn.pacing.resumed:
            turn.enter(Phase.HOLD)
        return
    stop_n, _ = approach_stop_n(estimate, turn.guard.limit_n)
    stop_n = min(stop_n, turn.pacing.ceiling_n)
    fast_n = fast_until_n(estimate.prior, known)
    turn.pacing = turn.pacing.approach(turn.force_n, at_ns, stop_n, fast_n, easing=easing)
    waiting = turn.asking.question is not Question.RATE_NOW
    if waiting and turn.pacing.aim_n >= stop_n and turn.pacing.hand_n >= REACHED * stop_n:
        turn.ask(Question.RATE_NOW)


def _hold(turn: Turn, at_ns: int) -> None:
    estimate = turn.estimate
    assert estimate is not None
    if turn.credit.seconds >= turn.dose.credited_s:
        turn.end_after_release(Ending(Outcome.COMPLETE, "dose", hold_only=turn.hold < turn.dose.holds))
        return
    if not turn.contact.touching:
        pause(turn, PauseReason.SLIP)
        return
    pacing = turn.pacing.hold(turn.force_n, at_ns, estimate, turn.dose.band, turn.guard.limit_n)
    turn.pacing = pacing
    left_s = turn.dose.credited_s - turn.credit.seconds
    inside = pacing.low_n <= turn.force_n <= pacing.high_n
    if inside and left_s > ASK_BEFORE_END_S and turn.asking.may_ask(turn.now_ns):
        turn.ask(Question.RATE_NOW)


def _release(turn: Turn) -> None:
    if turn.contact.touching:
        turn.zero = None
        return
    zero = turn.zero or Zero(turn.now_ns)
    turn.zero = replace(zero, sum_n=zero.sum_n + turn.force_n, count=zero.count + 1)
    if turn.now_ns - zero.since_ns >= ZERO_NS:
        if abs(turn.zero.sum_n / turn.zero.count) > ZERO_OFF_N:
            turn.zero_off = True
            turn.commands.append(Tell(Message.ZERO_OFF))
        _released(turn)


def _released(turn: Turn) -> None:
    ending = turn.ending
    assert ending is not None
    if not ending.hold_only:
        end(turn, ending)
        return
    _close_hold(turn, ending)
    turn.ending = None
    turn.enter(Phase.REST)


def _next_hold(turn: Turn) -> None:
    turn.hold += 1
    if turn.estimate is not None:
        turn.pacing = Pacing.waiting(min(turn.estimate.force_n(turn.dose.band.low), turn.pacing.ceiling_n))
    if turn.zero_off:
        turn.enter(Phase.TARE)
        turn.commands += [Disarm(), Tell(Message.TARE_AGAIN), Tare(TARE_MS)]
        return
    # A new contact: arming again, at rest, is what restarts the tool's own clock of the hold.
    turn.arm()
    wait_for_contact(turn)


def _close_hold(turn: Turn, ending: Ending) -> None:
    turn.holds = (*turn.holds, hold_record(turn, ending))
    turn.tally = Tally(contact_before_ns=turn.contact.total_ns)
    turn.credit = Credit()


def hold_record(turn: Turn | Session, ending: Ending) -> HoldRecord:
    """Return the figures of the present hold as it would stand if it ended now."""
    tally = turn.tally
    return HoldRecord(
        reason=ending.reason,
        complete=turn.credit.seconds >= turn.dose.credited_s,
        credited_s=turn.credit.seconds,
        contact_s=(turn.contact.total_ns - tally.contact_before_ns) * 1e-9,
        approach_s=tally.approach_ns * 1e-9,
        mean_n=tally.held_n_s / tally.held_s if tally.held_s else 0.0,
        peak_n=tally.peak_n,
        answers=tally.answers,
        suspect=turn.zero_off,
    )
