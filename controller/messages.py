"""Which sentences stand on the screen: each until it is no longer true, and not while the cue says otherwise."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf

from controller import words
from protocols.commands import Cue, Message, Phase
from protocols.pauses import CALM_NS
from protocols.session import Session
from protocols.turn import GUIDED

BRIEF_S = 8.0
"""How long a sentence about something that has happened stays: twice what it takes to read."""

ECHO_S = 3.0
"""How long it stands there what answer was understood."""

_EASING = frozenset({Cue.EASE_OFF, Cue.RELEASE})
_EVER = frozenset(Phase)


@dataclass(frozen=True, slots=True)
class _Stands:
    """In which phases a sentence is true, under which cues it would contradict, and for how long."""

    phases: frozenset[Phase] = _EVER
    not_under: frozenset[Cue] = frozenset()
    most_s: float = inf


_STANDS = {
    Message.PUT_TOOL_DOWN: _Stands(frozenset({Phase.TARE})),
    Message.TARE_AGAIN: _Stands(frozenset({Phase.TARE})),
    Message.PLACE_TOOL: _Stands(frozenset({Phase.CONTACT}), _EASING | {Cue.NONE}),
    Message.PRESSURE_FOUND: _Stands(frozenset({Phase.HOLD}), _EASING | {Cue.DONE}, BRIEF_S),
    Message.FOUND_ABOVE: _Stands(frozenset({Phase.HOLD}), frozenset({Cue.PRESS_MORE, Cue.RELEASE, Cue.DONE}), BRIEF_S),
    Message.SLIPPED: _Stands(frozenset({Phase.PAUSED}), _EASING),
    Message.LINK_LOST: _Stands(frozenset({Phase.PAUSED})),
    Message.LINK_BACK: _Stands(frozenset({Phase.TARE, Phase.CONTACT}), most_s=BRIEF_S),
    Message.BEHIND: _Stands(frozenset({Phase.PAUSED})),
    Message.CAP_REACHED: _Stands(frozenset({Phase.RELEASE, Phase.ENDED})),
    # From then on the question says it.
    Message.TOO_MUCH: _Stands(frozenset({Phase.PAUSED}), most_s=CALM_NS * 1e-9),
    Message.STOPPED: _Stands(frozenset({Phase.PAUSED}), most_s=CALM_NS * 1e-9),
    Message.ZERO_OFF: _Stands(frozenset({Phase.RELEASE, Phase.REST, Phase.ENDED})),
    Message.RAMP_NEXT: _Stands(frozenset({Phase.REST})),
    Message.HOLD_NEXT: _Stands(frozenset({Phase.REST})),
    Message.NOT_YET: _Stands(frozenset({Phase.PAUSED}), most_s=2.0),
    Message.BATTERY_LOW: _Stands(most_s=BRIEF_S),
    Message.ADVICE: _Stands(),
}


class Topic(StrEnum):
    """What the app tells of by itself; of each only the latest is worth reading."""

    LIMIT = "limit"
    ANSWER = "answer"


_HAPPENED = {Topic.LIMIT: _Stands(frozenset(GUIDED), most_s=BRIEF_S), Topic.ANSWER: _Stands(most_s=ECHO_S)}


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    about: Message | Topic
    since_ns: int
    stands: _Stands


class Messages:
    """What was said to the person, and what of it still stands."""

    def __init__(self) -> None:
        self._said: list[_Said] = []
        self._notice: str = ""

    def tell(self, message: Message, at_ns: int, seconds: int | None = None) -> None:
        """Take a sentence of the engine; `seconds`: the time that is in it."""
        self._add(_Said(words.message_words(message, seconds), message, at_ns, _STANDS[message]))

    def happened(self, topic: Topic, text: str, at_ns: int) -> None:
        """Take a sentence about something that has happened; it takes the place of the last one on that topic."""
        self._add(_Said(text, topic, at_ns, _HAPPENED[topic]))

    def notice(self, text: str) -> None:
        """Take what the app itself has to say; it stands until there is something else of that kind."""
        self._notice = text

    def see(self, session: Session) -> None:
        """Forget what is no longer true, once all that a step says was told."""
        self._said = [
            said
            for said in self._said
            if session.phase in said.stands.phases and session.now_ns - said.since_ns < said.stands.most_s * 1e9
        ]

    def standing(self, cue: Cue) -> list[str]:
        """Return what is to be read under this cue: the engine's sentences before others, each with the latest first.

        The app's own notice comes last.
        """
        true = [said for said in reversed(self._said) if cue not in said.stands.not_under]
        texts = [said.text for said in sorted(true, key=lambda said: isinstance(said.about, Topic))]
        return [*texts, self._notice] if self._notice else texts

    def _add(self, new: _Said) -> None:
        # A new list each time: the screen is drawn from another thread.
        self._said = [*(said for said in self._said if said.about != new.about), new]
