"""`--watch`: cues on a wrist beside a session."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from controller.errors import UsageError
from controller.simulated_tools import SIMULATED
from controller.watch_channel import WatchChannel
from firmware_bridge.gatt import Radio as BleakRadio
from firmware_bridge.wearables.companion import Companion
from firmware_bridge.wearables.watches import AnyWatch
from simulator.radio import Radio
from simulator.wearables.watches import SimulatedBangle, SimulatedInfiniTime, SimulatedWatch

WHAT: Final = "Watch"
_SIMULATED: Final[dict[str, type[SimulatedWatch]]] = {
    f"{SIMULATED}:infinitime": SimulatedInfiniTime,
    f"{SIMULATED}:bangle": SimulatedBangle,
}


def check_watch(wanted: str, *, fast: bool) -> None:
    """Raise UsageError for a simulated watch that there is none of, or a real one on virtual time."""
    if wanted.startswith(SIMULATED) and wanted not in _SIMULATED:
        raise UsageError(f"--watch: there is no simulated watch '{wanted}'; give {' or '.join(_SIMULATED)}")
    if fast and wanted not in _SIMULATED:
        raise UsageError(f"--watch: virtual time passes on simulated wrists alone: give {' or '.join(_SIMULATED)}")


@asynccontextmanager
async def watch_companion(
    wanted: str, radio: BleakRadio | None, tell: Callable[[str], None], now_ns: Callable[[], int]
) -> AsyncIterator[WatchChannel]:
    """Keep the watch of this name or address connected; what comes of it is told.

    `radio`: where the tool is, None for the system's Bluetooth. Nothing that fails here is raised.
    """
    channel = WatchChannel(now_ns)
    async with AsyncExitStack() as stack:
        if wanted in _SIMULATED:
            air = await stack.enter_async_context(Radio())
            await air.adapter()
            simulated = await stack.enter_async_context(_SIMULATED[wanted](air))
            wanted, radio = simulated.name, air.backend
        watch = AnyWatch(wanted, channel.answered, radio)
        running = [
            asyncio.create_task(Companion(WHAT, watch, tell).run(), name="watch"),
            asyncio.create_task(channel.run(watch), name="watch: cues"),
        ]
        try:
            yield channel
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
