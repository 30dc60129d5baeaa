"""`holdwell run`: one session from the options to the exit code."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console

from controller.clock import SystemClock
from controller.display import PlainDisplay, TerminalDisplay, display_for
from controller.errors import COMPLETE, NOT_WHOLE, TOOL
from controller.history import past_sessions
from controller.interrupts import Interrupts
from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.journal_reader import SessionRecord
from controller.keys import Keys
from controller.logging_on import LoggingOn
from controller.opened import tell_brought_in
from controller.options import RunOptions
from controller.places import journal_url
from controller.preparation import Prepared, history_of, meet, prepare
from controller.refused import refusal_words
from controller.review import find_session, report
from controller.runtime import Runtime
from controller.sign_watch import SignWatch
from controller.summary import interrupted, summary_of
from controller.telling import print_json, tell_damaged, tell_not_logged, tell_summary
from controller.wearables import join_wearables
from controller.words import known_words, simulated_words
from firmware_bridge.link import Link
from protocols.commands import Outcome
from protocols.events import Event
from protocols.figures import Figures
from protocols.session import Session
from simulator.virtual_time import VirtualTimeLoop


@dataclass(frozen=True, slots=True)
class Done:
    """A session that is over: what the journal said when it began, its figures, why there is no tool any more.

    `refused`: when one that was refused is possible, in words; empty if it was not.
    """

    begun: SessionRecord
    result: Figures
    failure: str
    refused: str


def run(options: RunOptions) -> int:
    """Run one session and return the exit code; prints its summary, or its JSON."""
    console = Console(stderr=options.json)
    journal = Journal.open(
        options.journal or journal_url(),
        inline=options.fast,
        utc_now=SystemClock().utc_now,
    )
    tell_brought_in(journal)
    try:
        prepared = prepare(options, journal)
        loop = VirtualTimeLoop if options.fast else None
        with asyncio.Runner(loop_factory=loop) as runner:
            if prepared.setup is None:
                prepared = meet(runner, prepared, journal, console)
            if prepared.has_history:
                tell_damaged(past_sessions(journal.engine, prepared.whose))
            done = runner.run(_session(prepared, journal, console))
        return _settled(done, journal, console, as_json=options.json)
    finally:
        rest = journal.close()
        if rest is not None:
            tell_not_logged(console, journal.shown, rest)


def exit_code(result: Figures) -> int:
    """Return the exit code that a session's end stands for."""
    if result.tool_failed:
        return TOOL
    return COMPLETE if result.outcome is Outcome.COMPLETE else NOT_WHOLE


async def _session(prepared: Prepared, journal: Journal, console: Console) -> Done:
    options, clock = prepared.options, prepared.clock
    async with prepared.station() as station, AsyncExitStack() as beside:
        runtime = Runtime(Session.begin(prepared.protocol, prepared.site), clock, journal)
        link = Link(station.make_tool, on_news=runtime.heard, now_ns=clock.now_ns)
        display = display_for(
            console,
            f"{prepared.site.name} · {link.tool.name}",
            simulated_words(prepared.whose.person),
            live=not options.fast and not options.json,
        )
        runtime.add(channels=(*station.channels, display), sources=station.sources)
        if station.driver.capabilities.takes_rig:
            runtime.add(channels=[SignWatch(display.notice, station.device.address)])
        loop = asyncio.get_running_loop()

        def notice(text: str) -> None:
            loop.call_soon_threadsafe(display.notice, text)

        if station.ended is not None:
            runtime.add(channels=[LoggingOn(display.notice)])
        runtime.on_away = display.notice
        journal.listen(notice, lambda: notice("The journal can be written again; nothing is missing."))
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
            alone=prepared.whose.person is None,
        )
        begun = await asyncio.to_thread(find_session, journal.engine, session_id)
        # Only now, since from here on nobody else adds to it.
        history = await asyncio.to_thread(history_of, prepared, journal.engine, session_id)
        history = replace(history, at_ns=clock.now_ns())
        known = known_words(history)
        if known:
            display.introduce(known)
        # On virtual time there is no moment at which a key could be pressed.
        said = asyncio.Event()

        def post(event: Event) -> None:
            said.set()
            runtime.post(event)

        keys = nullcontext() if options.fast else Keys(post, clock.now_ns)
        with Interrupts(runtime, clock) as interrupts, keys:
            drawing = _started(display.run()) if isinstance(display, TerminalDisplay) else None
            try:
                await join_wearables(beside, options, station.radio, runtime, display, clock, said)
                result = await runtime.run(link, history, station.ended)
            except asyncio.CancelledError:
                # The second Ctrl-C: no more waiting, but the journal is closed in order.
                result = interrupted(runtime.figures, interrupts.by)
                journal.finish(result.outcome or Outcome.STOPPED, result.reason, summary_of(result))
            finally:
                await _ended(drawing)
                if isinstance(display, PlainDisplay):
                    await asyncio.to_thread(display.close)
    tool = runtime.session.tool
    begun = begun if tool is None else replace(begun, tool=tool.name)
    refused = refusal_words(runtime.session, begun.started_at)
    return Done(begun, result, runtime.failure, refused)


def _settled(done: Done, journal: Journal, console: Console, *, as_json: bool) -> int:
    """Let the journal take what it can, report, and return the exit code; what it could not is left to its closing."""
    result, rest, problem = done.result, None, None
    try:
        rest = journal.settle()
    except JournalError as error:
        problem = error
    logged = rest is None and problem is None
    record = find_session(journal.engine, done.begun.id) if logged else _unlogged(done, journal)
    if as_json:
        print_json(report(record))
    tell_summary(console, record, result, journal.shown if logged else None)
    if rest is not None:
        tell_not_logged(console, journal.shown, rest)
    if done.refused:
        console.print(done.refused, highlight=False, soft_wrap=True)
    if done.failure:
        console.print(done.failure, style="red", markup=False, highlight=False, soft_wrap=True)
    if problem is not None:
        text = f"The end of session {done.begun.id} is not logged: {problem}. Trying once more."
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    return exit_code(result)


def _unlogged(done: Done, journal: Journal) -> SessionRecord:
    result = done.result
    return replace(
        done.begun,
        ended_at=journal.last_at,
        outcome=result.outcome or Outcome.STOPPED,
        reason=result.reason,
        summary=summary_of(result),
    )


def _started(drawing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.create_task(drawing, name="display")


async def _ended(drawing: asyncio.Task[None] | None) -> None:
    if drawing is not None:
        drawing.cancel()
        with suppress(asyncio.CancelledError):
            await drawing
