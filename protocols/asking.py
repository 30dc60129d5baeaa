"""Which question stands, and when the next may be asked."""

from dataclasses import dataclass, replace
from typing import Self

from protocols.commands import Question

BETWEEN_NS = 10_000_000_000
PER_MINUTE = 4
MINUTE_NS = 60_000_000_000
"""In a hold at most one question each 10 s and four a minute. A trial may try out more: then they come closer."""

AFTER_ANSWER_NS = 2_500_000_000
"""Nor is one asked sooner after an answer that came unasked, as the first tap does: the hand is still following it."""

LOUDER_NS = 3_000_000_000
OPEN_NS = 6_000_000_000
"""A question is asked once more after 3 s, and is unanswered after 6 s."""

REPEATED_NS = 2_000_000_000
"""Within this time of an answer that was learned from, another tells nothing new: a key may repeat itself."""

AFTER_TOO_MUCH_NS = 3_500_000_000
"""Nor does, unasked, one that is not above the band so soon after one that was: what is felt still comes down."""

UNANSWERED_IN_A_ROW = 2
EXPIRES = frozenset({Question.RATE_NOW})


@dataclass(frozen=True, slots=True)
class Asking:
    """The open question, since when, and those of the last minute; at most `per_minute` are asked in one.

    `above_ns`: when the last answer above the band was given; `above_heard_ns`: when one was heard last.
    """

    question: Question | None = None
    asked_ns: int = 0
    louder: bool = False
    unanswered: int = 0
    lately: tuple[int, ...] = ()
    answered_ns: int | None = None
    learned_ns: int | None = None
    above_ns: int | None = None
    above_heard_ns: int | None = None
    per_minute: int = PER_MINUTE

    def asked(self, question: Question, at_ns: int) -> Self:
        """Return the state with this question open."""
        lately = tuple(ns for ns in self.lately if at_ns - ns < MINUTE_NS)
        if question is Question.RATE_NOW:
            lately = (*lately, at_ns)
        return replace(self, question=question, asked_ns=at_ns, louder=False, lately=lately)

    def answered(self, at_ns: int) -> Self:
        """Return the state after an answer, asked for or not."""
        return replace(self, question=None, unanswered=0, answered_ns=at_ns)

    def learned(self, at_ns: int) -> Self:
        """Return the state after an answer was learned from."""
        return replace(self, learned_ns=at_ns)

    def above(self, at_ns: int, given_ns: int) -> Self:
        """Return the state after an answer above the band, given then and heard now."""
        last_ns = given_ns if self.above_ns is None else max(self.above_ns, given_ns)
        return replace(self, above_ns=last_ns, above_heard_ns=at_ns)

    def missed(self) -> Self:
        """Return the state after the open question found no answer."""
        return replace(self, question=None, unanswered=self.unanswered + 1)

    def closed(self) -> Self:
        """Return the state with no question open; one that is taken back was not left unanswered."""
        return replace(self, question=None)

    def present(self) -> Self:
        """Return the state after a sign of the person."""
        return replace(self, unanswered=0)

    def may_rate(self, at_ns: int) -> bool:
        """Return whether "what is it now?" may take the place of the question that stands on the way up."""
        return self.question is not Question.RATE_NOW and not self._answered_lately(at_ns)

    def may_ask(self, at_ns: int) -> bool:
        """Return whether the limits, and the last answer, allow another question now."""
        if self.question is not None or self._answered_lately(at_ns):
            return False
        recent = [ns for ns in self.lately if at_ns - ns < MINUTE_NS]
        return len(recent) < self.per_minute and (not recent or at_ns - recent[-1] >= self.between_ns)

    @property
    def between_ns(self) -> int:
        """Shortest time from one question to the next."""
        return min(BETWEEN_NS, MINUTE_NS // self.per_minute)

    @property
    def last_ns(self) -> int | None:
        """When a question was last asked, or answered; None: not yet asked in the last minute of asking."""
        return max(self.lately[-1], self.answered_ns or 0) if self.lately else None

    def asked_before(self, given_ns: int) -> bool:
        """Return whether something given then can answer the open question, "what is it now?"."""
        return self.question is Question.RATE_NOW and given_ns >= self.asked_ns

    def outdated(self, given_ns: int) -> bool:
        """Return whether something given then was followed by an answer above the band: it allows nothing any more."""
        return self.above_ns is not None and given_ns < self.above_ns

    def above_within(self, at_ns: int, within_ns: int) -> bool:
        """Return whether an answer above the band was heard so short a time ago."""
        return self.above_heard_ns is not None and at_ns - self.above_heard_ns < within_ns

    def learned_lately(self, at_ns: int) -> bool:
        """Return whether an answer was learned from a moment ago."""
        return self.learned_within(at_ns, REPEATED_NS)

    def learned_within(self, at_ns: int, within_ns: int) -> bool:
        """Return whether an answer was learned from so short a time ago."""
        return self.learned_ns is not None and at_ns - self.learned_ns < within_ns

    def due_louder(self, at_ns: int) -> bool:
        """Return whether the open question should be asked once more."""
        return self.question in EXPIRES and not self.louder and at_ns - self.asked_ns >= LOUDER_NS

    def expired(self, at_ns: int) -> bool:
        """Return whether the open question is unanswered by now."""
        return self.question in EXPIRES and at_ns - self.asked_ns >= OPEN_NS

    def _answered_lately(self, at_ns: int) -> bool:
        return self.answered_ns is not None and at_ns - self.answered_ns < AFTER_ANSWER_NS
