"""Tells the person which answer was understood, and counted."""

from controller.words import answer_words
from protocols.session import Session


class AnswerWatch:
    """Looks at every state, and puts each answer that counted into one line."""

    def __init__(self) -> None:
        self._told = 0

    def see(self, session: Session) -> str | None:
        """Return what to tell of the answer that was counted last, or None."""
        # Each hold begins with none.
        before, answers = self._told, session.tally.answers
        self._told = len(answers)
        return answer_words(answers[-1], session.dose.band.high) if len(answers) > before else None
