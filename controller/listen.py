"""`holdwell tool --listen`: a simulated tool with a person, and the radio, for an app in another process."""

import asyncio
import signal
import sys

from rich.console import Console

from controller.errors import COMPLETE, UsageError
from controller.places import data_folder
from controller.stations import TOOL_BONDS, SimulatedSetup
from simulator.peripherals import SimulatedTool
from simulator.radio import Offer, Radio

LOOK_S = 0.2
"""How soon it is noticed that the app has gone."""


async def serve(setup: SimulatedSetup, where: str, console: Console) -> int:
    """Offer the tool until Ctrl-C; a recording that is over starts again for the next app. Raises UsageError."""
    stopped = asyncio.Event()
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    async with Radio(seed=setup.seed) as radio:
        try:
            offer = await radio.offer(where)
        except ValueError as error:
            raise UsageError(f"--listen: {error}") from None
        except OSError as error:
            raise UsageError(f"--listen: cannot listen at {where}: {error.strerror or error}") from None
        while not stopped.is_set():
            tool = SimulatedTool(radio, setup.firmware(), setup.source(), bonds=data_folder() / TOOL_BONDS)
            async with tool:
                console.print(
                    f"{tool.firmware.local_name} is on the air. In another terminal:\n"
                    f"  holdwell run --radio tcp-client:{offer.address} --tool {tool.firmware.local_name}",
                    highlight=False,
                    soft_wrap=True,
                )
                await _first(stopped.wait(), tool.ended.wait())
                if tool.ended.is_set() and not stopped.is_set():
                    console.print("The recording is over; it starts again for the next app.")
            if not stopped.is_set():
                await _first(stopped.wait(), _unused(offer))
    console.print("The tool is off.")
    return COMPLETE


async def _unused(offer: Offer) -> None:
    while offer.is_in_use:  # noqa: ASYNC110 - an offer has no event for it, and nothing hurries
        await asyncio.sleep(LOOK_S)


async def _first(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
