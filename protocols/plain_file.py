"""The text of a file that somebody named: a regular one, and no larger than it can sensibly be."""

import errno
import stat
from pathlib import Path


def read_plain(path: str | Path, most_bytes: int, encoding: str = "utf-8") -> str:
    """Return the whole text of a regular file of at most `most_bytes`, line ends as they are.

    Raises OSError whose `strerror` is for people, also for a device or a pipe, which are not opened: they may have no
    end; UnicodeDecodeError.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file can have such a name") from error
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a regular file")
    with path.open("rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes / 1e6:g} MB")
    return data.decode(encoding)
