"""What somebody wears beside the tool, joined to a session."""

import asyncio
from contextlib import AsyncExitStack

from controller.clock import Clock
from controller.display import PlainDisplay, TerminalDisplay
from controller.heart_companion import first_rest, heart_companion
from controller.options import DEFAULT_SEED, RunOptions
from controller.runtime import Runtime
from controller.watch_companion import watch_companion
from firmware_bridge.gatt import Radio


async def join_wearables(
    stack: AsyncExitStack,
    options: RunOptions,
    radio: Radio | None,
    runtime: Runtime,
    display: TerminalDisplay | PlainDisplay,
    clock: Clock,
    skipped: asyncio.Event,
) -> None:
    """Connect what the options name, for as long as `stack` is open; listen to the heart at rest until `skipped`."""
    if options.watch is not None:
        opening = watch_companion(options.watch, radio, display.notice, clock.now_ns)
        channel = await stack.enter_async_context(opening)
        runtime.add(channels=[channel], sources=[channel])
    if options.heart_rate is None:
        return
    seed = DEFAULT_SEED if options.seed is None else options.seed
    log, companion = await stack.enter_async_context(
        heart_companion(options.heart_rate, radio, seed, display.notice, clock.now_ns)
    )
    runtime.add(channels=[log], sources=[log])
    runtime.epilogue = log.epilogue
    if isinstance(display, TerminalDisplay):
        display.pulse = lambda: log.bpm
    await first_rest(log, companion, display.notice, skipped)
