"""Tells the person which answer was understood, and counted."""

from controller.words import answer_words
from protocols.session import Session


class AnswerWatch:
    """Looks at every state, and puts each answer that counted into one line."""

    def __init__(self) -> None:
        self._hold: tuple[int, int] | None = None
        self._told = 0

    def see(self, session: Session) -> str | None:
        """Return what to tell of the answer that was counted last, or None."""
        answers, hold = session.tally.answers, (session.step_index, session.hold)
        if hold != self._hold or len(answers) < self._told:
            self._hold, self._told = hold, 0
        if len(answers) == self._told:
            return None
        self._told = len(answers)
        return answer_words(answers[-1], session.dose.band.high)
