"""A whole session in virtual time, in this process: person, tool, radio, GATT, link, runtime, journal.

`play` runs one, lets a script do things to it at its moments, and always checks that the journal replays to the
same commands, that its figures are those of the session, and that nothing of it still runs.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from rich.console import Console

from controller.clock import SIMULATED_START, SimulatedClock
from controller.display import PlainDisplay
from controller.history import Whose, load_history
from controller.journal import Journal
from controller.journal_reader import SessionRecord, read_entries
from controller.journal_rows import Entry
from controller.keys import Keys
from controller.replay import replay
from controller.review import find_session
from controller.run import exit_code
from controller.runtime import Runtime
from controller.simulated_person import SimulatedPersonChannel
from controller.simulated_tools import SIMULATED_TOOL, OnAir, SimulatedKind
from controller.summary import summary_of
from firmware_bridge.discovery import find
from firmware_bridge.link import Link
from protocols.commands import Command, Cue, EnterPhase, GiveCue, Phase
from protocols.events import Event, Sampled
from protocols.figures import Figures
from protocols.plan import Compress, Dose, Protocol
from protocols.session import Session
from protocols.site import REFERENCE_TIP_MM, Site
from simulator.firmware import Firmware
from simulator.force_source import ForceSource
from simulator.peripherals import SimulatedTool
from simulator.radio import Radio
from simulator.recording import RecordedPerson
from simulator.tool_clock import ToolClock
from simulator.tool_traits import ToolTraits
from simulator.virtual_time import run_virtual
from tests.actor import Actor

SITE = Site.named("upper-trapezius-left")
WHOSE = Whose("me", "sim:scenario")
SHORT_DOSE = Dose(credited_s=30)
LOOK_S = 0.01
LONGEST_S = 900.0

Given = TypeVar("Given")


def protocol_of(dose: Dose) -> Protocol:
    """Return a protocol of one step with this dose."""
    return Protocol("scenario", "A scenario", (Compress(dose),))


@dataclass
class Stage:
    """What a script can reach while its session runs."""

    radio: Radio
    tool: SimulatedTool
    person: Actor
    link: Link
    runtime: Runtime
    clock: SimulatedClock
    keys: Keys
    taken: list[Event]
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return self.runtime.session

    @property
    def now_ns(self) -> int:
        return self.clock.now_ns()

    @property
    def now_s(self) -> float:
        return self.now_ns * 1e-9

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something, looking a hundred times a second."""
        while not is_so():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(LOOK_S)

    async def phase(self, phase: Phase, hold: int = 1) -> None:
        await self.until(lambda: self.session.phase is phase and self.session.hold == hold)

    async def in_hold(self, seconds: float = 3.0) -> None:
        """Wait until the hold has gone on for a while."""
        await self.phase(Phase.HOLD)
        await asyncio.sleep(seconds)

    def note(self, name: str) -> None:
        """Remember when something was done."""
        self.notes[name] = self.now_s

    def lose_link(self) -> None:
        self.note("lost")
        self.radio.out_of_range(self.tool.address)

    def bring_back(self) -> None:
        self.note("back")
        self.radio.out_of_range(self.tool.address, out=False)


Script = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Played:
    """What came of a session. Times are seconds of the session's clock."""

    figures: Figures
    session: Session
    entries: tuple[Entry, ...]
    record: SessionRecord
    stage: Stage
    screen: str
    code: int

    @property
    def events(self) -> list[Event]:
        return [entry.event for entry in self.entries]

    @property
    def packets(self) -> list[Sampled]:
        return [event for event in self.events if isinstance(event, Sampled)]

    @property
    def phases(self) -> list[Phase]:
        return [command.phase for _, command in self.given(EnterPhase)]

    def given(self, kind: type[Given], after_s: float = 0.0) -> list[tuple[float, Given]]:
        """Return the commands of a kind with their times."""
        return [
            (entry.event.at_ns * 1e-9, command)
            for entry in self.entries
            for command in entry.commands
            if isinstance(command, kind) and entry.event.at_ns * 1e-9 >= after_s
        ]

    def first(self, wanted: Command, after_s: float = 0.0) -> float:
        """Return when this command was first given."""
        return next(at_s for at_s, command in self.given(type(wanted), after_s) if command == wanted)

    def cued(self, cue: Cue, after_s: float = 0.0) -> float:
        """Return when a cue was first given."""
        return next(at_s for at_s, command in self.given(GiveCue, after_s) if command.cue is cue)

    def credit_over_time(self) -> list[tuple[float, float]]:
        """Return (time, credit of the present hold) after every event, from a fold over the journal."""
        from controller.replay import run_again  # noqa: PLC0415 - few need it

        again = run_again(self.record.plan(), self.record.site, self.entries)
        return [(each.entry.event.at_ns * 1e-9, each.after.credit.seconds) for each in again]


