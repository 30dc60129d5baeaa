"""The port that every tool driver implements, and what comes through it.

A driver turns bytes into the values below and requests into bytes. It keeps no policy: connecting again,
heartbeats and clocks are the link's business (`link.py`, `device_clock.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag
from typing import Protocol


class ToolKind(IntEnum):
    """What the thing is, as in Features."""

    HANDHELD = 1
    BALL = 2
    OTHER = 3


class TipShape(IntEnum):
    """The part that touches the person."""

    FLAT = 1
    SPHERE = 2


class Actuator(IntFlag):
    """What a tool can do to be noticed."""

    NONE = 0
    LIGHT = 1
    HAPTIC = 2
    SOUNDER = 4
    PRESSURE_RELIEF = 8


class Status(IntFlag):
    """Status bits of a Force notification."""

    NONE = 0
    SATURATED = 1
    SENSOR_FAULT = 2
    TARED = 4
    ARMED = 8
    ALARM = 16
    BUTTON_DOWN = 32
    BATTERY_LOW = 64


class ToolCue(IntEnum):
    """Cues as a tool knows them."""

    NONE = 0
    PRESS_MORE = 1
    HOLD = 2
    EASE_OFF = 3
    RELEASE = 4
    DONE = 5
    RATE_NOW = 6
    ATTENTION = 7


@dataclass(frozen=True, slots=True)
class Features:
    """What a tool is: newtons, millimetres, hertz. `can_arm`: it can guard by itself."""

    major: int
    minor: int
    kind: ToolKind
    tip_shape: TipShape
    capacity_n: float
    contact_area_mm2: int
    tip_diameter_mm: float
    hardness_shore_a: int | None
    min_rate_hz: int
    max_rate_hz: int
    actuators: Actuator
    noise_floor_n: float
    resolution_n: float = 0.01
    can_arm: bool = True
    has_button: bool = True


@dataclass(frozen=True, slots=True)
class ForceBlock:
    """The samples of one packet: sample i was taken at `first_us + i * period_us` of the device's clock.

    `first_us` is the raw counter (u32, wraps). `forces_n`: newtons, NaN where there was no valid sample. `anew`: the
    first one of a connection before which the tool may have been off, so that its zero is lost.
    """

    sequence: int
    first_us: int
    period_us: int
    forces_n: tuple[float, ...]
    status: Status
    anew: bool = False


class ButtonPress(IntEnum):
    """How the tool's button was pressed."""

    SHORT = 1
    DOUBLE = 2
    LONG = 3


class EventCode(IntEnum):
    """Codes of the Event indication."""

    BUTTON = 1
    FORCE_LIMIT = 2
    HOLD_LIMIT = 3
    HEARTBEAT_LOST = 4
    SATURATED = 5
    SENSOR_FAULT = 6
    BATTERY_LOW = 7
    POWERS_OFF = 8


@dataclass(frozen=True, slots=True)
class ToolEvent:
    """Something the tool says by itself, at `device_us` of its clock.

    `value` by code: BUTTON ButtonPress; FORCE_LIMIT and SATURATED force in newtons; HOLD_LIMIT seconds;
    SENSOR_FAULT kind of fault; BATTERY_LOW percent; POWERS_OFF reason; HEARTBEAT_LOST 0.
    """

    code: EventCode
    sequence: int
    device_us: int
    value: float


class Dropped(Enum):
    """The link is gone."""

    LINK = "link"


Signal = ForceBlock | ToolEvent | Dropped
"""What a driver hands to its `on_signal`, from the Bluetooth stack's own callback: it must only queue it."""

OnSignal = Callable[[Signal], None]


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What service 0x180A and 0x180F say; empty and None where the tool has none."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    battery_percent: int | None = None
    battery_mv: int | None = None


class Tool(Protocol):
    """A tool that can be connected to. Every coroutine raises ToolError and nothing else of its own."""

    @property
    def name(self) -> str:
        """What the tool calls itself."""

    @property
    def address(self) -> str:
        """Where it is on the radio."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a link now."""

    @property
    def features(self) -> Features:
        """What it is; only after `connect`."""

    async def connect(self) -> None:
        """Connect, bond if needed, read features, subscribe. Safe to call again after a drop."""

    async def information(self) -> DeviceInformation:
        """Read who made it and how full its battery is."""

    async def start(self, rate_hz: int) -> int:
        """Start streaming; return the rate the tool chose."""

    async def stop(self) -> None:
        """Stop streaming."""

    async def tare(self, averaging_ms: int) -> float:
        """Set the zero; return the offset in newtons."""

    async def arm(self, force_limit_n: float, hold_limit_s: float, heartbeat_ms: int) -> None:
        """Let the tool guard by itself."""

    async def heartbeat(self) -> None:
        """Say that the app is alive; no answer."""

    async def disarm(self) -> None:
        """Let the tool stop guarding."""

    async def cue(self, cue: ToolCue, strength: int, duration_ms: int) -> None:
        """Play a cue: strength 0-255; duration 0 plays it once for the tool's own length."""

    async def identify(self) -> None:
        """Make the tool noticeable."""

    async def disconnect(self) -> None:
        """Let go of the link; no Dropped signal follows."""
