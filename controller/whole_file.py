"""Files for the person: there when complete, or not at all, and nobody else's to read."""

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.journal_errors import JournalError


def check_writable(path: Path, option: str) -> None:
    """Raise JournalError unless `write_whole` could write there: before what is to be written has taken its time."""
    folder = path.absolute().parent
    if not folder.is_dir():
        raise JournalError(f"{option}: there is no folder {folder}; make it, or name another one")
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not path.exists() or path.is_file():
            with _beside(path.resolve()) as (handle, _):
                os.close(handle)
    except OSError as error:
        raise _unwritable(path, option, error) from error


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
        raise _unwritable(path, option, error) from error


def _unwritable(path: Path, option: str, error: OSError) -> JournalError:
    return JournalError(f"{path} cannot be written: {error.strerror}; name another file with {option}")


def _replace_file(path: Path, parts: Iterable[bytes]) -> None:
    with _beside(path) as (handle, part):
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        part.replace(path)


@contextmanager
def _beside(path: Path) -> Iterator[tuple[int, Path]]:
    """Make an empty file beside the one that is to be written; it is gone afterwards, unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        yield handle, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
