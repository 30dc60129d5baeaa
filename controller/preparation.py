"""What is settled before a session begins: the options, the tool, its person's history and answers."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from rich.console import Console
from sqlalchemy import Engine

from controller.clock import Clock, SimulatedClock, SystemClock
from controller.errors import UsageError
from controller.history import Whose, answered_before, check_alone, latest_end, load_history
from controller.journal import Journal
from controller.journal_schema import transaction
from controller.options import CHOOSE, DEFAULT_SEED, ONE_IN_REACH, RunOptions
from controller.places import data_folder
from controller.review import latest_real_session
from controller.rigs import rig_wanted
from controller.screening import screen
from controller.simulated_tools import SIMULATED, is_simulated_tool
from controller.stations import (
    BONDS,
    SimulatedSetup,
    Station,
    distant_station,
    is_recording,
    is_simulated,
    look_at,
    simulated_station,
)
from controller.words import RECORDING
from firmware_bridge.tool import DeviceInformation, Features
from protocols.events import HistoryLoaded
from protocols.plan import Protocol
from protocols.site import ALL_SITES, NEEDS_SHOWING, REFERENCE_TIP_MM, Site

REMEMBERED_PAUSE = timedelta(minutes=5)
"""A remembered simulated person comes back this long after the last session."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is known before the session begins.

    `tip_diameter_mm`: None, not known yet. `screened`: the history as it was when the person answered about it.
    `is_recording`: the tool is elsewhere and plays a recording.
    """

    options: RunOptions
    protocol: Protocol
    site: Site
    whose: Whose
    clock: Clock
    setup: SimulatedSetup | None
    tool: str
    tip_diameter_mm: float | None = REFERENCE_TIP_MM
    screened: HistoryLoaded | None = None
    is_recording: bool = False

    @property
    def has_history(self) -> bool:
        """Whether what its person did before counts; a simulated one's counts only if it is asked for."""
        return self.setup is None or self.options.remember

    def station(self) -> AbstractAsyncContextManager[Station]:
        """Return the way to the tool."""
        if self.setup is None:
            bonds = data_folder() / BONDS
            return distant_station(self.tool, self.options.radio, bonds, is_recording=self.is_recording)
        return simulated_station(self.setup)


def prepare(options: RunOptions, journal: Journal) -> Prepared:
    """Check every option. Raises UsageError, ProtocolsError, RecordingError."""
    tool = options.tool or (_last_tool(journal) or SIMULATED if options.radio is None else ONE_IN_REACH)
    options.check(tool)
    protocol, site = options.plan(), options.where()
    if not is_simulated_tool(tool):
        return Prepared(options, protocol, site, Whose(options.profile), SystemClock(), None, tool)
    seed = DEFAULT_SEED if options.seed is None else options.seed
    setup = SimulatedSetup.chosen(options.person, seed, site, options.force_from, tool)
    whose = Whose(options.profile, setup.label)
    clock: Clock = SystemClock()
    if options.fast:
        latest = latest_end(journal.engine, whose) if options.remember else None
        clock = SimulatedClock.after(latest, REMEMBERED_PAUSE)
    return Prepared(options, protocol, site, whose, clock, setup, tool, setup.kind.tip_diameter_mm)


def meet(runner: asyncio.Runner, prepared: Prepared, journal: Journal, console: Console) -> Prepared:
    """Look at a tool that is not simulated here, and ask what must be asked before it is used.

    Raises UsageError, ToolError, BleakError.
    """
    if prepared.tool == CHOOSE:
        from controller.scan import choose  # noqa: PLC0415 - only here

        prepared = replace(prepared, tool=runner.run(choose(prepared.options.radio, console)))
    elif prepared.tool == ONE_IN_REACH:
        from controller.scan import the_one  # noqa: PLC0415 - only here

        prepared = replace(prepared, tool=runner.run(the_one(prepared.options.radio, _last_tool(journal), console)))

    async def look() -> tuple[Station, Features, DeviceInformation]:
        async with prepared.station() as station:
            return station, *await look_at(station)

    with console.status(f"looking for {prepared.tool} ..."):
        station, features, information = runner.run(look())
    if is_simulated(information):
        person = RECORDING if is_recording(information) else f"sim:tool:{information.serial}"
        whose = Whose(prepared.options.profile, person)
        return replace(prepared, whose=whose, is_recording=is_recording(information))
    if not station.has_rig:
        raise UsageError(rig_wanted(station.device.name or "", station.device.address))
    with transaction(journal.engine) as connection:
        check_alone(connection, prepared.whose.profile)
    prepared = replace(prepared, tip_diameter_mm=features.tip_diameter_mm)
    history, now = _loaded(prepared, journal.engine), prepared.clock.utc_now()
    screened = screen(console, journal.engine, prepared.whose, prepared.site, features, history, now)
    return replace(prepared, screened=screened)


def history_of(prepared: Prepared, engine: Engine, session_id: str) -> HistoryLoaded:
    """Return the history with which the session `session_id`, which has begun, starts. Raises JournalError."""
    if prepared.screened is not None:
        return answered_before(prepared.screened, _loaded(prepared, engine, but=session_id), prepared.site)
    # A simulated person was shown every site, and says no when asked whether it is still tender.
    shown = tuple(site for site in ALL_SITES if site.muscle in NEEDS_SHOWING)
    history = _loaded(prepared, engine, but=session_id) if prepared.options.remember else HistoryLoaded(0)
    return replace(history, shown=shown, tender_since=False)


def _loaded(prepared: Prepared, engine: Engine, *, but: str | None = None) -> HistoryLoaded:
    return load_history(
        engine,
        prepared.whose,
        site=prepared.site,
        tip_diameter_mm=prepared.tip_diameter_mm,
        now=prepared.clock.utc_now(),
        at_ns=0,
        but=but,
    )


def _last_tool(journal: Journal) -> str | None:
    latest = latest_real_session(journal.engine)
    return None if latest is None else latest.tool
