"""The journal for a command that only looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from controller.clock import SystemClock
from controller.journal import Journal
from controller.places import journal_url


@contextmanager
def opened_journal(url: str | None) -> Iterator[Journal]:
    """Open the journal at `url`, or the one in the data folder, and close it again. Raises JournalError."""
    journal = Journal.open(url or journal_url(), inline=True, utc_now=SystemClock().utc_now)
    try:
        yield journal
    finally:
        journal.close()
