"""What must be so before the tool may touch: history, limits, zero, arming."""

from dataclasses import replace
from math import isfinite

from protocols.acquaintance import acquaintance, believable
from protocols.cloud import Cloud
from protocols.coarseness import too_coarse
from protocols.commands import TOO_COARSE, Message, Outcome, Phase, Tare, Tell
from protocols.discomfort import Discomfort
from protocols.endings import end
from protocols.events import Armed, ArmRefused, HistoryLoaded, TareRefused, ToolConnected, ToolFacts
from protocols.history import cap_n, contact_left_s, first_limit_n, refusal
from protocols.pacing import Pacing
from protocols.people import strangers
from protocols.prior import prior_for
from protocols.session import Ending
from protocols.site import Site
from protocols.turn import Turn

TARE_MS = 500
TARE_AGAIN_NS = 2_000_000_000
UNANSWERED_NS = 6_000_000_000
"""What the tool refused is asked for again after 2 s; what it did not answer, after 6 s."""

MOST_REFUSALS = 20
SILENCE_COUNTS = 2
"""A tool that refuses more often than this is given up; no answer at all counts twice: about a minute."""

ARM_AGAIN_NS = 2_000_000_000
SAME_LIMIT_N = 0.01
STRONGEST_TOOL_N = 10_000.0
WIDEST_TIP_MM = 1000.0
"""Facts beyond these are not those of a tool that a hand holds."""


def history_loaded(turn: Turn, event: HistoryLoaded) -> None:
    """Take what was done before into account, or refuse. A session has one history: a second one changes nothing."""
    if turn.history is not None:
        return
    known_n = event.force_at_five_n
    if known_n is not None and not 0 < known_n <= STRONGEST_TOOL_N:
        event = replace(event, force_at_five_n=None)
    if event.ppt_n is not None and not 0 < event.ppt_n <= STRONGEST_TOOL_N:
        event = replace(event, ppt_n=None)
    if event.known is not None and not believable(event.known, event.known_days):
        event = replace(event, known=None)
    turn.history = event
    turn.contact_left_s = contact_left_s(event)
    refused = refusal(turn.site, turn.protocol.steps, event)
    if refused is not None:
        end(turn, Ending(Outcome.SHORT, refused.reason))


def tool_connected(turn: Turn, event: ToolConnected) -> None:
    """Set limits and beliefs for this tool, and tare it. A session has one tool."""
    if turn.tool is not None:
        return
    history_loaded(turn, HistoryLoaded(event.at_ns))
    history = turn.history
    if turn.phase is Phase.ENDED or history is None:
        return
    if not _usable(event.tool):
        end(turn, Ending(Outcome.STOPPED, "tool-facts", tool_failed=True))
        return
    turn.tool = event.tool
    prior = prior_for(turn.site, event.tool.tip_diameter_mm, history.force_at_five_n)
    cloud = _whom_to_expect(turn.site, event.tool.tip_diameter_mm, history)
    turn.estimate = Discomfort.begin(prior, cloud, turn.dose.band.low_edge, turn.dose.band.high_edge)
    turn.cap_n = cap_n(turn.site, turn.dose, event.tool)
    turn.guard = turn.guard.limited(first_limit_n(prior, turn.cap_n))
    turn.pacing = Pacing.waiting()
    if too_coarse(event.tool.resolution_n):
        end(turn, Ending(Outcome.STOPPED, TOO_COARSE, tool_failed=True))
        return
    turn.enter(Phase.TARE)
    turn.commands.append(Tell(Message.PUT_TOOL_DOWN))
    request_tare(turn)


def request_tare(turn: Turn) -> None:
    """Ask the tool for a new zero; until it has one, its zero counts as off."""
    turn.zero_off, turn.refused_ns = True, None
    if turn.phase is Phase.TARE:
        turn.phase_ns = turn.now_ns
    turn.commands.append(Tare(TARE_MS))


def set_zero_again(turn: Turn) -> None:
    """Ask for a new zero of a tool that may be armed: an armed one refuses."""
    turn.disarm()
    turn.commands.append(Tell(Message.TARE_AGAIN))
    request_tare(turn)


def tared(turn: Turn) -> None:
    """Arm the tool once its zero is set."""
    turn.zero_off = False
    arm_and_wait(turn)


def arm_and_wait(turn: Turn) -> None:
    """Arm the tool; go on to contact at once if it cannot guard by itself."""
    turn.arm()
    if turn.phase is Phase.TARE and turn.tool is not None and not turn.tool.can_arm:
        wait_for_contact(turn)


def armed(turn: Turn, event: Armed) -> None:
    """Go on to contact once the tool guards, with a zero that is right."""
    turn.refused = 0
    turn.armed_n = event.force_limit_n
    if turn.phase is Phase.TARE and turn.tool is not None and not turn.zero_off:
        wait_for_contact(turn)


def refused(turn: Turn, event: TareRefused | ArmRefused) -> None:
    """Ask for the tool to be put down, and count: a tool that goes on refusing cannot be used."""
    turn.refused += 1
    if turn.phase is Phase.TARE:
        turn.refused_ns = turn.now_ns
        turn.commands.append(Tell(Message.PUT_TOOL_DOWN))
    elif isinstance(event, ArmRefused) and turn.phase is not Phase.PAUSED:
        # Paused, it is armed again before the next contact: a tool that lost its heartbeat refuses under load.
        turn.end_after_release(Ending(Outcome.STOPPED, "arm", tool_failed=True))
    _give_up(turn)


def time_passed(turn: Turn) -> None:
    """Ask again for what the tool refused a moment ago, or did not answer."""
    if turn.tool is None:
        return
    waited_ns = turn.now_ns - turn.phase_ns
    if waited_ns >= UNANSWERED_NS:
        turn.refused += SILENCE_COUNTS
        _give_up(turn)
    elif turn.refused_ns is None or turn.now_ns - turn.refused_ns < TARE_AGAIN_NS:
        return
    if turn.phase is Phase.TARE:
        set_zero_again(turn)


def arm_again(turn: Turn, *, after_ns: int = ARM_AGAIN_NS) -> None:
    """Repeat, in contact, a force limit that the tool did not confirm: the command or its answer was lost."""
    told = turn.armed_n is not None and abs(turn.armed_n - turn.guard.limit_n) <= SAME_LIMIT_N
    if not told and turn.fresh and turn.now_ns - turn.arm_ns >= after_ns:
        turn.arm()


def wait_for_contact(turn: Turn) -> None:
    """Wait for the tool to touch the site."""
    turn.enter(Phase.CONTACT)
    turn.commands.append(Tell(Message.PLACE_TOOL))


def _whom_to_expect(site: Site, tip_diameter_mm: float, history: HistoryLoaded) -> Cloud:
    if history.known is None:
        return strangers(site, tip_diameter_mm)
    return acquaintance(history.known, history.known_days, site, tip_diameter_mm)


def _give_up(turn: Turn) -> None:
    if turn.refused > MOST_REFUSALS:
        turn.end_after_release(Ending(Outcome.STOPPED, "tare", tool_failed=True))


def _usable(tool: ToolFacts) -> bool:
    return (
        0 < tool.capacity_n <= STRONGEST_TOOL_N
        and isfinite(tool.resolution_n)
        and (0 < tool.tip_diameter_mm <= WIDEST_TIP_MM)
    )
