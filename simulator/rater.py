"""How the simulated person answers: discomfort, noise, a pause, a press or a number.

A number said to the app belongs to what was felt one second before it, a press to what was felt when the person
decided to press. The first answer of a visit is the tap at 5; before it, a question that only the tool puts is taken
for that standing question, for the person knows how a session begins. Who feels the tool alone learns from its asking
again right after a tap that this is a calibration, which wants a tap at first pain and another at 5.
"""

from dataclasses import dataclass

import numpy as np

from protocols.commands import Question
from protocols.events import Press
from simulator.body import PAIN_BEGINS
from simulator.presses import edges_of, held_ns
from simulator.traits import RaterTraits

BAND_LOW, BAND_HIGH = 4.5, 6.5
AIMED_ANSWER = 5.0
ASKED_TO_TAP_BELOW = 1.0
"""Who feels no more than this when only the tool asks takes it for the question with which a contact begins."""

TOO_MUCH = 8.0
GOES_ON_BELOW = 5.0
HIGHEST = 10

PROTEST_AGAIN_NS = 5_000_000_000
"""How long after a protest that changed nothing comes the next. A design choice."""

TAP_AGAIN_NS = 4_000_000_000
"""How long a tap is given to be understood before it is tried again. A design choice."""

SAME_ASKING_NS = 1_000_000_000
"""App and tool put one question nearly at once; later it is a repetition. A design choice."""

ASKED_AGAIN_NS = 1_500_000_000
"""A tool that asks again so soon after a tap wants a second one: in a hold the next question comes much later."""

FELT_BEFORE_NS = 1_000_000_000
"""A number belongs to the discomfort this long before it is said."""

BETWEEN_PRESSES_NS = 400_000_000
"""Two presses closer than this could be taken for a double one."""

Reply = int | str


@dataclass(slots=True)
class _Intent:
    """An answer that is meant: what it will be is known at `decides_ns`, given at `given_ns`."""

    decides_ns: int
    given_ns: int
    to_tool: bool
    in_approach: bool


