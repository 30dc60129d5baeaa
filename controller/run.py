"""`holdwell run`: one session from the options to the exit code."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from rich.console import Console

from controller.clock import Clock, SimulatedClock, SystemClock
from controller.display import PlainDisplay, TerminalDisplay
from controller.errors import COMPLETE, NOT_WHOLE, TOOL
from controller.history import Whose, check_alone, latest_end, load_history
from controller.interrupts import Interrupts
from controller.journal import Journal
from controller.keys import Keys
from controller.options import CHOOSE, DEFAULT_SEED, SIMULATED, RunOptions
from controller.places import data_folder, journal_url
from controller.review import find_session, latest_real_session, report
from controller.runtime import Runtime
from controller.screening import screen
from controller.stations import (
    BONDS,
    SimulatedSetup,
    Station,
    distant_station,
    is_simulated,
    look_at,
    simulated_station,
)
from controller.summary import interrupted, summary_of
from controller.telling import print_json, tell_summary
from firmware_bridge.link import Link
from firmware_bridge.tool import Features
from protocols.commands import Outcome
from protocols.events import HistoryLoaded
from protocols.figures import Figures
from protocols.plan import Protocol
from protocols.session import Session
from protocols.site import ALL_SITES, NEEDS_SHOWING, REFERENCE_TIP_MM, Site
from simulator.virtual_time import VirtualTimeLoop

REMEMBERED_PAUSE = timedelta(minutes=5)
"""A remembered simulated person comes back this long after the last session."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is known before the radio is used."""

    options: RunOptions
    protocol: Protocol
    site: Site
    whose: Whose
    clock: Clock
    setup: SimulatedSetup | None
    tool: str


@dataclass(frozen=True, slots=True)
class Done:
    """A session that is over: its id, its figures, and why there is no tool any more."""

    session_id: str
    result: Figures
    failure: str


def run(options: RunOptions) -> int:
    """Run one session and return the exit code; prints its summary, or its JSON."""
    console = Console(stderr=options.json)
    journal = Journal.open(
        options.journal or journal_url(),
        inline=options.fast,
        utc_now=SystemClock().utc_now,
    )
    try:
        prepared = prepare(options, journal)
        loop = VirtualTimeLoop if options.fast else None
        with asyncio.Runner(loop_factory=loop) as runner:
            history = None
            if prepared.setup is None:
                prepared, history = _meet(runner, prepared, journal, console)
            if history is None:
                history = _simulated_history(prepared, journal)
            done = runner.run(_session(prepared, history, journal, console))
        journal.flush()
        return _report(done, journal, console, as_json=options.json)
    finally:
        rest = journal.close()
        if rest is not None:
            console.print(f"[red]The rest of the session could not be journalled; it is in {rest}[/red]")


def prepare(options: RunOptions, journal: Journal) -> Prepared:
    """Check every option. Raises UsageError, ProtocolsError, RecordingError."""
    tool = options.tool or _last_tool(journal) or SIMULATED
    options.check(tool)
    protocol, site = options.plan(), options.where()
    if tool != SIMULATED:
        return Prepared(options, protocol, site, Whose(options.profile), SystemClock(), None, tool)
    seed = DEFAULT_SEED if options.seed is None else options.seed
    setup = SimulatedSetup.chosen(options.person, seed, site, options.force_from)
    whose = Whose(options.profile, setup.label)
    clock: Clock = SystemClock()
    if options.fast:
        latest = latest_end(journal.engine, whose) if options.remember else None
        clock = SimulatedClock.after(latest, REMEMBERED_PAUSE)
    return Prepared(options, protocol, site, whose, clock, setup, tool)


def exit_code(result: Figures) -> int:
    """Return the exit code that a session's end stands for."""
    if result.tool_failed:
        return TOOL
    return COMPLETE if result.outcome is Outcome.COMPLETE else NOT_WHOLE


def _last_tool(journal: Journal) -> str | None:
    latest = latest_real_session(journal.engine)
    return None if latest is None else latest.tool


def _simulated_history(prepared: Prepared, journal: Journal) -> HistoryLoaded:
    # A simulated person was shown every site, and says no when asked whether it is still tender.
    shown = tuple(site for site in ALL_SITES if site.muscle in NEEDS_SHOWING)
    if not prepared.options.remember:
        return HistoryLoaded(0, shown=shown, tender_since=False)
    history = load_history(
        journal.engine,
        prepared.whose,
        site=prepared.site,
        tip_diameter_mm=REFERENCE_TIP_MM,
        now=prepared.clock.utc_now(),
        at_ns=0,
        tender_since=False,
    )
    return replace(history, shown=shown)


