"""What a supervised link tells, as values, with times in host nanoseconds."""

from collections.abc import Callable
from dataclasses import dataclass

from firmware_bridge.tool import Features, Status, ToolEvent


@dataclass(frozen=True, slots=True)
class Connected:
    """The tool is connected for the first time; it will stream with this sample period."""

    features: Features
    sample_period_ns: int


@dataclass(frozen=True, slots=True)
class LinkDropped:
    """The link is gone; it is being sought."""


@dataclass(frozen=True, slots=True)
class StillAway:
    """The link could not be made again yet; `reason` is a sentence for the person, told once as long as it is so."""

    reason: str


@dataclass(frozen=True, slots=True)
class Restored:
    """The link is back and the tool streams. `rebooted`: it was switched on anew: no zero, not armed."""

    rebooted: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """There will be no link any more; `reason` is a sentence for the person."""

    reason: str


@dataclass(frozen=True, slots=True)
class TimedBlock:
    """One packet of force in host time: sample i was taken at `first_ns + i * period_ns`.

    `forces_n`: newtons, NaN where there was no valid sample. `lost`: packets missing before this one.
    """

    first_ns: int
    period_ns: int
    forces_n: tuple[float, ...]
    status: Status
    lost: int


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """Something the tool said by itself, at `at_ns` of host time."""

    at_ns: int
    event: ToolEvent


LinkNews = Connected | LinkDropped | StillAway | Restored | Failed | TimedBlock | TimedEvent

OnNews = Callable[[LinkNews], None]
