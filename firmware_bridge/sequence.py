"""Counting the packets that never came, by the u16 sequence number of those that did."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Arrival:
    """One packet: how many are missing before it; `fresh` is false for a repeat or a late one."""

    lost: int
    fresh: bool


@dataclass(slots=True)
class SequenceCounter:
    """Follows a wrapping u16 sequence. A copy goes on by itself."""

    lost: int = 0
    stale: int = 0
    newest: int | None = None

    def note(self, sequence: int) -> Arrival:
        """Take the next packet's number; a jump of half the range or more is an old packet, not a loss."""
        if self.newest is None:
            self.newest = sequence
            return Arrival(lost=0, fresh=True)
        ahead = (sequence - self.newest) % _RANGE
        if self.is_behind(sequence):
            self.stale += 1
            return Arrival(lost=0, fresh=False)
        self.newest = sequence
        self.lost += ahead - 1
        return Arrival(lost=ahead - 1, fresh=True)

    def is_behind(self, sequence: int) -> bool:
        """Say whether this number is the newest again, or one before it."""
        return self.newest is not None and not 0 < (sequence - self.newest) % _RANGE < _RANGE // 2

    def restart(self) -> None:
        """Forget the newest number, not the totals: the tool was switched on anew."""
        self.newest = None


_RANGE: Final = 1 << 16
