"""What force comes out of the simulated hand.

It follows a shown target; with none shown, cues alone move a target that the person imagines. Looking away, or with
nobody to guide it, it sags: F_end + (F_0 - F_end) * exp(-t / tau); by default tau = 11.8 s and F_end = 0.82 * F_0,
fitted to PMC8623383.
"""

import math
from collections import deque

import numpy as np

from protocols.commands import Cue
from simulator.hand_noise import HandNoise
from simulator.traits import HandTraits

LAG_SHARE = 0.2
"""The part of a hand's delay that is the muscle's lag; in the rest nothing happens at all. A hand that is 0.30 s behind
in tracking (264 to 341 ms, PMID 12529214) then begins to correct after 0.24 s (230 to 250 ms, PMC6230778)."""

QUICK_BELOW_N = 10.0
QUICK_RISE_N_PER_S = 4.0
RISE_N_PER_S = 1.0
RISE_SHARE_PER_S = 0.05
EASE_N_PER_S = 3.0
"""How cues move an imagined target: the paces of an approach, and a design choice for easing off."""

RELEASE_REACTION_S = (0.3, 0.5)
RELEASE_TAU_S = 0.1
"""From the cue to letting go, and how fast the force is gone then. The second is a design choice."""

_NOTHING_N = 0.02


class Hand:
    """One hand on one tool, untouched until a cue says press. Times are ns and do not decrease."""

    def __init__(self, traits: HandTraits, rng: np.random.Generator) -> None:
        self._traits = traits
        self._rng = rng
        self._noise = HandNoise(traits, rng)
        self._delay_ns = round((1.0 - LAG_SHARE) * traits.delay_s * 1e9)
        self._heard: deque[tuple[int, int, Cue]] = deque()
        self._last_heard: Cue | None = None
        self._seen: deque[tuple[int, float]] = deque()
        self._shown_ns = 0
        self._shown_n: float | None = None
        self._imagined_n = 0.0
        self._meant_n = 0.0
        self._steady_n = 0.0
        self._cue = Cue.NONE
        self._dt_s = self._lag_share = self._follow_share = self._release_share = self._sag_share = 0.0
        self._away_until_ns: int | None = None
        self._sag_end_n = 0.0
        self._glance_ns: int | None = None
        self.is_pressing = False

    def show_target(self, aim_n: float, now_ns: int) -> None:
        """See the force to aim at, newtons."""
        self._seen.append((now_ns + self._delay_ns, aim_n))

    def cue(self, cue: Cue, now_ns: int) -> None:
        """Hear, see or feel a cue. The same one again changes nothing."""
        if cue is Cue.NONE or cue is self._last_heard:
            return
        delay_ns = self._delay_ns
        if cue is Cue.RELEASE or cue is Cue.DONE:
            if not self._traits.heeds_release:
                return
            delay_ns = round(self._rng.uniform(*RELEASE_REACTION_S) * 1e9)
        self._last_heard = cue
        self._heard.append((now_ns + delay_ns, now_ns, cue))

    def unload(self, now_ns: int) -> None:
        """Lose all force at once: the tool took its pressure away."""
        self._steady_n = 0.0
        self._let_go(now_ns)

    def begin_anew(self, now_ns: int) -> None:
        """Let go, whatever was heard or seen before, and wait for the first cue."""
        self._heard.clear()
        self._seen.clear()
        self._let_go(now_ns)
        self._last_heard = self._shown_n = self._glance_ns = None
        self._cue = Cue.NONE

    def look_away(self, until_ns: int) -> None:
        """Sag from the present force until then; a cue to ease off or release still comes through."""
        self._away_until_ns = until_ns
        self._sag_end_n = self._traits.sag_end * self._steady_n

    def advance(self, now_ns: int, dt_s: float) -> float:
        """Move on by `dt_s` to `now_ns`; return the force at the tip, newtons."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._lag_share = -math.expm1(-dt_s / (LAG_SHARE * self._traits.delay_s))
            self._follow_share = -math.expm1(-self._traits.gain_per_s * dt_s)
            self._release_share = -math.expm1(-dt_s / RELEASE_TAU_S)
            self._sag_share = -math.expm1(-dt_s / self._traits.sag_tau_s)
        # In the order of hearing: nobody acts on a later cue first, however quick the reaction to it.
        while self._heard and self._heard[0][0] <= now_ns:
            _, heard_ns, cue = self._heard.popleft()
            self._heed(cue, heard_ns)
        if self._traits.distracted:
            self._glance(now_ns)
        if self._away_until_ns is not None and now_ns >= self._away_until_ns:
            self._away_until_ns = None
        if self._away_until_ns is None:
            while self._seen and self._seen[0][0] <= now_ns:
                self._shown_ns, self._shown_n = self._seen.popleft()
        if not self.is_pressing:
            self._steady_n -= self._steady_n * self._release_share
            if self._steady_n < _NOTHING_N:
                self._steady_n = 0.0
        elif self._away_until_ns is not None:
            self._steady_n += (self._sag_end_n - self._steady_n) * self._sag_share
            self._meant_n = self._steady_n
        else:
            self._meant_n += (self._goal_n(dt_s) - self._meant_n) * self._lag_share
            self._steady_n += (self._meant_n - self._steady_n) * self._follow_share
        return max(0.0, self._steady_n * self._noise.advance(dt_s))

    def _goal_n(self, dt_s: float) -> float:
        shown_n = self._shown_n
        if self._cue is Cue.EASE_OFF:
            self._imagined_n = max(0.0, self._imagined_n - EASE_N_PER_S * dt_s)
            return self._imagined_n if shown_n is None else min(shown_n, self._imagined_n)
        if shown_n is not None:
            self._imagined_n = shown_n
        elif self._cue is Cue.PRESS_MORE:
            quick = self._imagined_n < QUICK_BELOW_N
            rise = QUICK_RISE_N_PER_S if quick else min(RISE_N_PER_S, RISE_SHARE_PER_S * self._imagined_n)
            self._imagined_n += rise * dt_s
        return self._imagined_n

    def _heed(self, cue: Cue, heard_ns: int) -> None:
        match cue:
            case Cue.PRESS_MORE | Cue.HOLD:
                if not self.is_pressing:
                    self.is_pressing = True
                    self._imagined_n = self._meant_n = self._steady_n
                    self._glance_ns = None
                elif cue is Cue.HOLD:
                    self._imagined_n = self._steady_n
            case Cue.EASE_OFF:
                rising = self._shown_n is not None or self._imagined_n > self._steady_n
                self._imagined_n = self._steady_n if rising else self._imagined_n
                self._away_until_ns = None
            case Cue.RELEASE | Cue.DONE:
                self._let_go(heard_ns)
            case Cue.NONE:
                return
        self._cue = cue

    def _let_go(self, told_ns: int) -> None:
        self.is_pressing = False
        self._away_until_ns = None
        self._imagined_n = 0.0
        # What was shown before is no reason to press as hard again.
        if self._shown_ns <= told_ns + self._delay_ns:
            self._shown_n = None
        while self._seen and self._seen[0][0] <= told_ns + self._delay_ns:
            self._seen.popleft()

    def _glance(self, now_ns: int) -> None:
        if not self.is_pressing:
            return
        if self._glance_ns is None:
            self._glance_ns = now_ns + round(self._rng.uniform(*self._traits.glance_every_s) * 1e9)
        elif now_ns >= self._glance_ns and self._away_until_ns is None:
            self.look_away(now_ns + round(self._rng.uniform(*self._traits.glance_s) * 1e9))
            self._glance_ns = None
