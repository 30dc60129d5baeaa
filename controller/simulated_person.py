"""Eyes, ears and mouth of a simulated person who sits at this app."""

from collections.abc import Iterable
from typing import Protocol

from protocols.commands import Ask, CloseQuestion, Command, Cue, GiveCue, Question, ShowTarget, SoundAlarm
from protocols.events import Answered, Event, WentOn
from protocols.session import Session


class Listener(Protocol):
    """Somebody who sees and hears the app, and answers it. Times are host nanoseconds."""

    def see_target(self, aim_n: float, now_ns: int) -> None:
        """See the force to aim at."""

    def cued(self, cue: Cue, now_ns: int) -> None:
        """See or hear a cue."""

    def asked(self, question: Question, now_ns: int, *, by_tool: bool = False) -> None:
        """Hear a question."""

    def question_closed(self, now_ns: int) -> None:
        """See that no question stands any more."""

    def replies(self, until_ns: int) -> list[tuple[int, int | str]]:
        """Return what was said by then, each once."""


class SimulatedPersonChannel:
    """A channel to a simulated person, and the source of what they say."""

    def __init__(self, person: Listener) -> None:
        self._person = person

    def give(self, command: Command, at_ns: int) -> None:
        """Let the person see or hear a command."""
        match command:
            case ShowTarget():
                self._person.see_target(command.aim_n, at_ns)
            case GiveCue():
                self._person.cued(command.cue, at_ns)
            case SoundAlarm():
                self._person.cued(Cue.RELEASE, at_ns)
            case Ask():
                self._person.asked(command.question, at_ns)
            case CloseQuestion():
                self._person.question_closed(at_ns)
            case _:
                pass

    def see(self, session: Session) -> None:
        """Need nothing of the state."""

    def events(self, now_ns: int) -> Iterable[Event]:
        """Return what the person has said by now."""
        for given_ns, reply in self._person.replies(now_ns):
            if isinstance(reply, int):
                yield Answered(now_ns, given_ns, reply, via="simulated")
            else:
                yield WentOn(now_ns, via="simulated")
