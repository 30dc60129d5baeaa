"""The journal for a command that only looks."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from controller.clock import SystemClock
from controller.journal import Journal
from controller.journal_schema import check_there
from controller.places import journal_url


@contextmanager
def opened_journal(url: str | None) -> Iterator[Journal]:
    """Open the journal at `url`, or the one in the data folder, and close it again.

    Raises JournalError, also for a file that is named and not there: looking makes none.
    """
    if url is not None:
        check_there(url)
    journal = Journal.open(url or journal_url(), inline=True, utc_now=SystemClock().utc_now)
    tell_brought_in(journal)
    try:
        yield journal
    finally:
        journal.close()


def tell_brought_in(journal: Journal) -> None:
    """Say which sessions are whole now, on standard error."""
    for session_id, path in journal.brought_in:
        sys.stderr.write(f"holdwell: session {session_id} is whole now: its rest was brought in from {path}\n")