def _meet(
    runner: asyncio.Runner, prepared: Prepared, journal: Journal, console: Console
) -> tuple[Prepared, HistoryLoaded | None]:
    """Look at a tool that is not simulated here, and ask what must be asked before it is used."""
    if prepared.tool == CHOOSE:
        from controller.scan import choose  # noqa: PLC0415 - only here

        prepared = replace(prepared, tool=runner.run(choose(prepared.options.radio, console)))

    async def look() -> tuple[Features, bool, str]:
        async with _distant(prepared) as station:
            features, information = await look_at(station)
            return features, is_simulated(information), information.serial

    with console.status(f"looking for {prepared.tool} ..."):
        features, simulated, serial = runner.run(look())
    if simulated:
        whose = Whose(prepared.options.profile, f"sim:tool:{serial}")
        return replace(prepared, whose=whose), None
    check_alone(journal.engine, prepared.whose.profile)
    now = prepared.clock.utc_now()
    history = load_history(
        journal.engine,
        prepared.whose,
        site=prepared.site,
        tip_diameter_mm=features.tip_diameter_mm,
        now=now,
        at_ns=0,
    )
    return prepared, screen(console, journal.engine, prepared.whose, prepared.site, features, history, now)


def _distant(prepared: Prepared) -> AbstractAsyncContextManager[Station]:
    return distant_station(prepared.tool, prepared.options.radio, data_folder() / BONDS)


async def _session(prepared: Prepared, history: HistoryLoaded, journal: Journal, console: Console) -> Done:
    options, clock = prepared.options, prepared.clock
    station_of = _distant(prepared) if prepared.setup is None else simulated_station(prepared.setup)
    async with station_of as station:
        runtime = Runtime(Session.begin(prepared.protocol, prepared.site), clock, journal)
        link = Link(station.make_tool, on_news=runtime.heard, now_ns=clock.now_ns)
        display = _display(options, console, f"{prepared.site.name} · {link.tool.name}")
        runtime.add(channels=(*station.channels, display), sources=station.sources)
        loop = asyncio.get_running_loop()

        def notice(text: str) -> None:
            loop.call_soon_threadsafe(display.notice, text)

        journal.listen(notice, lambda: notice("The journal can be written again; nothing is missing."))
        if prepared.whose.person is None:
            # Once more: the questions took their time.
            await asyncio.to_thread(check_alone, journal.engine, options.profile)
        # In a thread: nothing that may block runs on the loop that has to let the person go.
        session_id = await asyncio.to_thread(
            journal.begin,
            profile=options.profile,
            person=prepared.whose.person,
            remembered=options.remember,
            protocol=prepared.protocol,
            site=prepared.site,
            dose_s=runtime.figures.dose_s,
            tool=link.tool.name,
            started_at=clock.utc_now(),
            origin_ns=clock.now_ns(),
        )
        history = replace(history, at_ns=clock.now_ns())
        with Interrupts(runtime, clock) as interrupts, Keys(runtime.post, clock.now_ns):
            drawing = _started(display.run()) if isinstance(display, TerminalDisplay) else None
            try:
                result = await runtime.run(link, history, station.ended)
            except asyncio.CancelledError:
                # The second Ctrl-C: no more waiting, but the journal is closed in order.
                result = interrupted(runtime.figures, interrupts.by)
                journal.finish(result.outcome or Outcome.STOPPED, result.reason, summary_of(result))
            finally:
                await _ended(drawing)
                if isinstance(display, PlainDisplay):
                    await asyncio.to_thread(display.close)
    return Done(session_id, result, runtime.failure)


def _report(done: Done, journal: Journal, console: Console, *, as_json: bool) -> int:
    result = done.result
    record = find_session(journal.engine, done.session_id)
    if record.outcome is None:
        # The journal could not be written: say what is known.
        record = replace(
            record, outcome=result.outcome or Outcome.STOPPED, reason=result.reason, summary=summary_of(result)
        )
    if as_json:
        print_json(report(record))
    tell_summary(console, record, result, journal.shown)
    if done.failure:
        console.print(done.failure, style="red", markup=False, highlight=False, soft_wrap=True)
    return exit_code(result)


def _display(options: RunOptions, console: Console, title: str) -> TerminalDisplay | PlainDisplay:
    if console.is_terminal and not options.fast and not options.json:
        return TerminalDisplay(console, title)
    return PlainDisplay(console)


def _started(drawing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(drawing, name="display")


async def _ended(drawing: asyncio.Task[None] | None) -> None:
    if drawing is not None:
        drawing.cancel()
        with suppress(asyncio.CancelledError):
            await drawing
