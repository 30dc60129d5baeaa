"""What to do, as data: a protocol is a list of steps.

A compress step prescribes a dose at the chosen site; a calibrate step looks for the forces of first pain and of 5.

Every value is checked where it is made: a plan that exists is within its bounds.
"""

from dataclasses import dataclass
from typing import Self

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
RAMPS = Bounds(1, 3, "ramps")
BETWEEN_S = Bounds(30, 120, "seconds")

CALIBRATION_S = 120.0
"""Longest contact in all ramps of a calibration, seconds."""

PAIN, FIVE = 3, 5
"""What a ramp looks for, on the 0-10 scale: where pressure first becomes pain, and where it ends."""


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

    @property
    def contact_limit_s(self) -> float:
        """Longest contact in one hold, seconds."""
        return self.dose.contact_limit_s


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Rise to 5 a few times, with a tap at first pain on the way.

    `between_s`: from the start of one ramp to that of the next, at least. Of the dose only band, approach and force
    limit count; `approach_s` bounds each ramp.
    """

    dose: Dose = Dose()
    ramps: int = 3
    between_s: float = 30

    def __post_init__(self) -> None:
        RAMPS.check("ramps", self.ramps)
        BETWEEN_S.check("between_s", self.between_s)
        if self.dose.band.high < FIVE:
            raise PlanError("band", f"a calibration goes to {FIVE}, which is above {self.dose.band.high}")

    @classmethod
    def before(cls, compress: Compress) -> Self:
        """Return a calibration within the bounds of what follows it. Raises PlanError if 5 is above its band."""
        dose = compress.dose
        return cls(Dose(band=dose.band, approach_s=dose.approach_s, force_limit_n=dose.force_limit_n))

    @property
    def contact_limit_s(self) -> float:
        """Longest contact in one ramp, seconds."""
        return self.dose.approach_s


Step = Compress | Calibrate
_ORDERS = ((Compress,), (Calibrate,), (Calibrate, Compress))


@dataclass(frozen=True, slots=True)
class Protocol:
    """A routine: steps in order."""

    name: str
    title: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if tuple(type(step) for step in self.steps) not in _ORDERS:
            raise PlanError(
                "steps",
                f"{len(self.steps)} such steps cannot be carried out; "
                "a protocol has one compress step, one calibrate step, or a calibrate step and then a compress step",
            )

    @property
    def dose_s(self) -> float:
        """Credited seconds that it prescribes, all holds; 0 if it only calibrates."""
        return sum(step.dose.credited_s * step.dose.holds for step in self.steps if isinstance(step, Compress))
