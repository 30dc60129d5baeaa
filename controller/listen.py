"""`holdwell tool --listen`: a simulated tool with a person, and the radio, for an app in another process."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from rich.console import Console

from controller.attendance import Attendance
from controller.errors import COMPLETE, UsageError
from controller.places import data_folder
from controller.stations import TOOL_BONDS, SimulatedSetup
from simulator.firmware_power import NOTICE_US
from simulator.peripherals import SimulatedTool
from simulator.radio import Offer, Radio
from simulator.recording import RecordedPerson


async def serve(setup: SimulatedSetup, where: str, console: Console) -> int:
    """Offer the tool until Ctrl-C; a recording begins anew for each app. Raises UsageError."""
    stopped = asyncio.Event()
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    attendance = Attendance()
    async with Radio(seed=setup.seed) as radio:
        offer = await _offered(radio, where, attendance)
        telling = asyncio.create_task(attendance.tell(console), name="telling")
        try:
            while not stopped.is_set():
                await _first(_one_tool(radio, setup, offer, attendance, console), stopped.wait(), telling)
        finally:
            telling.cancel()
    console.print("The tool is off.")
    return COMPLETE


async def _offered(radio: Radio, where: str, attendance: Attendance) -> Offer:
    try:
        return await radio.offer(where, attendance.changed)
    except ValueError as error:
        raise UsageError(f"--listen: {error}") from None
    except OSError as error:
        raise UsageError(f"--listen: cannot listen at {where}: {error.strerror or error}; try another port") from None


async def _one_tool(
    radio: Radio, setup: SimulatedSetup, offer: Offer, attendance: Attendance, console: Console
) -> None:
    """Be one tool: for ever, or until its recording is over or was left in the middle, and its app is gone."""
    source = setup.source()
    attendance.accompany(source)
    async with SimulatedTool(radio, setup.kind.firmware(setup.seed), source, bonds=data_folder() / TOOL_BONDS) as tool:
        name = tool.firmware.local_name
        console.print(
            f"{name} is on the air. In another terminal:\n"
            f"  holdwell run --radio tcp-client:{offer.address} --tool {name}",
            highlight=False,
            soft_wrap=True,
        )
        await _first(tool.ended.wait(), _left(source, attendance))
        if tool.ended.is_set():
            console.print("The recording is over; it starts again for the next app.")
            await _first(attendance.absent.wait(), asyncio.sleep(NOTICE_US * 1e-6))
    await attendance.absent.wait()


async def _left(source: object, attendance: Attendance) -> None:
    """Wait until the app has gone while a recording plays; with a person, for ever."""
    while True:
        await attendance.present.wait()
        await attendance.absent.wait()
        if isinstance(source, RecordedPerson) and source.has_started:
            return


async def _first(*waits: "Coroutine[Any, Any, object] | asyncio.Task[None]") -> None:
    """Wait until one is over, end the coroutines among the others, and raise what failed."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        own = [task for task, wait in zip(tasks, waits, strict=True) if task is not wait]
        for task in own:
            task.cancel()
        await asyncio.gather(*own, return_exceptions=True)
    for task in done:
        task.result()
