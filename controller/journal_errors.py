"""What goes wrong with the journal and the files beside it; every message is one line: what, why, and what to do.

JournalError                    it cannot be opened, made, written or read
├── UnknownSessionError         a session id that it does not have
└── RecordError                 something in it that this version cannot read
"""


class JournalError(Exception):
    """A journal, its folder or an export that cannot be opened, made, written or read."""


class UnknownSessionError(JournalError):
    """A session id that the journal does not have, or the beginning of several."""


class RecordError(JournalError):
    """A record that no event or command of this version would give."""
