"""Where files are kept: the user's data folder, or the one that HOLDWELL_DATA names."""

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from controller.journal_errors import JournalError

VARIABLE = "HOLDWELL_DATA"
JOURNAL = "journal.sqlite"


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for the journal, bonds and what else lasts, made with mode 0700 if there is none.

    Raises JournalError.
    """
    folder = data_path(environment)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"the data folder {folder} cannot be made: {error.strerror}; name another with {VARIABLE}"
        ) from error
    return folder


def data_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where that folder is, or would be. Raises JournalError for the home of somebody who has none."""
    given = environment.get(VARIABLE)
    if not given:
        return platformdirs.user_data_path("holdwell", appauthor=False)
    try:
        # Where the shell did not: in quotes, in a service's file.
        return Path(given).expanduser()
    except RuntimeError as error:
        raise JournalError(f"{VARIABLE}: '{given}' is in no home that is known; give the whole path") from error


def journal_url(environment: Mapping[str, str] = os.environ) -> str:
    """Return the URL of the journal that is used when none is named. Raises JournalError."""
    return f"sqlite:///{data_folder(environment) / JOURNAL}"
