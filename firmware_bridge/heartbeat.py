"""Telling an armed tool that the app is alive.

A beat is a write that the tool acknowledges (Control has no other), and ATT allows one such request at a time: a
second beat cannot go before the first has arrived, and need not, for the link repeats that one until it does. What
must not be is a late beat that puts off all that follow: so the period runs from the beginning of each beat, not
from its acknowledgement, and a link that is back gets its beat at once.
"""

import asyncio
from contextlib import suppress
from typing import Final

from firmware_bridge.errors import ToolError
from firmware_bridge.tool import Tool

HEARTBEAT_PERIOD_S: Final = 0.5
HEARTBEAT_LIMIT_MS: Final = 1500
"""Both from tool-profile 1.0, section Link."""


class Heartbeat:
    """The heartbeat of one tool, silent until `begin`; `run` is a task for as long as the tool is cared for."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self._armed = asyncio.Event()
        self._urged = asyncio.Event()

    def begin(self) -> None:
        """Beat from now on: the tool guards."""
        self._armed.set()

    def end(self) -> None:
        """Beat no more: the tool guards no longer."""
        self._armed.clear()

    def urge(self) -> None:
        """Let the next beat, if there is to be one, go at once."""
        self._urged.set()

    async def run(self) -> None:
        """Beat for ever; without a link, try again each period."""
        loop = asyncio.get_running_loop()
        while True:
            await self._armed.wait()
            self._urged.clear()
            next_s = loop.time() + HEARTBEAT_PERIOD_S
            if self._tool.is_connected:
                # A link that is gone is told by its drop; the next beat tries again.
                with suppress(ToolError):
                    await self._tool.heartbeat()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_s):
                    await self._urged.wait()
