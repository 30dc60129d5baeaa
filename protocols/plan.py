"""What to do, as data: a protocol is a list of steps; a compress step prescribes a dose at the chosen site.

Every value is checked where it is made: a plan that exists is within its bounds.
"""

from dataclasses import dataclass

from protocols.errors import PlanError

EDGE = 0.5
"""An answer of r stands for discomfort in [r - 0.5, r + 0.5) on the continuous scale."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A closed range and its unit."""

    lowest: float
    highest: float
    unit: str

    def check(self, key: str, value: float) -> None:
        """Raise PlanError, which names the key and the range, unless `value` is inside."""
        if not self.lowest <= value <= self.highest:
            raise PlanError(key, f"{value:g} is outside {self.lowest:g} to {self.highest:g} {self.unit}".rstrip())


BAND_ANSWERS = Bounds(3, 6, "(answers on the 0-10 scale)")
DOSE_S = Bounds(30, 90, "seconds")
TIME_AT_PRESSURE_S = Bounds(30, 120, "seconds")
APPROACH_S = Bounds(10, 50, "seconds")
HOLDS = Bounds(1, 3, "holds")
REST_S = Bounds(15, 600, "seconds")
FORCE_LIMIT_N = Bounds(5, 60, "newtons")


@dataclass(frozen=True, slots=True)
class Band:
    """Answers that count as right, both included."""

    low: int = 5
    high: int = 6

    def __post_init__(self) -> None:
        BAND_ANSWERS.check("band", self.low)
        BAND_ANSWERS.check("band", self.high)
        if self.high <= self.low:
            raise PlanError("band", f"{self.low}-{self.high} must hold two answers or more, the lower one first")

    @property
    def low_edge(self) -> float:
        """Lower edge on the continuous scale."""
        return self.low - EDGE

    @property
    def high_edge(self) -> float:
        """Upper edge on the continuous scale, itself outside."""
        return self.high + EDGE

    @property
    def aim(self) -> float:
        """Where to aim on the continuous scale: the middle."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Dose:
    """How much, at one site: `credited_s` seconds in band for each of `holds` holds.

    `time_at_pressure_s` bounds the time at or above the band's lower edge in one hold; by default 1.4 times the dose
    and 5 s, at most 120 s. `force_limit_n` can only lower the limit that the engine finds.
    """

    band: Band = Band()
    credited_s: float = 45
    time_at_pressure_s: float | None = None
    approach_s: float = 50
    holds: int = 1
    rest_s: float = 30
    force_limit_n: float | None = None

    def __post_init__(self) -> None:
        DOSE_S.check("dose_s", self.credited_s)
        APPROACH_S.check("approach_s", self.approach_s)
        HOLDS.check("holds", self.holds)
        REST_S.check("rest_s", self.rest_s)
        if self.force_limit_n is not None:
            FORCE_LIMIT_N.check("force_limit_n", self.force_limit_n)
        if self.time_at_pressure_s is not None:
            TIME_AT_PRESSURE_S.check("time_at_pressure_s", self.time_at_pressure_s)
            if self.time_at_pressure_s < self.credited_s:
                raise PlanError(
                    "time_at_pressure_s",
                    f"{self.time_at_pressure_s:g} is shorter than the dose, {self.credited_s:g}",
                )

    @property
    def pressure_limit_s(self) -> float:
        """Longest time in one hold at or above the band's lower edge, seconds."""
        if self.time_at_pressure_s is not None:
            return self.time_at_pressure_s
        return min(1.4 * self.credited_s + 5, TIME_AT_PRESSURE_S.highest)

    @property
    def contact_limit_s(self) -> float:
        """Longest contact in one hold, seconds."""
        return self.pressure_limit_s + self.approach_s


@dataclass(frozen=True, slots=True)
class Compress:
    """Press on the chosen site for a dose."""

    dose: Dose = Dose()


Step = Compress


@dataclass(frozen=True, slots=True)
class Protocol:
    """A routine: steps in order."""

    name: str
    title: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if len(self.steps) != 1:
            raise PlanError("steps", f"{len(self.steps)} steps cannot be carried out; a protocol has one")
