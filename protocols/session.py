"""The state of a session: one immutable value, made anew by every `step`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from protocols.asking import PER_MINUTE, Asking
from protocols.calibration import Calibration
from protocols.commands import Cue, Outcome, Phase
from protocols.contact import Contact
from protocols.credit import Credit
from protocols.discomfort import Discomfort
from protocols.events import HistoryLoaded, ToolFacts
from protocols.guard import Guard, Verdict
from protocols.outlook import Belief
from protocols.pacing import Pacing
from protocols.plan import Calibrate, Dose, Protocol, Step
from protocols.site import Site


class PauseReason(StrEnum):
    """Why a hold is interrupted but not over."""

    SLIP = "slip"
    LINK = "link"
    OVERFLOW = "overflow"
    SILENCE = "silence"
    TOO_MUCH = "too-much"
    STOPPED = "person"


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, and how far the way back is gone.

    `resume_n`: highest target of the new contact; None: the force at 5 is still to be found. `let_go`: force was below
    2 N since. `ready`: the link is back, or the person said "I'm here" or "go on".
    """

    why: PauseReason
    since_ns: int
    resume_n: float | None
    let_go: bool = False
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How the session, or one hold of it, will end once the person has let go."""

    outcome: Outcome
    reason: str
    tool_failed: bool = False
    hold_only: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over one hold: nanoseconds, newton-seconds, newtons."""

    contact_before_ns: int = 0
    approach_ns: int = 0
    pressure_ns: int = 0
    held_n_s: float = 0.0
    held_s: float = 0.0
    peak_n: float = 0.0
    answers: tuple[int | str, ...] = ()
    too_much: int = 0
    slip_ns: int = 0


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A hold that is over; what each figure means is in `figures.py`.

    `suspect`: the zero was off afterwards, so its forces may be wrong.
    """

    reason: str
    complete: bool
    credited_s: float
    contact_s: float
    approach_s: float
    held_s: float
    mean_n: float | None
    peak_n: float | None
    answers: tuple[int | str, ...]
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Zero:
    """Force after release, to see whether the zero still holds."""

    since_ns: int
    sum_n: float = 0.0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """What was pressed last, as felt force, newtons, and the gravest that was said of it since; 0: nothing.

    `struck`: it was let go for what was said of it, or for a stop.
    """

    felt_n: float
    rating: int = 0
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on every channel, and when it last went out. `release_ns`: since when letting go is asked."""

    cue: Cue = Cue.NONE
    cue_ns: int = 0
    release_ns: int | None = None
    alarm_ns: int | None = None
    target: tuple[float, float, float] | None = None
    target_ns: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """Everything the engine knows. `beliefs` has what was felt at each sample of the newest packet.

    `refused_ns`: since when a refusal waits to be asked again. `armed_n`: the force limit that the tool confirmed last,
    newtons; `arm_ns`: when it was last told one.
    """

    protocol: Protocol
    site: Site
    step_index: int = 0
    phase: Phase = Phase.TARE
    phase_ns: int = 0
    hold: int = 1
    now_ns: int = 0
    begun: bool = False
    history: HistoryLoaded | None = None
    tool: ToolFacts | None = None
    cap_n: float = 0.0
    contact_left_s: float = 0.0
    found_limit_n: float | None = None
    estimate: Discomfort | None = None
    beliefs: tuple[Belief, ...] = ()
    contact: Contact = Contact()
    credit: Credit = Credit()
    guard: Guard = Guard()
    verdict: Verdict = Verdict.FINE
    pacing: Pacing = Pacing()
    asking: Asking = Asking()
    pause: Pause | None = None
    ending: Ending | None = None
    tally: Tally = Tally()
    zero: Zero | None = None
    zero_off: bool = False
    strikes: tuple[PauseReason, ...] = ()
    refused: int = 0
    refused_ns: int | None = None
    armed_n: float | None = None
    arm_ns: int = 0
    holds: tuple[HoldRecord, ...] = ()
    samples: int = 0
    packets_lost: int = 0
    standing: Standing = Standing()
    calibration: Calibration = Calibration()
    left: Left | None = None

    @classmethod
    def begin(cls, protocol: Protocol, site: Site, questions_per_min: int = PER_MINUTE) -> Self:
        """Return the state before the first event, which must be HistoryLoaded.

        More questions a minute than by default are for a trial, not for a person.
        """
        return cls(protocol, site, asking=Asking(per_minute=questions_per_min))

    @property
    def step(self) -> Step:
        """The step that is being done."""
        return self.protocol.steps[self.step_index]

    @property
    def dose(self) -> Dose:
        """The dose of the step that is being done."""
        return self.step.dose

    @property
    def calibrates(self) -> bool:
        """Whether the step that is being done is a calibration."""
        return isinstance(self.step, Calibrate)

    @property
    def ended(self) -> bool:
        """Whether the session is over; an ended session stays ended."""
        return self.phase is Phase.ENDED

    @property
    def hold_contact_s(self) -> float:
        """Seconds of contact in the present hold."""
        return (self.contact.total_ns - self.tally.contact_before_ns) * 1e-9

    @property
    def force_n(self) -> float:
        """The newest force, newtons."""
        return self.contact.force_n
