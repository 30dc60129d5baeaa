"""How long the person rests after letting go, and what comes then."""

from math import ceil

from protocols.commands import Message, Tell
from protocols.history import KNOWN_APPROACH_TAKES_S
from protocols.plan import CALIBRATION_S, Calibrate
from protocols.session import Session
from protocols.turn import Turn

AFTER_RAMP_S = 10.0
"""Between letting go of one ramp and the next one at least, however long the ramp was. A design choice."""

BEFORE_HOLD_S = 30.0
"""Between the last ramp and a hold at least: the default rest between two holds."""


def rest_s(state: Turn | Session) -> float:
    """Return how long the rest lasts that begins, or began, with the present phase, seconds."""
    step = state.step
    if not isinstance(step, Calibrate):
        return step.dose.rest_s
    if not more_ramps(state, len(state.calibration.ramps)):
        return max(BEFORE_HOLD_S, state.protocol.steps[-1].dose.rest_s)
    return max(AFTER_RAMP_S, step.between_s - (state.phase_ns - state.calibration.begun_ns) * 1e-9)


def more_ramps(state: Turn | Session, done: int) -> bool:
    """Return whether another ramp comes after so many, as far as a calibration's contact allows."""
    step = state.step
    left_s = CALIBRATION_S - state.contact.total_ns * 1e-9
    return isinstance(step, Calibrate) and done < step.ramps and left_s >= KNOWN_APPROACH_TAKES_S


def hold_follows(state: Turn | Session) -> bool:
    """Return whether a hold comes after the present calibration."""
    return state.calibrates and state.step_index + 1 < len(state.protocol.steps)


def tell_rest(turn: Turn) -> None:
    """Tell the person who rests after a ramp what comes, and when."""
    if turn.calibrates:
        more = more_ramps(turn, len(turn.calibration.ramps))
        message = Message.RAMP_NEXT if more else Message.HOLD_NEXT
        turn.commands.append(Tell(message, ceil(rest_s(turn))))
