"""What the engine is told. The passing of time is an event too: nothing here or in `step` looks at a clock.

Every event has `at_ns`, the host time in integer nanoseconds at which the controller learned of it. The origin
means nothing: moving a whole session in time changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from protocols.known import Known
from protocols.site import Site


class Press(StrEnum):
    """A press on the tool's one button, or its like on a watch."""

    SHORT = "short"
    DOUBLE = "double"
    LONG = "long"


class AlarmCause(StrEnum):
    """Why an armed tool raised its own alarm."""

    FORCE_LIMIT = "force-limit"
    HOLD_LIMIT = "hold-limit"
    HEARTBEAT_LOST = "heartbeat-lost"
    SENSOR_FAULT = "sensor-fault"


class Symptom(StrEnum):
    """What a person may report during a session; each stops it (evidence: IFOMPT and massage safety lists)."""

    DIZZINESS = "dizziness"
    NUMBNESS = "numbness"
    NAUSEA = "nausea"
    VISION = "vision"
    SPEECH = "speech"
    FAINTNESS = "faintness"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """What the engine needs to know of a tool: newtons, millimetres, nanoseconds."""

    name: str
    capacity_n: float
    tip_diameter_mm: float
    resolution_n: float
    sample_period_ns: int
    unloads_itself: bool = False
    can_arm: bool = True
    has_button: bool = True


@dataclass(frozen=True, slots=True)
class PastContact:
    """Contact of an earlier session: where, how long, and how long before this session it ended (seconds)."""

    site: Site
    contact_s: float
    ended_ago_s: float


@dataclass(frozen=True, slots=True)
class HistoryLoaded:
    """The first event of every session: what this profile did before.

    `force_at_five_n` is the force at an answer of 5 at this site, from the latest session that found it; `ppt_n` the
    mean force at first pain, from the latest calibration there. Newtons.
    `locked` are sites where a symptom was reported and not yet cleared. `shown` are muscles' sites that a clinician
    showed. `tender_since` answers "more tender, bruised or numb since?"; None: not asked. `known` is what the latest
    session at this site taught that found the force at 5, `known_days` how many days before this one it ended.
    """

    at_ns: int
    contacts: tuple[PastContact, ...] = ()
    force_at_five_n: float | None = None
    locked: tuple[Site, ...] = ()
    shown: tuple[Site, ...] = ()
    tender_since: bool | None = None
    ppt_n: float | None = None
    known: Known | None = None
    known_days: float = 0.0


@dataclass(frozen=True, slots=True)
class ToolConnected:
    """The tool is connected and streams."""

    at_ns: int
    tool: ToolFacts


@dataclass(frozen=True, slots=True)
class Tared:
    """The tool set its zero."""

    at_ns: int
    offset_n: float


@dataclass(frozen=True, slots=True)
class TareRefused:
    """The tool did not tare: it moved, is loaded or armed."""

    at_ns: int
    why: str


@dataclass(frozen=True, slots=True)
class Armed:
    """The tool guards by itself from now on, with these limits."""

    at_ns: int
    force_limit_n: float
    hold_limit_s: float


@dataclass(frozen=True, slots=True)
class ArmRefused:
    """The tool would not arm."""

    at_ns: int
    why: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """One packet of force: sample i was taken at `first_ns + i * period_ns`.

    `forces_n`: newtons, NaN where the tool had no valid sample. `lost`: packets missing before this one.
    """

    at_ns: int
    first_ns: int
    period_ns: int
    forces_n: tuple[float, ...]
    saturated: bool = False
    fault: bool = False
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time has passed."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The person gave a number, 0 to 10, at `given_ns`. `via`: keys, or simulated."""

    at_ns: int
    given_ns: int
    rating: int
    via: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed a button whose meaning depends on the phase, at `given_ns` (first press-down)."""

    at_ns: int
    given_ns: int
    press: Press
    via: str


@dataclass(frozen=True, slots=True)
class WentOn:
    """The person said "I'm here" or "go on"."""

    at_ns: int
    via: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The person, or whoever runs the app, wants it to end. `by`: person, ctrl-c."""

    at_ns: int
    by: str


@dataclass(frozen=True, slots=True)
class SymptomReported:
    """The person feels something that must stop the session."""

    at_ns: int
    symptom: Symptom


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The radio link to the tool is gone."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """The link is back and the tool streams again; `rebooted`: it lost its zero and its arming meanwhile."""

    at_ns: int
    rebooted: bool = False


@dataclass(frozen=True, slots=True)
class ToolFailed:
    """There will be no tool any more; `reason` is a sentence for the person."""

    at_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class ToolAlarmed:
    """The tool raised its own alarm and is no longer armed."""

    at_ns: int
    cause: AlarmCause


@dataclass(frozen=True, slots=True)
class BatteryLow:
    """The tool's battery is low, percent."""

    at_ns: int
    percent: int


@dataclass(frozen=True, slots=True)
class InboxOverflowed:
    """The controller could not keep up and dropped this many events."""

    at_ns: int
    dropped: int


@dataclass(frozen=True, slots=True)
class InputEnded:
    """A recording that stood in for the tool's force has come to its end."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class HeartMeasured:
    """A wearable told the heart's rate, beats a minute, and the RR intervals since it last did, seconds.

    Logged with the session; it decides nothing.
    """

    at_ns: int
    bpm: int
    rr_s: tuple[float, ...]


Event = (
    HistoryLoaded
    | ToolConnected
    | Tared
    | TareRefused
    | Armed
    | ArmRefused
    | Sampled
    | Ticked
    | Answered
    | Pressed
    | WentOn
    | StopRequested
    | SymptomReported
    | LinkLost
    | LinkRestored
    | ToolFailed
    | ToolAlarmed
    | BatteryLow
    | InboxOverflowed
    | InputEnded
    | HeartMeasured
)
