"""Keeps a wearable connected beside a session, and never troubles the session with it."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from firmware_bridge.errors import BridgeError

PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Between attempts to connect: rarer the longer it is away, for the tool needs the radio too."""

CONNECT_LIMIT_S: Final = 30.0


class Wearable(Protocol):
    """What a companion keeps connected. Its coroutines raise BridgeError and nothing else of their own."""

    async def connect(self, on_drop: Callable[[], None]) -> None:
        """Find it and connect; `on_drop` is called once when the link breaks."""

    async def disconnect(self) -> None:
        """Let go of it, in bounded time; never raises."""


class Companion:
    """Run `run` as a task of its own. `tell` gets a sentence when the wearable comes, goes, or cannot be had."""

    def __init__(self, what: str, wearable: Wearable, tell: Callable[[str], None]) -> None:
        self._what, self._wearable, self._tell = what, wearable, tell
        self._told = ""
        self._dropped = asyncio.Event()
        self.here = asyncio.Event()

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        pauses = 0
        try:
            while True:
                if await self._connected():
                    pauses = 0
                    self.here.set()
                    self._say(f"{self._what}: connected.")
                    await self._dropped.wait()
                    self.here.clear()
                    self._say(f"{self._what}: lost; it is being sought. The hold goes on.")
                await asyncio.sleep(PAUSES_S[min(pauses, len(PAUSES_S) - 1)])
                pauses += 1
        finally:
            self.here.clear()
            await self._wearable.disconnect()

    async def _connected(self) -> bool:
        self._dropped.clear()
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await self._wearable.connect(self._dropped.set)
        except TimeoutError:
            problem = f"{self._what}: did not answer. The hold goes on without it."
        except BridgeError as error:
            problem = f"{self._what}: {error}. The hold goes on without it."
        except Exception as error:  # noqa: BLE001 - whatever a wearable's stack raises, nobody's hold ends by it
            problem = f"{self._what}: failed ({type(error).__name__}: {error}). The hold goes on without it."
        else:
            return True
        await self._wearable.disconnect()
        self._say(problem)
        return False

    def _say(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(text)
