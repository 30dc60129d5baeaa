"""Which process writes a session, and whether it still can."""

import platform
from dataclasses import dataclass
from datetime import datetime, timedelta

import psutil  # type: ignore[import-untyped]  # it comes without stubs

SILENT_AFTER = timedelta(minutes=10)
"""A session on another host that wrote nothing for so long has lost its process."""

CREATION_TOLERANCE_S = 2.0
"""Linux knows creation times relative to the boot, whose date it gives to a second only."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: host, process id, and when it was created, in seconds of the Unix epoch."""

    host: str
    pid: int
    created_s: float

    @classmethod
    def this_process(cls) -> "Owner":
        """Return the process that runs this."""
        process = psutil.Process()
        return cls(platform.node(), process.pid, process.create_time())

    def is_gone(self, *, flushed_at: datetime, now: datetime) -> bool:
        """Return whether nobody will write that session any more; in doubt it is alive."""
        if self.host != platform.node():
            return now - flushed_at > SILENT_AFTER
        try:
            process = psutil.Process(self.pid)
            is_another = abs(process.create_time() - self.created_s) > CREATION_TOLERANCE_S
            return bool(is_another or process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True
        except psutil.AccessDenied:
            return False
