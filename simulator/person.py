"""The simulated person: a body that feels, a hand that presses and somebody who answers.

It is a source of force for a simulated tool, and knows the session only by what it sees, hears and feels.
"""

import numpy as np

from firmware_bridge.tool import ToolCue
from protocols.commands import Cue, Question
from simulator.body import CONTACT_N, Body
from simulator.hand import Hand
from simulator.rater import Rater, Reply
from simulator.tool_output import Actuate
from simulator.traits import Traits

LONGEST_STEP_NS = 20_000_000
"""Gaps between samples are walked in steps no longer than this: tremor has a period of some 100 ms."""

VISIT_GAP_NS = 60_000_000_000
"""After this long without contact the next one is another session: a lost link may come back until then."""


class Person:
    """One person on one day. The same traits, seed and calls give the same force, presses and replies.

    All times are ns of one clock. `force_n` moves time on, in increasing order; everything else may be told a
    time up to a reaction time ahead of it. `has_button`: whether the tool has one; without it numbers are typed.
    """

    def __init__(self, traits: Traits, seed: np.random.SeedSequence | int, *, has_button: bool = True) -> None:
        root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        # Made by hand, not by `spawn`, which would change the caller's sequence.
        day, hand, rater = (
            np.random.default_rng(np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, stream)))
            for stream in range(3)
        )
        self.traits = traits
        self.body = Body(traits.body, float(np.exp(day.normal(0.0, traits.body.day_ln_sd))))
        self.hand = Hand(traits.hand, hand)
        self._rater = Rater(traits.rater, rater, has_button=has_button)
        self._now_ns: int | None = None
        self._touched_ns: int | None = None
        self._force_n = 0.0

    @property
    def discomfort(self) -> float:
        """What is truly felt now, without the noise of an answer."""
        return self.body.discomfort

    def see_target(self, aim_n: float, now_ns: int) -> None:
        """See on a display the force to aim at, newtons."""
        self.hand.show_target(aim_n, now_ns)

    def cued(self, cue: Cue, now_ns: int) -> None:
        """See or hear a cue of the app."""
        self.hand.cue(cue, now_ns)

    def feel(self, actuate: Actuate, now_ns: int) -> None:
        """Feel, hear or see the tool itself; a cue of strength 0 goes unnoticed."""
        if actuate.alarm:
            self.hand.cue(Cue.RELEASE, now_ns)
            if actuate.unload:
                self.hand.unload(now_ns)
            return
        if actuate.strength == 0:
            return
        if actuate.cue is ToolCue.RATE_NOW:
            self._rater.asked(Question.RATE_NOW, now_ns, by_tool=True)
        elif actuate.cue is ToolCue.ATTENTION:
            self._rater.called(now_ns)
        elif actuate.cue in _CUES:
            self.hand.cue(_CUES[actuate.cue], now_ns)

    def asked(self, question: Question, now_ns: int, *, by_tool: bool = False) -> None:
        """Hear a question; one that is put again is a second chance to answer."""
        self._rater.asked(question, now_ns, by_tool=by_tool)

    def question_closed(self, now_ns: int) -> None:
        """See that no question stands any more."""
        self._rater.question_closed(now_ns)

    def app_gone(self, now_ns: int) -> None:
        """Have the app gone in the middle: nothing is asked any more. The hand hears of it from the tool's alarm."""
        del now_ns
        self._rater.app_gone()

    def app_came(self, now_ns: int) -> None:
        """Begin anew with the next app, the hand off the tool; the body is what time has made of it."""
        self._rater.app_gone()
        self.hand.begin_anew(now_ns)

    def force_n(self, now_ns: int) -> float | None:
        """Return the force at the tip at this time, newtons. A person never ends, so never None."""
        before_ns = self._now_ns
        if before_ns is None:
            before_ns = now_ns - LONGEST_STEP_NS
        while before_ns < now_ns:
            step_ns = min(LONGEST_STEP_NS, now_ns - before_ns)
            before_ns += step_ns
            self._step(before_ns, step_ns)
        self._now_ns = before_ns
        return self._force_n

    def button_edges(self, until_ns: int) -> list[tuple[int, bool]]:
        """Return the presses (True) and releases of the tool's button due by then, each once."""
        return self._rater.button_edges(until_ns)

    def replies(self, until_ns: int) -> list[tuple[int, Reply]]:
        """Return what was said to the app by then, (time, 0-10 or "here" or "go-on"), each once."""
        return self._rater.replies(until_ns)

    def _step(self, now_ns: int, step_ns: int) -> None:
        dt_s = step_ns / 1e9
        self._force_n = force_n = self.hand.advance(now_ns, dt_s)
        self.body.advance(force_n, dt_s)
        if force_n > CONTACT_N:
            self._touched_ns = now_ns
        elif self._touched_ns is not None and now_ns - self._touched_ns >= VISIT_GAP_NS:
            self._touched_ns = None
            self._rater.visit_ended()
        self._rater.advance(now_ns, self.body.discomfort)


_CUES = {
    ToolCue.PRESS_MORE: Cue.PRESS_MORE,
    ToolCue.HOLD: Cue.HOLD,
    ToolCue.EASE_OFF: Cue.EASE_OFF,
    ToolCue.RELEASE: Cue.RELEASE,
    ToolCue.DONE: Cue.DONE,
}
