"""The app is killed in a hold: the tool lets the person know, and the next app finds both as a first one would."""

import asyncio

import pytest
from rich.console import Console

from controller.attendance import GONE, GONE_AFTER_S, HERE, Attendance
from controller.clock import SIMULATED_START, SimulatedClock
from controller.history import Whose, load_history
from controller.journal import Journal
from controller.runtime import Runtime
from firmware_bridge.discovery import find
from firmware_bridge.link import Link
from firmware_bridge.tools.holdwell import HoldwellTool
from protocols.commands import Outcome, Phase
from protocols.figures import Figures
from protocols.session import Session
from protocols.site import REFERENCE_TIP_MM
from simulator.firmware import Firmware
from simulator.peripherals import SimulatedTool
from simulator.radio import Radio
from tests.actor import Actor
from tests.radio_bench import on_virtual_time
from tests.whole_stack import SHORT_DOSE, SITE, protocol_of


class Waiting:
    """A waiting tool with its person, used by one app after the other, as `holdwell tool --listen` is."""

    def __init__(self, radio: Radio, tool: SimulatedTool, person: Actor) -> None:
        self._radio, self._tool = radio, tool
        self.person, self.attendance = person, Attendance()
        self.attendance.accompany(person)

    async def session(self, *, killed_in_hold_after_s: float | None = None) -> Figures:
        """Run one app's session by the tool's cues and button alone, or until it is killed."""
        self.attendance.changed(is_here=True)
        clock = SimulatedClock()
        journal = Journal.open("sqlite://", inline=True, utc_now=lambda: SIMULATED_START)
        runtime = Runtime(Session.begin(protocol_of(SHORT_DOSE), SITE), clock, journal)
        backend = self._radio.backend
        found = await find(self._tool.firmware.local_name, backend)
        link = Link(
            lambda on_signal: HoldwellTool(found.device, on_signal=on_signal, radio=backend),
            on_news=runtime.heard,
            now_ns=clock.now_ns,
        )
        now, whose = clock.utc_now(), Whose("me", "sim:next")
        history = load_history(
            journal.engine, whose, site=SITE, tip_diameter_mm=REFERENCE_TIP_MM, now=now, at_ns=clock.now_ns()
        )
        journal.begin(
            profile="me",
            person="sim:next",
            remembered=False,
            protocol=protocol_of(SHORT_DOSE),
            site=SITE,
            dose_s=30.0,
            tool=link.tool.name,
            started_at=now,
            origin_ns=clock.now_ns(),
        )
        running = asyncio.create_task(runtime.run(link, history))
        try:
            if killed_in_hold_after_s is None:
                return await running
            while runtime.session.phase is not Phase.HOLD:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
            await asyncio.sleep(killed_in_hold_after_s)
            running.cancel()
            await asyncio.wait([running])
            return runtime.figures
        finally:
            self.attendance.changed(is_here=False)
            journal.close()


@pytest.mark.parametrize(("hold_s", "pause_s"), [(0.5, 0.2), (10.4, 0.2), (10.4, 8.0), (11.2, 1.0), (11.2, 70.0)])
def test_after_a_kill_in_a_hold_the_next_session_is_a_whole_one(hold_s, pause_s):
    @on_virtual_time
    async def killed_and_followed() -> None:
        person = Actor()
        async with Radio(seed=1) as radio:
            await radio.adapter()
            async with SimulatedTool(radio, Firmware(seed=1), person) as tool:
                waiting = Waiting(radio, tool, person)
                killed = await waiting.session(killed_in_hold_after_s=hold_s)
                assert killed.outcome is None
                await asyncio.sleep(pause_s)
                second = await waiting.session()
                first_again = await waiting.session()
        for figures in (second, first_again):
            assert (figures.outcome, figures.credited_s) == (Outcome.COMPLETE, 30.0), figures
            assert figures.answers[0] == 5
            assert figures.approach_s > 5.0, "the person waited for their 5"

    killed_and_followed()


@on_virtual_time
async def test_the_hand_hears_of_it_from_the_tool_alone_and_the_body_recovers_with_time():
    person = Actor()
    async with Radio(seed=1) as radio:
        await radio.adapter()
        async with SimulatedTool(radio, Firmware(seed=1), person) as tool:
            waiting = Waiting(radio, tool, person)
            person.body.habituated = 0.1
            await waiting.session(killed_in_hold_after_s=5.0)
            habituated = person.body.habituated
            assert person.hand.is_pressing, "nobody has told it yet"
            await asyncio.sleep(1.0)
            assert person.hand.is_pressing
            await asyncio.sleep(1.5)
            assert not person.hand.is_pressing, "the tool's alarm came 1.5 s after the last heartbeat"
            waiting.attendance.changed(is_here=True)
            assert person.body.habituated == pytest.approx(habituated, rel=0.2), "an app's coming is no rest"


class Said(Console):
    """A console that only remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def print(self, *objects: object, **_: object) -> None:
        self.lines += map(str, objects)


@on_virtual_time
async def test_who_is_there_is_told_once_for_each_app():
    attendance, said = Attendance(), Said()
    telling = asyncio.create_task(attendance.tell(said))
    await asyncio.sleep(5)
    assert said.lines == []
    for _ in range(2):
        for is_here in (True, False, True):  # it looks at the tool, and comes back for the session
            attendance.changed(is_here)
            await asyncio.sleep(GONE_AFTER_S / 2)
        assert said.lines[-1] == HERE
        attendance.changed(is_here=False)
        await asyncio.sleep(GONE_AFTER_S + 0.1)
        assert said.lines[-1] == GONE
    assert said.lines == [HERE, GONE] * 2
    telling.cancel()
    await asyncio.wait([telling])