class Rater:
    """One person's answers. Times are ns and do not decrease. `has_button`: otherwise what a press says is a number."""

    def __init__(self, traits: RaterTraits, rng: np.random.Generator, *, has_button: bool = True) -> None:
        self._traits = traits
        self._has_button = has_button
        self._rng = rng
        self._open: Question | None = None
        self._put_by_tool = False
        self._heard_ns: int | None = None
        self._closed_ns: int | None = None
        self._called_ns: int | None = None
        self._attends = False
        self._tap_at: float | None = None
        self._has_tapped = False
        self._tapped_ns: int | None = None
        self._knows_ramps = False
        self._intent: _Intent | None = None
        self._taps_ns = 0
        self._felt = 0.0
        self._protests_ns = 0
        self._button_free_ns = 0
        self._edges: list[tuple[int, bool]] = []
        self._replies: list[tuple[int, Reply]] = []

    def asked(self, question: Question, now_ns: int, *, by_tool: bool) -> None:
        """Hear a question. `by_tool`: only from the tool, which has one cue for all of them."""
        if by_tool and self._open is not None and not self._put_by_tool:
            return  # the app's question reaches the tool too
        if by_tool and self._closed_ns is not None and now_ns - self._closed_ns < SAME_ASKING_NS:
            return  # so does one that was answered on the way
        self._open, self._put_by_tool = question, by_tool
        self._attends = False
        match question:
            case Question.TAP_AT_PAIN:
                self._await(PAIN_BEGINS)
            case Question.TAP_AT_FIVE:
                self._await_five()
            case Question.RATE_NOW:
                self._asked_to_rate(now_ns, by_tool=by_tool)
            case Question.ARE_YOU_THERE:
                self._called_ns = now_ns
                if self._traits.unanswered < 1.0 and not any(value == "here" for _, value in self._replies):
                    self._replies.append((now_ns + self._number_ns(), "here"))
            case Question.GO_ON:
                self._called_ns = now_ns  # said once it feels like it, in `advance`

    def called(self, now_ns: int) -> None:
        """Feel the tool call for attention: "are you there?" or "go on?"; it has one cue for both."""
        if self._open in (Question.ARE_YOU_THERE, Question.GO_ON):
            return  # the app's question reaches the tool too
        if self._called_ns is None or now_ns - self._called_ns >= SAME_ASKING_NS:
            self._called_ns = now_ns
            self._attends = True

    def question_closed(self, now_ns: int) -> None:
        """Hear that no question stands: what is not decided yet is not said."""
        self._open = self._tap_at = None
        self._closed_ns, self._taps_ns = now_ns, 0
        if self._intent is not None and self._intent.decides_ns > now_ns:
            self._intent = None

    def visit_ended(self) -> None:
        """Begin anew: the next contact is another session's approach."""
        self._has_tapped = self._knows_ramps = False
        self._tapped_ns = None
        self._taps_ns = 0
        self._attends = False
        self._open = self._tap_at = self._intent = None

    def app_gone(self) -> None:
        """Have nobody to answer: what was meant is not said; a button that is down is let go of when it would be."""
        self.visit_ended()
        self._heard_ns = self._closed_ns = self._called_ns = None
        self._replies.clear()
        is_down = bool(self._edges) and not self._edges[0][1]
        self._edges = self._edges[:1] if is_down else []

    def advance(self, now_ns: int, discomfort: float) -> None:
        """Feel this at this time, and decide what is due."""
        self._felt = discomfort
        intent = self._intent
        if intent is not None and now_ns >= intent.decides_ns:
            self._intent = None
            self._decide(intent, discomfort)
        if self._tap_at is not None and discomfort >= self._tap_at and now_ns >= self._taps_ns:
            # Missed, or made and not understood: a point stronger it is tried again.
            self._tap_at = discomfort + 1.0
            if self._rng.random() >= self._traits.unanswered:
                self._has_tapped = True
                self._taps_ns = now_ns + TAP_AGAIN_NS
                self._tapped_ns = now_ns + self._tap_ns()
                self._press(Press.SHORT, self._tapped_ns, self._awaited())
        if discomfort >= TOO_MUCH and now_ns >= self._protests_ns and self._traits.protests:
            self._protests_ns = now_ns + PROTEST_AGAIN_NS
            self._press(Press.LONG, now_ns + self._tap_ns(), min(HIGHEST, round(discomfort)))
        if self._open is Question.GO_ON and discomfort < GOES_ON_BELOW and self._traits.unanswered < 1.0:
            self._open = None
            self._replies.append((now_ns + self._number_ns(), "go-on"))
        if self._attends and discomfort < GOES_ON_BELOW and self._traits.unanswered < 1.0:
            self._attends = False
            self._press(Press.SHORT, now_ns + self._tap_ns())

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        """Return the button's edges due by then, in order, each once."""
        if not self._edges or self._edges[0][0] > until_ns:
            return []
        due = [edge for edge in self._edges if edge[0] <= until_ns]
        self._edges = self._edges[len(due) :]
        return due

    def replies(self, until_ns: int) -> list[tuple[int, Reply]]:
        """Return what was said to the app by then, in order, each once."""
        due = sorted((reply for reply in self._replies if reply[0] <= until_ns), key=lambda reply: reply[0])
        self._replies = [reply for reply in self._replies if reply[0] > until_ns]
        return due

    def _asked_to_rate(self, now_ns: int, *, by_tool: bool) -> None:
        if by_tool and self._felt < ASKED_TO_TAP_BELOW:
            self._await(PAIN_BEGINS if self._knows_ramps else AIMED_ANSWER)
        elif by_tool and self._tapped_ns is not None and now_ns - self._tapped_ns < ASKED_AGAIN_NS:
            self._asked_again(now_ns)
        elif by_tool and not self._has_tapped and self._tap_at is None:
            self._await_five()
        elif self._intent is not None and self._intent.to_tool and not by_tool:
            self._intent = self._number_intent(now_ns)
        elif self._heard_ns is None or now_ns - self._heard_ns >= SAME_ASKING_NS:
            self._heard_ns = now_ns
            self._mean_to_rate(now_ns, to_tool=by_tool)

    def _await_five(self) -> None:
        if self._tap_at is None:
            self._tap_at = AIMED_ANSWER + self._noise()

    def _asked_again(self, now_ns: int) -> None:
        """Feel the question come back after a tap: there are two to give, the first of them at pain."""
        self._tapped_ns = None
        if self._knows_ramps:
            self._await(AIMED_ANSWER)
        else:
            self._knows_ramps = True
            self._press(Press.SHORT, now_ns + self._tap_ns())

    def _await(self, points: float) -> None:
        self._tap_at = points + self._noise()
        self._taps_ns = 0

    def _mean_to_rate(self, now_ns: int, *, to_tool: bool) -> None:
        if self._intent is not None or self._rng.random() < self._traits.unanswered:
            return
        if not to_tool:
            self._intent = self._number_intent(now_ns)
            return
        self._intent = _Intent(now_ns, now_ns + self._tap_ns(), to_tool=True, in_approach=not self._has_tapped)

    def _number_intent(self, now_ns: int) -> _Intent:
        given_ns = now_ns + self._number_ns()
        return _Intent(max(now_ns, given_ns - FELT_BEFORE_NS), given_ns, to_tool=False, in_approach=False)

    def _decide(self, intent: _Intent, discomfort: float) -> None:
        rating = discomfort + self._noise()
        if not intent.to_tool:
            self._replies.append((intent.given_ns, min(HIGHEST, max(0, round(rating)))))
        elif rating >= BAND_HIGH:
            self._press(Press.LONG, intent.given_ns)
        elif rating >= BAND_LOW:
            self._has_tapped = True
            self._press(Press.SHORT, intent.given_ns)
        elif not intent.in_approach:  # before the first answer "too little" has no press
            self._press(Press.DOUBLE, intent.given_ns)

    def _press(self, press: Press, at_ns: int, instead: int | None = None) -> None:
        if not self._has_button:
            # What only a tool asks, nobody without a button can be asked.
            if instead is not None:
                self._replies.append((at_ns, instead))
            return
        at_ns = max(at_ns, self._button_free_ns)
        self._edges += edges_of(press, at_ns)
        self._button_free_ns = at_ns + held_ns(press) + BETWEEN_PRESSES_NS

    def _awaited(self) -> int:
        """Return the number that is asked for where a tap would say it."""
        return round(PAIN_BEGINS if self._open is Question.TAP_AT_PAIN else AIMED_ANSWER)

    def _noise(self) -> float:
        return float(self._rng.normal(0.0, self._traits.noise_sd))

    def _tap_ns(self) -> int:
        return round(self._rng.uniform(*self._traits.tap_s) * 1e9)

    def _number_ns(self) -> int:
        return round(self._rng.uniform(*self._traits.number_s) * 1e9)
