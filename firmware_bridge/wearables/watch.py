"""The port that every watch driver implements, and the patterns by which cues differ on a wrist."""

from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol


class WatchCue(Enum):
    """What a watch can be told to make felt."""

    PRESS_MORE = "press more"
    EASE_OFF = "ease off"
    RELEASE = "LET GO"
    DONE = "done, let go"
    QUESTION = "question"


PATTERNS_MS: Final[dict[WatchCue, tuple[int, ...]]] = {
    WatchCue.PRESS_MORE: (100,),
    WatchCue.EASE_OFF: (150, 100, 150),
    WatchCue.RELEASE: (600, 200, 600, 200, 600),
    WatchCue.DONE: (1200,),
    WatchCue.QUESTION: (80, 80, 80, 80, 80),
}
"""Milliseconds on, off, on. No two are alike in number and length: strength alone is not told apart on a wrist."""


class WatchAnswer(Enum):
    """Which button somebody pressed when a watch asked."""

    ACCEPT = 1
    DECLINE = 0
    MUTE = 2


OnAnswer = Callable[[WatchAnswer], None]


class Watch(Protocol):
    """A watch; also a `companion.Wearable`. Every coroutine raises BridgeError and nothing else of its own."""

    @property
    def asks(self) -> bool:
        """Whether it can put a question and take an answer."""

    async def connect(self, on_drop: Callable[[], None]) -> None:
        """Find it and connect."""

    async def disconnect(self) -> None:
        """Let go of it; never raises."""

    async def cue(self, cue: WatchCue, text: str) -> None:
        """Make a cue felt, and show `text` where it can."""
