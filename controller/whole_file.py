"""Files for the person: there when complete, or not at all, and nobody else's to read."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from controller.journal_errors import JournalError


def write_whole(path: Path, parts: Iterable[bytes], option: str) -> None:
    """Write a file, mode 0600, that is there only when complete; one of that name is replaced.

    What is there but no plain file, such as a pipe, is written to. Raises JournalError, which names the `option` that
    says where to write.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                file.writelines(parts)
        else:
            _replace_file(path.resolve(), parts)
    except OSError as error:
        raise JournalError(f"{path} cannot be written: {error.strerror}; name another file with {option}") from error


def _replace_file(path: Path, parts: Iterable[bytes]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