def play(
    script: Script | None = None,
    *,
    person: Actor | RecordedPerson | None = None,
    seed: int = 1,
    dose: Dose = SHORT_DOSE,
    site: Site = SITE,
    whose: Whose = WHOSE,
    traits: ToolTraits | None = None,
    tool_clock: ToolClock | None = None,
    journal: Journal | None = None,
    start_after: SimulatedClock | None = None,
    by_tool_only: bool = False,
    protocol: Protocol | None = None,
    tool: str = SIMULATED_TOOL,
) -> Played:
    """Run one session with a script beside it, check what holds for every session, and return what came of it."""
    own = journal is None
    journal = journal or Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
    clock = start_after or SimulatedClock()
    unseen: list[dict[str, object]] = []

    async def watched() -> Played:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
        async with asyncio.timeout(LONGEST_S):
            played = await _played(
                script,
                person or Actor(seed=seed, has_button=SimulatedKind(tool).capabilities.own_button),
                seed,
                protocol or protocol_of(dose),
                site,
                whose,
                _on_air(tool, traits, tool_clock, seed),
                journal,
                clock,
                by_tool_only=by_tool_only,
            )
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"still running: {sorted(task.get_name() for task in left)}"
        return played

    try:
        played = run_virtual(watched)
        assert not unseen, unseen
        _check(played, journal)
    finally:
        if own:
            journal.close()
    return played


async def _played(  # noqa: PLR0917 - what `play` was given, as it is
    script: Script | None,
    person: Actor | RecordedPerson,
    seed: int,
    protocol: Protocol,
    site: Site,
    whose: Whose,
    on_air: Callable[[Radio, ForceSource], AbstractAsyncContextManager[OnAir]],
    journal: Journal,
    clock: SimulatedClock,
    *,
    by_tool_only: bool,
) -> Played:
    screen = io.StringIO()
    async with Radio(seed=seed) as radio:
        await radio.adapter()
        async with on_air(radio, person) as tool:
            found = await find(tool.name, radio.backend)
            runtime = Runtime(Session.begin(protocol, site), clock, journal)
            link = Link(
                lambda on_signal: found.driver.make(found.device, on_signal=on_signal, radio=radio.backend),
                on_news=runtime.heard,
                now_ns=clock.now_ns,
            )
            display = PlainDisplay(Console(file=screen, width=200))
            runtime.on_away = display.notice
            journal.listen(display.notice, lambda: display.notice("The journal can be written again."))
            if not by_tool_only:
                eyes = SimulatedPersonChannel(person)
                runtime.add(channels=[eyes], sources=[eyes])
            runtime.add(channels=[display])
            history = load_history(
                journal.engine,
                whose,
                site=site,
                tip_diameter_mm=REFERENCE_TIP_MM,
                now=clock.utc_now(),
                at_ns=clock.now_ns(),
                tender_since=False,
            )
            session_id = journal.begin(
                profile=whose.profile,
                person=whose.person,
                remembered=True,
                protocol=protocol,
                site=site,
                dose_s=runtime.figures.dose_s,
                tool=link.tool.name,
                started_at=clock.utc_now(),
                origin_ns=clock.now_ns(),
            )
            taken = _watch(journal)
            stage = Stage(radio, tool, person, link, runtime, clock, Keys(runtime.post, clock.now_ns), taken)  # type: ignore[arg-type] # a recording has no script
            ended = tool.ended if isinstance(person, RecordedPerson) else None
            result = await _both(runtime.run(link, history, ended), script, stage)
    display.close()
    journal.flush()
    entries = tuple(read_entries(journal.engine, session_id))
    record = find_session(journal.engine, session_id)
    return Played(result, runtime.session, entries, record, stage, screen.getvalue(), exit_code(result))


def _on_air(
    name: str, traits: ToolTraits | None, clock: ToolClock | None, seed: int
) -> Callable[[Radio, ForceSource], AbstractAsyncContextManager[OnAir]]:
    if name == SIMULATED_TOOL:
        return lambda radio, force: SimulatedTool(radio, Firmware(traits, seed=seed), force, clock=clock)
    return lambda radio, force: SimulatedKind(name).on(radio, force, seed)


def _watch(journal: Journal) -> list[Event]:
    """Return a list that gets every event once it was taken."""
    taken: list[Event] = []
    append = journal.append

    def noted(event: Event, commands: tuple[Command, ...]) -> None:
        taken.append(event)
        append(event, commands)

    journal.append = noted  # type: ignore[method-assign] # a spy
    return taken


async def _both(running: Awaitable[Figures], script: Script | None, stage: Stage) -> Figures:
    """Run the session, and the script beside it; a script that fails fails the test, one that waits on is ended."""
    session = asyncio.ensure_future(running)
    beside = asyncio.ensure_future(script(stage)) if script is not None else None
    waits: Iterable[asyncio.Future[object]] = [task for task in (session, beside) if task is not None]
    await asyncio.wait(waits, return_when=asyncio.FIRST_EXCEPTION if beside is None else asyncio.FIRST_COMPLETED)
    if beside is not None and beside.done() and beside.exception() is not None:
        session.cancel()
        await asyncio.wait([session])
        beside.result()
    result = await session
    if beside is not None and not beside.done():
        beside.cancel()
        await asyncio.wait([beside])
    return result


def _check(played: Played, journal: Journal) -> None:
    """Check what must be true of every session there is."""
    found = replay(journal.engine, played.record)
    assert found.difference is None, found.difference
    assert found.events == len(played.entries)
    figures, summary = played.figures, summary_of(played.figures)
    assert played.record.outcome is figures.outcome
    assert played.record.reason == figures.reason
    assert played.record.summary is not None
    assert {key: played.record.summary[key] for key in summary} == summary
    assert played.session.ended
    assert figures.credited_s <= figures.contact_s + 1e-6
    assert figures.credited_s <= figures.dose_s + 1e-6
    times = [event.at_ns for event in played.events]
    assert times == sorted(times)
