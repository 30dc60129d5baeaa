"""Somebody who presses in a scenario: a simulated person who can also be made to do what people should not."""

from controller.simulated_person import SimulatedPersonChannel
from protocols.commands import Command, Cue, Question
from protocols.events import Event, Press
from protocols.session import Session
from simulator.person import Person
from simulator.presses import edges_of
from simulator.tool_output import Actuate
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits

STEADY = Traits(
    "steady",
    BodyTraits(ppt_n=14.0, tolerance_n=21.5, habituation=0.0, tau_s=28.0, day_ln_sd=0.0),
    HandTraits(delay_s=0.3, gain_per_s=1.2, tremor_hz=10.0, wander=0.015),
    RaterTraits(noise_sd=0.0, unanswered=0.0),
)
"""Whose 5 is 16.8 N, always: what happens in a scenario is the scenario's doing."""


class Actor(Person):
    """A person with a script.

    `blind`: neither sees nor hears the app. `numb`: does not notice the tool. `silent`: gives no answer of their
    """

    def __init__(self, traits: Traits = STEADY, seed: int = 1, *, has_button: bool = True) -> None:
        super().__init__(traits, seed, has_button=has_button)
        self.blind = self.numb = self.silent = False
        self.forced_n: float | None = None
        self.pushed_n = 0.0
        self.felt: list[tuple[int, Actuate]] = []
        self.heard: list[tuple[int, Cue]] = []
        self._scripted: list[tuple[int, bool]] = []

    def see_target(self, aim_n: float, now_ns: int) -> None:
        if not self.blind:
            super().see_target(aim_n, now_ns)

    def cued(self, cue: Cue, now_ns: int) -> None:
        if not self.blind:
            self.heard.append((now_ns, cue))
            super().cued(cue, now_ns)

    def asked(self, question: Question, now_ns: int, *, by_tool: bool = False) -> None:
        if not self.blind:
            super().asked(question, now_ns, by_tool=by_tool)

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        self.felt.append((now_ns, actuate))
        if not self.numb:
            super().feel(actuate, now_ns)

    def force_n(self, now_ns: int) -> float | None:
        force_n = super().force_n(now_ns)
        assert force_n is not None
        return force_n + self.pushed_n if self.forced_n is None else self.forced_n

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        own = super().button_edges(until_ns)
        due = [edge for edge in self._scripted if edge[0] <= until_ns]
        self._scripted = [edge for edge in self._scripted if edge[0] > until_ns]
        return sorted([*due, *([] if self.silent else own)])

    def replies(self, until_ns: int) -> list[tuple[int, int | str]]:
        said = super().replies(until_ns)
        return [] if self.silent else said

    def press(self, press: Press, at_ns: int) -> None:
        """Press the tool's button."""
        self._scripted += edges_of(press, at_ns)

    def slip(self, now_ns: int) -> None:
        """Lose the spot: the hand is off at once."""
        self.hand.unload(now_ns)
        self.forced_n = 0.0

    def place_again(self) -> None:
        """Put the tool back."""
        self.forced_n = None


class AwayFromTheApp(SimulatedPersonChannel):
    """A person whom only the tool can reach: neither the screen nor the keys."""

    def give(self, command: Command, at_ns: int) -> None:
        pass

    def see(self, session: Session) -> None:
        pass

    def events(self, now_ns: int) -> list[Event]:
        return []
