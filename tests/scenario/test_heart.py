"""A heart-rate strap beside a session: logged, shown, and never in the way."""

import asyncio
from functools import cache

import pytest

from controller.heart_log import HeartLog
from firmware_bridge import wire_heart_rate
from firmware_bridge.wearables.companion import Companion
from firmware_bridge.wearables.strap import HeartRateStrap
from protocols.events import HeartMeasured
from simulator.advertisement import advertising_bytes
from simulator.wearables.strap import SimulatedStrap
from tests.contract.tool_bench import now_ns
from tests.whole_stack import Stage, play


class Beside:
    """A strap and its companion in a script."""

    def __init__(self, wanted: str = "Strap 0001") -> None:
        self.told: list[str] = []
        self.wanted = wanted
        self.log = HeartLog(now_ns)
        self.driver: HeartRateStrap

    async def __call__(self, stage: Stage, trouble=None) -> None:
        async with SimulatedStrap(stage.radio, seed=1) as strap:
            self.driver = HeartRateStrap(self.wanted, self.log.heard, stage.radio.backend)
            companion = Companion("Heart rate", self.driver, self.told.append)
            stage.runtime.add(channels=[self.log], sources=[self.log])
            running = asyncio.create_task(companion.run())
            try:
                if trouble is not None:
                    await trouble(stage, strap)
                await asyncio.sleep(1000)
            finally:
                running.cancel()
                await asyncio.wait([running])


def beats(played) -> list[HeartMeasured]:
    return [event for event in played.events if isinstance(event, HeartMeasured)]


@cache
def without():
    return play()


def commands(played) -> list[tuple]:
    return [entry.commands for entry in played.entries if entry.commands]


def test_it_is_logged_about_once_a_second_and_replays():
    beside = Beside()
    played = play(beside)
    assert played.code == 0
    assert len(beats(played)) > 0.8 * (played.session.now_ns - beats(played)[0].at_ns) * 1e-9
    assert sum(sum(beat.rr_s) for beat in beats(played)) == pytest.approx(
        (beats(played)[-1].at_ns - beats(played)[0].at_ns) * 1e-9, abs=3.0
    )
    figures = beside.log.figures()
    assert figures["after"]["intervals"] + figures["before"]["intervals"] > 0


async def loses(stage, strap):
    await stage.in_hold()
    stage.radio.out_of_range(strap.address)
    await asyncio.sleep(8)
    stage.radio.out_of_range(strap.address, out=False)


async def garbles(stage, strap):
    await stage.in_hold()
    for value in (b"", b"\x00", b"\x10\x48\x01", b"\xff" * 3):
        strap.send_raw(value)


async def dies(stage, strap):
    await stage.in_hold()
    stage.radio.faults.power_cut(strap.address)


@pytest.mark.parametrize("trouble", [loses, garbles, dies])
def test_whatever_it_does_the_commands_are_those_of_a_session_without_it(trouble):
    alone, beside = without(), Beside()
    played = play(lambda stage: beside(stage, trouble))
    assert commands(played) == commands(alone)
    assert played.figures == alone.figures
    if trouble is garbles:
        assert beside.driver.garbage == 4
    else:
        assert "Heart rate: lost; it is being sought. The hold goes on." in beside.told
    assert (beside.told[-1] == "Heart rate: connected.") == (trouble is not dies)


def test_one_that_is_not_there_is_told_once_and_the_session_goes_on():
    beside = Beside("Strap 9999")
    played = play(beside)
    assert played.code == 0
    (told,) = beside.told
    assert told.startswith("Heart rate: Strap 9999: not in reach; switch it on, put it on,")
    assert told.endswith("The hold goes on without it.")


def test_a_watch_that_shares_no_heart_rate_says_what_to_do():
    async def watch(stage: Stage) -> None:
        await stage.radio.add_peripheral("Watch", advertising_data=advertising_bytes(name="Watch"))
        await Beside.__call__(beside, stage)

    beside = Beside("watch")
    assert play(watch).code == 0
    assert "shares no heart rate; switch that on in its settings" in beside.told[0]


def test_the_rate_now_may_be_asked_where_no_clock_is():
    # The screen is drawn on a thread of its own.
    log = HeartLog(lambda: 1_000_000_000)
    assert log.bpm is None
    log.heard(wire_heart_rate.HeartRate(60))
    assert log.bpm == 60
    list(log.events(2_000_000_000))
    assert log.bpm == 60
    list(log.events(7_000_000_000))
    assert log.bpm is None


def test_beats_without_skin_contact_count_for_no_figure():
    log = HeartLog(lambda: 0)
    log.heard(wire_heart_rate.HeartRate(60, contact=False, rr_s=(1.0,) * 30))
    assert log.figures()["before"]["intervals"] == 0
    log.heard(wire_heart_rate.HeartRate(60, contact=True, rr_s=(1.0,) * 30))
    assert log.figures()["before"]["intervals"] == 30
