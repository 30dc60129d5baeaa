"""Which app uses a simulated tool elsewhere: told on the console, and to whoever presses."""

import asyncio
from typing import Protocol

from rich.console import Console

GONE_AFTER_S = 1.0
"""An app first looks at the tool and comes back at once: only one that stays away for longer has gone."""

HERE = "An app is here."
GONE = "The app is gone; waiting for the next."


class Company(Protocol):
    """Whoever presses with the tool. Times are ns of the loop's clock."""

    def app_came(self, now_ns: int) -> None:
        """Begin anew with an app."""

    def app_gone(self, now_ns: int) -> None:
        """Have the app gone."""


class Attendance:
    """Follows the apps, one at a time. `present` and `absent` are set while one is, or is not, at the tool's radio."""

    def __init__(self) -> None:
        self.present, self.absent = asyncio.Event(), asyncio.Event()
        self.absent.set()
        self._company: Company | None = None

    def accompany(self, company: Company) -> None:
        """Let this one hear of apps from now on."""
        self._company = company

    def changed(self, is_here: bool) -> None:  # noqa: FBT001 - it is one of the two
        """Take that an app has come, or gone."""
        now_ns = round(asyncio.get_running_loop().time() * 1e9)
        came, went = (self.present, self.absent) if is_here else (self.absent, self.present)
        came.set()
        went.clear()
        if self._company is not None:
            (self._company.app_came if is_here else self._company.app_gone)(now_ns)

    async def tell(self, console: Console) -> None:
        """Say who is there, for ever."""
        while True:
            await self.present.wait()
            console.print(HERE)
            while self.present.is_set():
                await self.absent.wait()
                try:
                    async with asyncio.timeout(GONE_AFTER_S):
                        await self.present.wait()
                except TimeoutError:
                    console.print(GONE)
