"""The link's supervision of every kind of tool, over the real stack."""

import asyncio
import math
from contextlib import asynccontextmanager

import pytest

from firmware_bridge.capabilities import Transport
from firmware_bridge.errors import LinkError
from firmware_bridge.link import Link
from firmware_bridge.link_news import Connected, Failed, LinkDropped, Restored, TimedBlock, TimedEvent
from firmware_bridge.tool import ButtonPress, EventCode, Status, ToolCue
from tests.contract.benches import clocked_benches, every_bench, guarding_benches
from tests.contract.tool_bench import now_ns, virtual

MS = 1_000_000


class Supervised:
    def __init__(self, bench) -> None:
        self.news = []
        self.link = Link(bench.make_tool, on_news=self.hear, now_ns=now_ns)
        self.heard_ns = []

    def hear(self, news) -> None:
        self.news.append(news)
        self.heard_ns.append(now_ns())

    def told(self, kind) -> list:
        return [news for news in self.news if isinstance(news, kind)]

    def course(self) -> list[str]:
        """What happened besides packets and events."""
        return [type(news).__name__ for news in self.news if not isinstance(news, TimedBlock | TimedEvent)]

    def samples(self) -> list[tuple[int, float]]:
        return [
            (block.first_ns + k * block.period_ns, force_n)
            for block in self.told(TimedBlock)
            for k, force_n in enumerate(block.forces_n)
        ]


@asynccontextmanager
async def linked(kind, **options):
    async with kind.opened(**options) as bench:
        watch = Supervised(bench)
        run = asyncio.create_task(watch.link.run())
        await watch.link.stream()
        await asyncio.sleep(1)
        try:
            yield bench, watch
        finally:
            run.cancel()
            await asyncio.wait([run])
            assert not watch.link.tool.is_connected


class Wave:
    """A force that tells its time: 20 N ± 10 N, once a second."""

    felt = ()

    def __init__(self) -> None:
        self.force = lambda now_ns: 20 + 10 * math.sin(2 * math.pi * now_ns / 1e9)

    def force_n(self, now_ns):
        return self.force(now_ns)

    def button_edges(self, until_ns):
        return []

    def feel(self, actuate, now_ns):
        pass


@every_bench
@pytest.mark.parametrize("ppm", [0.0, 200.0, -200.0])
@virtual
async def test_samples_are_at_their_own_time_whatever_the_counter(kind, ppm):
    async with kind.opened(counter_us=(1 << 32) - 20_000_000, ppm=ppm) as bench:
        wave = Wave()
        bench.peripheral.force = wave
        watch = Supervised(bench)
        run = asyncio.create_task(watch.link.run())
        await watch.link.stream()
        await asyncio.sleep(40)
        run.cancel()
        await asyncio.wait([run])
        samples = watch.samples()
        assert len(samples) > 38.5 * kind.rates_hz[1]
        assert samples == sorted(samples)
        assert watch.link.packets_lost == 0
        # The first packets cannot be known to be late until one is punctual.
        settled = [sample for sample in samples if sample[0] > 1_000 * MS]
        # 10 N at 1 Hz: 5 ms are 0.3 N at the steepest; the load cell errs by some 0.1 N.
        error_n = 0.6 + kind.capabilities.resolution_n / 2
        assert all(abs(force_n - wave.force(at_ns)) < error_n for at_ns, force_n in settled)


@every_bench
@virtual
async def test_no_sample_is_from_the_future(kind):
    async with linked(kind) as (bench, watch):
        await asyncio.sleep(1)
        bench.radio.faults.impair(bench.device.address, delay_s=0.1)
        await asyncio.sleep(1)
        bench.radio.faults.impair(bench.device.address)
        await asyncio.sleep(1)
        for news, heard_ns in zip(watch.news, watch.heard_ns, strict=True):
            if isinstance(news, TimedBlock):
                assert news.first_ns + (len(news.forces_n) - 1) * news.period_ns <= heard_ns


@every_bench
@virtual
async def test_a_short_absence_is_mended(kind):
    async with linked(kind) as (bench, watch):
        await watch.link.tare(200)
        bench.radio.out_of_range(bench.device.address)
        await asyncio.sleep(4)
        assert watch.course() == ["Connected", "LinkDropped"]
        with pytest.raises(LinkError):
            await watch.link.cue(ToolCue.RELEASE)
        bench.radio.out_of_range(bench.device.address, out=False)
        await asyncio.sleep(3)
        assert watch.course() == ["Connected", "LinkDropped", "Restored"]
        # The Holdwell tool keeps its zero, and the scale that advertises counts its readings. Of the others nobody
        # can say that they were not switched off.
        is_same = kind.capabilities.own_guard or kind.capabilities.transport is Transport.ADVERTISEMENTS
        assert watch.told(Restored) == [Restored(rebooted=not is_same)]
        assert watch.link.is_up
        assert (Status.TARED in watch.told(TimedBlock)[-1].status) == is_same


