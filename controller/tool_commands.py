"""What `holdwell tool set`, `show` and `calibrate` do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date

from rich.console import Console
from rich.table import Table

from controller.errors import COMPLETE, DIFFERS, UsageError
from controller.places import data_folder
from controller.rigs import Calibration, StoredTool, TipName, store, stored_tool, stored_tools
from controller.simulated_tools import SimulatedKind, is_simulated_tool
from controller.stations import BONDS, Station, distant_station
from controller.weighing import Weighing
from firmware_bridge.dead_weights import Fit
from firmware_bridge.discovery import find
from firmware_bridge.rig import Rig
from firmware_bridge.tool import Signal
from firmware_bridge.units import NEWTONS_PER_KG
from simulator.dead_weights import DeadWeights
from simulator.radio import Radio
from simulator.virtual_time import VirtualTimeLoop

SIMULATED_SEED = 4


def set_tool(address: str, console: Console, *, tip_mm: float | None, tip: TipName | None, invert: bool | None) -> int:
    """Keep what is given of a tool, beside what is kept of it. Raises UsageError, JournalError."""
    kept = stored_tool(address)
    given = {"tip_mm": tip_mm, "tip": tip, "invert": invert}
    changed = {name: value for name, value in given.items() if value is not None}
    if not changed:
        raise UsageError("nothing to set: give --tip-mm, --tip, --invert or --no-invert")
    store(address, kept.model_copy(update=changed))
    console.print(_table({address.upper(): stored_tool(address)}))
    return COMPLETE


def show_tools(console: Console) -> int:
    """Show every load cell that something is kept of. Raises UsageError."""
    tools = stored_tools()
    if not tools:
        console.print("No load cell is known yet. holdwell tool set ADDRESS --tip-mm 20 makes one known.")
        return COMPLETE
    console.print(_table(tools))
    return COMPLETE


def calibrate_tool(tool: str, radio: str | None, masses_kg: tuple[float, ...], console: Console) -> int:
    """Calibrate by dead weights; a good result is kept. Raises UsageError, BridgeError."""
    if is_simulated_tool(tool):
        kind = SimulatedKind.named(tool)
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            fit, _ = runner.run(_weighed(_simulated(kind), masses_kg, console))
        _tell(fit, console)
        console.print("A simulated tool: nothing is kept.")
        return COMPLETE if fit.is_good else DIFFERS
    station = distant_station(tool, radio, data_folder() / BONDS)
    with asyncio.Runner() as runner:
        fit, found = runner.run(_weighed(_distant(station), masses_kg, console))
    _tell(fit, console)
    if not fit.is_good:
        console.print("Not kept: look for what rubs, hangs askew or swings, and calibrate again.", style="yellow")
        return DIFFERS
    if not found.driver.capabilities.takes_rig:
        console.print("Not kept: this tool keeps its own calibration, which Holdwell never changes.")
        return COMPLETE
    _keep(found, fit, console)
    return COMPLETE


def _keep(found: Station, fit: Fit, console: Console) -> None:
    address = found.device.address
    calibration = Calibration(
        on=date.today(),  # noqa: DTZ011 - the day where it was done
        gain=fit.gain,
        residual_n=fit.residual_n,
        hysteresis_n=fit.hysteresis_n,
        highest_n=fit.highest_n,
    )
    kept = stored_tool(address).model_copy(update={"name": found.device.name or "", "calibration": calibration})
    path = store(address, kept)
    console.print(f"Kept for {address} in {path}.", highlight=False, soft_wrap=True)


async def _weighed(
    opening: AbstractAsyncContextManager[tuple[Station, DeadWeights | None]],
    masses_kg: tuple[float, ...],
    console: Console,
) -> tuple[Fit, Station]:
    def told(line: str) -> None:
        console.print(line, highlight=False)

    async with opening as (station, weights):
        # What it says by itself, the right way round: the gain is what is sought.
        rig = replace(station.rig, gain=1.0) if station.driver.capabilities.takes_rig else Rig()
        signals: list[Weighing] = []

        def heard(signal: Signal) -> None:
            for weighing in signals:
                weighing.heard(signal)

        async def put_on(mass_kg: float) -> None:
            if weights is not None:
                weights.put_on(mass_kg * NEWTONS_PER_KG)
                await asyncio.sleep(1)
                return
            what = f"Put {mass_kg:g} kg on in all" if mass_kg else "Take everything off"
            await asyncio.to_thread(_confirmed, console, f"{what}, let it come to rest, and press Enter. ")

        tool = replace(station, rig=rig).make_tool(heard)
        weighing = Weighing.of(tool, put_on, asyncio.sleep, told)
        signals.append(weighing)
        try:
            await tool.connect()
            return await weighing.run(masses_kg), station
        finally:
            await tool.disconnect()


def _confirmed(console: Console, text: str) -> None:
    try:
        console.input(text)
    except EOFError:
        raise UsageError("nobody is there to put weights on: run it in a terminal") from None


@asynccontextmanager
async def _distant(
    opening: AbstractAsyncContextManager[Station],
) -> AsyncIterator[tuple[Station, DeadWeights | None]]:
    async with opening as station:
        yield station, None


@asynccontextmanager
async def _simulated(kind: SimulatedKind) -> AsyncIterator[tuple[Station, DeadWeights | None]]:
    weights = DeadWeights()
    async with Radio(seed=SIMULATED_SEED) as radio:
        await radio.adapter()
        async with kind.on(radio, weights, SIMULATED_SEED) as tool:
            found = await find(tool.name, radio.backend)
            yield Station(found.device, found.driver, radio.backend), weights


def _tell(fit: Fit, console: Console) -> None:
    table = Table(show_header=False, box=None)
    table.add_row("gain", f"{fit.gain:.5f} true newtons for each that it says")
    table.add_row("residual", f"{fit.residual_n:.3f} N at most, {fit.residual_share:.2%} of {fit.highest_n:.1f} N")
    table.add_row("hysteresis", f"{fit.hysteresis_n:.3f} N at most, {fit.hysteresis_share:.2%}")
    console.print(table)


def _table(tools: dict[str, StoredTool]) -> Table:
    table = Table("address", "name", "tip", "invert", "calibrated", "gain", "residual", "hysteresis")
    for address, tool in tools.items():
        tip = "not known" if tool.tip_mm is None else f"{tool.tip} {tool.tip_mm:g} mm"
        done = tool.calibration
        weighed = ("never", "1", "-", "-")
        if done is not None:
            weighed = (f"{done.on}", f"{done.gain:.4f}", f"{done.residual_n:.2f} N", f"{done.hysteresis_n:.2f} N")
        table.add_row(address, tool.name, tip, "yes" if tool.invert else "no", *weighed)
    return table
