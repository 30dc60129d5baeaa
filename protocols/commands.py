"""What the engine wants done. Whoever carries commands out decides nothing.

Standing commands (cue, target, alarm) go out on change, and again once a second while they stand (`again`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protocols.events import Symptom
from protocols.site import Site

TOO_COARSE: Final = "too-coarse"
"""Why a session ends whose tool's steps are too wide to credit: its force may be logged all the same."""


class Phase(StrEnum):
    """Where in a step the session is."""

    TARE = "tare"
    CONTACT = "contact"
    RAMP = "ramp"
    APPROACH = "approach"
    HOLD = "hold"
    PAUSED = "paused"
    RELEASE = "release"
    REST = "rest"
    ENDED = "ended"


class Cue(StrEnum):
    """What the person is told to do."""

    NONE = "none"
    PRESS_MORE = "press-more"
    HOLD = "hold"
    EASE_OFF = "ease-off"
    RELEASE = "release"
    DONE = "done"


class Question(StrEnum):
    """What the person is asked."""

    TAP_AT_PAIN = "tap-at-pain"
    TAP_AT_FIVE = "tap-at-five"
    RATE_NOW = "rate-now"
    ARE_YOU_THERE = "are-you-there"
    GO_ON = "go-on"


class Outcome(StrEnum):
    """How a session ended. *interrupted* is written by recovery alone."""

    COMPLETE = "complete"
    SHORT = "short"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


class Message(StrEnum):
    """Sentences for the person, by key; the controller has the words."""

    PUT_TOOL_DOWN = "put-tool-down"
    PLACE_TOOL = "place-tool"
    PRESSURE_FOUND = "pressure-found"
    FOUND_ABOVE = "found-above"
    SLIPPED = "slipped"
    LINK_LOST = "link-lost"
    LINK_BACK = "link-back"
    BEHIND = "behind"
    CAP_REACHED = "cap-reached"
    TOO_MUCH = "too-much"
    ZERO_OFF = "zero-off"
    BATTERY_LOW = "battery-low"
    ADVICE = "advice"
    STOPPED = "stopped"
    TARE_AGAIN = "tare-again"
    RAMP_NEXT = "ramp-next"
    HOLD_NEXT = "hold-next"
    NOT_YET = "not-yet"


@dataclass(frozen=True, slots=True)
class Tare:
    """Set the tool's zero, averaging this long."""

    averaging_ms: int


@dataclass(frozen=True, slots=True)
class Arm:
    """Let the tool guard by itself with these limits (the heartbeat is the link's business)."""

    force_limit_n: float
    hold_limit_s: float


@dataclass(frozen=True, slots=True)
class Disarm:
    """The tool need not guard any more."""


@dataclass(frozen=True, slots=True)
class GiveCue:
    """Tell the person, on every channel."""

    cue: Cue
    again: bool = False


@dataclass(frozen=True, slots=True)
class ShowTarget:
    """Show the band and the point to aim at, newtons."""

    low_n: float
    aim_n: float
    high_n: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask on every channel; `louder` when it is asked once more. `rating`: the one that is waited for."""

    question: Question
    louder: bool = False
    rating: int = 5


@dataclass(frozen=True, slots=True)
class CloseQuestion:
    """No question stands any more."""


@dataclass(frozen=True, slots=True)
class SoundAlarm:
    """Alarm on every channel, now."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Say a sentence; `seconds`: the time that is in it."""

    message: Message
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class LockSite:
    """Remember that this site must not be pressed until cleared."""

    site: Site
    symptom: Symptom


@dataclass(frozen=True, slots=True)
class EnterPhase:
    """The session is in this phase now; `hold` counts contacts at this step from 1."""

    phase: Phase
    hold: int


@dataclass(frozen=True, slots=True)
class EndSession:
    """The session is over; `reason` is a word such as dose, cap, link, person, or TOO_COARSE."""

    outcome: Outcome
    reason: str


Command = (
    Tare
    | Arm
    | Disarm
    | GiveCue
    | ShowTarget
    | Ask
    | CloseQuestion
    | SoundAlarm
    | Tell
    | LockSite
    | EnterPhase
    | EndSession
)
