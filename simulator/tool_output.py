"""What the tool's logic wants its hardware to do."""

from dataclasses import dataclass
from enum import Enum

from firmware_bridge.tool import ToolCue


class Channel(Enum):
    """The characteristics that can be subscribed to."""

    FORCE = "force"
    EVENT = "event"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for the client: FORCE notifies; EVENT and CONTROL indicate."""

    channel: Channel
    value: bytes


@dataclass(frozen=True, slots=True)
class Actuate:
    """Light, haptic and sounder play a cue, as the person notices it.

    `strength`: 0 to 255. `duration_ms`: 0 plays it once for the tool's own length. `alarm`: the release
    alarm, on every actuator, until the next Actuate. `unload`: the tool takes its own pressure away.
    """

    cue: ToolCue
    strength: int
    duration_ms: int
    alarm: bool
    unload: bool


@dataclass(frozen=True, slots=True)
class PowerOff:
    """The tool switches itself off."""


Output = Send | Actuate | PowerOff