@clocked_benches
@virtual
async def test_every_packet_lost_on_the_air_is_counted(kind):
    async with linked(kind) as (bench, watch):
        bench.radio.faults.impair(bench.device.address, lost_share=0.2, doubled_share=0.2)
        await asyncio.sleep(20)
        bench.radio.faults.impair(bench.device.address)
        await asyncio.sleep(1)
        blocks = watch.told(TimedBlock)
        # What lies between the first and the last either came or was lost.
        packet_ns = blocks[-1].period_ns * len(blocks[-1].forces_n)
        sent = round((blocks[-1].first_ns - blocks[0].first_ns) / packet_ns) + 1
        assert watch.link.packets_lost == sum(block.lost for block in blocks) == sent - len(blocks) > 20
        if kind.capabilities.own_guard:
            assert watch.link.packets_stale > 20


@every_bench
@virtual
async def test_an_absence_longer_than_a_minute_is_the_end(kind):
    async with linked(kind) as (bench, watch):
        bench.radio.faults.power_cut(bench.device.address)
        await asyncio.sleep(70)
        assert watch.course() == ["Connected", "LinkDropped", "StillAway", "Failed"]
        (dropped,), (failed,) = watch.told(LinkDropped), watch.told(Failed)
        lasted_ns = watch.heard_ns[watch.news.index(failed)] - watch.heard_ns[watch.news.index(dropped)]
        assert lasted_ns == 60_000 * MS


@every_bench
@virtual
async def test_a_tool_that_is_not_there_is_failed_in_bounded_time(kind):
    async with kind.opened() as bench:
        bench.radio.faults.power_cut(bench.device.address)
        watch = Supervised(bench)
        await watch.link.run()
        assert watch.course() == ["Failed"]
        assert now_ns() < 65_000 * MS


@every_bench
@virtual
async def test_a_reboot_is_told_as_such(kind):
    async with linked(kind) as (bench, watch):
        await watch.link.tare(200)
        if kind.capabilities.own_guard:
            await watch.link.arm(60.0, 120.0)
        await asyncio.sleep(3)
        await bench.reboot()
        await asyncio.sleep(5)
        assert watch.course() == ["Connected", "LinkDropped", "Restored"]
        assert watch.told(Restored) == [Restored(rebooted=True)]
        status = watch.told(TimedBlock)[-1].status
        assert not status & (Status.TARED | Status.ARMED)
        times_ns = [at_ns for at_ns, _ in watch.samples()]
        assert times_ns == sorted(times_ns)


@guarding_benches
@virtual
async def test_an_armed_tool_stays_armed_as_long_as_the_link_beats(kind):
    async with linked(kind) as (_, watch):
        await watch.link.tare(200)
        await watch.link.arm(60.0, 120.0)
        await asyncio.sleep(20)
        assert Status.ARMED in watch.told(TimedBlock)[-1].status
        assert watch.told(TimedEvent) == []
        await watch.link.disarm()
        await asyncio.sleep(5)
        assert Status.ARMED not in watch.told(TimedBlock)[-1].status
        assert watch.told(TimedEvent) == []


@guarding_benches
@virtual
async def test_an_armed_tool_alarms_alone_and_says_so_afterwards_with_the_right_time(kind):
    async with linked(kind) as (bench, watch):
        await watch.link.tare(200)
        await watch.link.arm(60.0, 120.0)
        await asyncio.sleep(0.25)
        gone_ns = now_ns()
        bench.radio.out_of_range(bench.device.address)
        await asyncio.sleep(6)
        alarms = [at_ns for at_ns, actuate in bench.hand.felt if actuate.alarm]
        assert len(alarms) == 1
        assert 1_000 * MS < alarms[0] - gone_ns <= 1_510 * MS
        bench.radio.out_of_range(bench.device.address, out=False)
        await asyncio.sleep(3)
        events = watch.told(TimedEvent)
        assert [timed.event.code for timed in events] == [EventCode.HEARTBEAT_LOST]
        assert abs(events[0].at_ns - alarms[0]) < 20 * MS


@guarding_benches
@virtual
async def test_a_press_is_told_at_the_time_of_the_press(kind):
    async with linked(kind) as (bench, watch):
        pressed_ns = now_ns() + 100 * MS
        bench.hand.edges = [(pressed_ns, True), (pressed_ns + 2_000 * MS, False)]
        await asyncio.sleep(3)
        (timed,) = watch.told(TimedEvent)
        assert (timed.event.code, timed.event.value) == (EventCode.BUTTON, ButtonPress.LONG)
        assert abs(timed.at_ns - pressed_ns) < 20 * MS


@guarding_benches
@virtual
async def test_cancelling_disconnects_and_leaves_the_tool_armed(kind):
    async with linked(kind) as (bench, watch):
        assert isinstance(watch.news[0], Connected)
        await watch.link.tare(200)
        await watch.link.arm(60.0, 120.0)
    assert watch.course() == ["Connected"]
    assert bench.peripheral.firmware.is_armed
