"""`--heart-rate`: a strap or watch kept connected beside a session."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from controller.heart_log import HeartLog
from controller.simulated_tools import SIMULATED
from firmware_bridge.gatt import Radio as BleakRadio
from firmware_bridge.wearables.companion import Companion
from firmware_bridge.wearables.strap import HeartRateStrap
from simulator.radio import Radio
from simulator.wearables.strap import SimulatedStrap

WHAT = "Heart rate"
FIRST_LIMIT_S = 15.0
"""A session does not wait longer for its first beat: it goes on without."""


@asynccontextmanager
async def heart_companion(
    wanted: str, radio: BleakRadio | None, seed: int, tell: Callable[[str], None], now_ns: Callable[[], int]
) -> AsyncIterator[tuple[HeartLog, Companion]]:
    """Keep the wearable of this name or address connected, `sim` a simulated one; what comes of it is told.

    `radio`: where the tool is, None for the system's Bluetooth. Nothing that fails here is raised.
    """
    log = HeartLog(now_ns, tell)
    async with AsyncExitStack() as stack:
        if wanted == SIMULATED:
            air = await stack.enter_async_context(Radio(seed=seed))
            await air.adapter()
            strap = await stack.enter_async_context(SimulatedStrap(air, seed=seed))
            wanted, radio = strap.name, air.backend
        companion = Companion(WHAT, HeartRateStrap(wanted, log.heard, radio), tell)
        running = asyncio.create_task(companion.run(), name="heart rate")
        try:
            yield log, companion
        finally:
            running.cancel()
            await asyncio.wait([running])
            if not running.cancelled():
                running.exception()


async def first_rest(log: HeartLog, companion: Companion, tell: Callable[[str], None], skipped: asyncio.Event) -> None:
    """Wait for the wearable, not for long, and listen to the heart before anything is pressed."""
    try:
        async with asyncio.timeout(FIRST_LIMIT_S):
            await companion.here.wait()
    except TimeoutError:
        return
    tell("Sit still for half a minute: your heart before. Enter goes on at once.")
    await log.rest(skipped)
    tell("The heart is logged beside the session.")
