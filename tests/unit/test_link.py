"""The link's own rules, over a scripted driver; the real driver and radio are in tests/contract."""

import asyncio
from collections.abc import Callable

import pytest

from firmware_bridge.errors import LinkError, PairingError, ToolError
from firmware_bridge.link import Link
from firmware_bridge.link_news import Connected, Failed, LinkDropped, Restored, StillAway, TimedBlock, TimedEvent
from firmware_bridge.tool import (
    Actuator,
    ButtonPress,
    DeviceInformation,
    Dropped,
    EventCode,
    Features,
    ForceBlock,
    Status,
    TipShape,
    ToolEvent,
    ToolKind,
)
from simulator.virtual_time import run_virtual

FEATURES = Features(1, 0, ToolKind.HANDHELD, TipShape.FLAT, 200.0, 100, 11.3, None, 10, 100, Actuator.LIGHT, 0.02)
MS = 1_000_000


class ScriptedTool:
    """A driver whose next connects fail as told; `boot` is when its counter was 0, ns of host time."""

    name, address, features = "HW-TEST", "00:00:00:00:00:00", FEATURES

    def __init__(self, on_signal: Callable[[object], None]) -> None:
        self.tell = on_signal
        self.is_connected = False
        self.refusals: list[ToolError] = []
        self.boot_ns = -50_000 * MS
        self.sequence = 7
        self.status = Status.TARED
        self.streams = True
        self.beats: list[float] = []
        self.calls: list[str] = []
        self.limits: list[tuple[float, float, int]] = []

    async def connect(self) -> None:
        self.calls.append("connect")
        await asyncio.sleep(0.1)
        if self.refusals:
            raise self.refusals.pop(0)
        self.is_connected = True

    async def start(self, rate_hz: int) -> int:
        if self.streams:
            self.packet()
        await asyncio.sleep(0.01)
        return rate_hz

    async def disconnect(self) -> None:
        self.calls.append("disconnect")
        self.is_connected = False

    async def arm(self, force_limit_n: float, hold_limit_s: float, heartbeat_ms: int) -> None:
        self.limits.append((force_limit_n, hold_limit_s, heartbeat_ms))

    async def disarm(self) -> None:
        self.calls.append("disarm")

    async def heartbeat(self) -> None:
        if not self.is_connected:
            raise LinkError(self.name, "is not connected")
        self.beats.append(now_s())

    async def information(self) -> DeviceInformation:
        return DeviceInformation()

    def packet(self, skip: int = 0) -> None:
        self.sequence = (self.sequence + 1 + skip) % 0x10000
        first_ns = now_ns() - self.boot_ns - 40 * MS
        self.tell(ForceBlock(self.sequence, first_ns // 1000 % (1 << 32), 10_000, (1.0,) * 5, self.status))

    def drop(self) -> None:
        self.is_connected = False
        self.tell(Dropped.LINK)

    def reboot(self) -> None:
        self.boot_ns, self.sequence, self.status = now_ns() + 1, -1, Status.NONE
        self.drop()


def now_s() -> float:
    return asyncio.get_running_loop().time()


def now_ns() -> int:
    return round(now_s() * 1e9)


class Bench:
    def __init__(self, **options) -> None:
        self.news: list[object] = []
        self.link = Link(self.make, on_news=self.news.append, now_ns=now_ns, **options)

    def make(self, on_signal) -> ScriptedTool:
        self.tool = ScriptedTool(on_signal)
        return self.tool

    def kinds(self) -> list[str]:
        return [type(news).__name__ for news in self.news]

    def told(self, kind: type) -> list:
        return [news for news in self.news if isinstance(news, kind)]


def with_link(test, *, streams=True, **options):
    """Run `test(bench)` while its link runs, on virtual time; return the bench."""

    async def main():
        bench = Bench(**options)
        run = asyncio.create_task(bench.link.run())
        if streams:
            await bench.link.stream()
        await test(bench)
        run.cancel()
        await asyncio.wait([run])
        return bench

    return run_virtual(main)


def test_nothing_streams_until_it_is_asked_for():
    async def test(bench):
        await asyncio.sleep(1)
        assert bench.news == [Connected(FEATURES, 10 * MS)]
        assert not bench.link.is_up
        await bench.link.stream()
        await asyncio.sleep(1)
        assert bench.kinds() == ["Connected", "TimedBlock"]

    with_link(test, streams=False)


def test_a_drop_while_streaming_begins_may_hide_a_reboot_too():
    async def test(bench):
        bench.tool.streams = False
        await asyncio.sleep(0.105)
        bench.tool.drop()
        bench.tool.streams = True
        await asyncio.sleep(5)

    bench = with_link(test)
    assert bench.kinds() == ["Connected", "LinkDropped", "Restored", "TimedBlock"]
    assert bench.news[2] == Restored(rebooted=True)


def test_a_drop_before_anything_was_streamed_may_hide_a_reboot():
    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.drop()
        await asyncio.sleep(1)
        assert bench.news[1:] == [LinkDropped(), Restored(rebooted=True)]

    with_link(test, streams=False)


def test_before_the_first_packet_a_press_waits_and_a_warning_does_not():
    press = ToolEvent(EventCode.BUTTON, 3, 20_000_000, ButtonPress.SHORT)
    warning = ToolEvent(EventCode.HEARTBEAT_LOST, 4, 51_000_000, 0)

    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.tell(press)
        bench.tool.tell(warning)
        assert bench.news[1:] == [TimedEvent(1_000 * MS, warning)]
        await bench.link.stream()
        await asyncio.sleep(1)
        # 20 s on a counter that was 0 at -50 s: long before this link.
        assert bench.news[-1] == TimedEvent(-30_000 * MS, press)

    with_link(test, streams=False)


def test_connected_comes_before_the_first_packet():
    async def test(bench):
        await asyncio.sleep(1)

    bench = with_link(test)
    assert bench.kinds() == ["Connected", "TimedBlock"]
    assert bench.news[0] == Connected(FEATURES, 10 * MS)
    assert bench.news[1] == TimedBlock(60 * MS, 10 * MS, (1.0,) * 5, Status.TARED, 0)
    assert bench.tool.calls == ["connect", "disconnect"]


def test_connecting_is_tried_three_times():
    async def test(bench):
        bench.tool.refusals = [LinkError("HW-TEST", f"failure {k}") for k in (1, 2, 3)]
        await asyncio.sleep(10)

    bench = with_link(test)
    assert bench.news == [Failed("HW-TEST: failure 3")]
    assert bench.tool.calls == ["connect"] * 3 + ["disconnect"]


def test_what_no_retry_can_mend_is_not_tried_again():
    async def test(bench):
        bench.tool.refusals = [PairingError("HW-TEST", "would not pair")]
        await asyncio.sleep(10)

    bench = with_link(test)
    assert bench.news == [Failed("HW-TEST: would not pair")]
    assert bench.tool.calls.count("connect") == 1


def test_a_tool_that_streams_nothing_is_no_link():
    async def test(bench):
        bench.tool.streams = False
        await asyncio.sleep(70)

    bench = with_link(test)
    assert bench.kinds()[:2] == ["Connected", "LinkDropped"]
    assert bench.kinds()[-1] == "Failed"
    assert "streams nothing; switch it off and on" in bench.news[-1].reason


def test_a_drop_is_told_and_mended_with_the_packets_lost_meanwhile():
    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.refusals = [LinkError("HW-TEST", "not yet")] * 3
        bench.tool.sequence += 2
        bench.tool.drop()
        await asyncio.sleep(5)

    bench = with_link(test)
    assert bench.kinds() == ["Connected", "TimedBlock", "LinkDropped", "StillAway", "Restored", "TimedBlock"]
    # Told once, though it was so three times.
    assert bench.news[3] == StillAway("HW-TEST: not yet")
    assert bench.news[4] == Restored(rebooted=False)
    assert bench.news[5].lost == 2
    # 1.0 s, three failures of 0.1 s with pauses of 0.5 s, 0.1 s to connect; its first sample 40 ms before.
    assert bench.news[5].first_ns == 2_860 * MS
    assert bench.link.packets_lost == 2


def test_given_up_after_sixty_seconds():
    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.refusals = [LinkError("HW-TEST", "gone")] * 1000
        bench.tool.drop()
        await asyncio.sleep(59.9)
        assert not bench.told(Failed)
        await asyncio.sleep(0.2)

    bench = with_link(test)
    assert bench.news[-1] == Failed("HW-TEST: the link was lost, and not back in 60 s: gone")


def test_a_drop_before_the_answer_to_start_is_told_once():
    async def test(bench):
        start = bench.tool.start

        async def broken_start(rate_hz):
            bench.tool.start = start
            bench.tool.packet()
            bench.tool.drop()
            raise LinkError("HW-TEST", "the link broke")

        bench.tool.start = broken_start
        await asyncio.sleep(5)

    bench = with_link(test)
    assert bench.kinds() == ["Connected", "TimedBlock", "LinkDropped", "Restored", "TimedBlock"]


def test_a_reboot_is_recognised_by_the_counter():
    async def test(bench):
        await asyncio.sleep(1)
        status = bench.tool.status
        bench.tool.sequence = 7
        bench.tool.reboot()
        bench.tool.sequence, bench.tool.status = 500, status
        await asyncio.sleep(5)
        bench.tool.packet()

    bench = with_link(test)
    assert bench.told(Restored) == [Restored(rebooted=True)]
    assert bench.told(TimedBlock)[-1].lost == 0
    assert bench.told(TimedBlock)[-1].first_ns == 5_960 * MS


def test_a_reboot_is_recognised_by_the_sequence_or_the_zero_alone():
    for sequence, status in ((-1, Status.TARED), (500, Status.NONE)):

        async def test(bench, sequence=sequence, status=status):
            await asyncio.sleep(1)
            bench.tool.sequence, bench.tool.status = sequence, status
            bench.tool.drop()
            await asyncio.sleep(5)

        bench = with_link(test)
        assert bench.told(Restored) == [Restored(rebooted=True)]
        assert bench.told(TimedBlock)[-1].lost == 0


def test_after_a_reboot_that_the_counter_hides_samples_are_at_their_new_time():
    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.refusals = [LinkError("HW-TEST", "off")] * 10
        bench.tool.sequence, bench.tool.boot_ns = -1, bench.tool.boot_ns + 5_000 * MS
        bench.tool.drop()
        await asyncio.sleep(10)
        bench.tool.packet()
        assert bench.told(Restored) == [Restored(rebooted=True)]
        assert bench.told(TimedBlock)[-1].first_ns == now_ns() - 40 * MS

    with_link(test)


def test_heartbeats_go_every_half_second_while_armed():
    async def test(bench):
        await asyncio.sleep(1)
        assert bench.tool.beats == []
        await bench.link.arm(60.0, 120.0)
        await asyncio.sleep(2.75)
        await bench.link.disarm()
        await asyncio.sleep(2)

    bench = with_link(test)
    assert bench.tool.limits == [(60.0, 120.0, 1500)]
    assert bench.tool.beats == [1.0, 1.5, 2.0, 2.5, 3.0, 3.5]


def test_heartbeats_end_with_the_tools_own_alarm():
    async def test(bench):
        await asyncio.sleep(1)
        await bench.link.arm(60.0, 120.0)
        await asyncio.sleep(0.6)
        bench.tool.tell(ToolEvent(EventCode.FORCE_LIMIT, 0, 51_000_000, 61.0))
        await asyncio.sleep(2)

    assert with_link(test).tool.beats == [1.0, 1.5]


def test_heartbeats_go_on_after_a_short_drop_but_not_after_a_reboot():
    async def drop(bench):
        await asyncio.sleep(1)
        await bench.link.arm(60.0, 120.0)
        await asyncio.sleep(0.3)
        bench.tool.drop()
        await asyncio.sleep(1)

    async def reboot(bench):
        await asyncio.sleep(1)
        await bench.link.arm(60.0, 120.0)
        await asyncio.sleep(0.3)
        bench.tool.reboot()
        await asyncio.sleep(1)

    # At once when the link is back, 0.1 s after the drop: the tool has been counting.
    assert with_link(drop).tool.beats == [1.0, 1.4, 1.9]
    assert with_link(reboot).tool.beats == [1.0]


def test_a_beat_that_is_taken_late_does_not_put_off_the_next():
    taken_s = [0.3, 0.0, 0.9, 0.1, 0.1]

    async def test(bench):
        beat = bench.tool.heartbeat

        async def late():
            await beat()
            await asyncio.sleep(taken_s.pop(0))

        await asyncio.sleep(1)
        bench.tool.heartbeat = late
        await bench.link.arm(60.0, 120.0)
        await asyncio.sleep(2.6)

    assert with_link(test).tool.beats == pytest.approx([1.0, 1.5, 2.0, 2.9, 3.4])


def test_a_link_that_takes_no_beat_is_not_pestered():
    async def test(bench):
        tries = []

        async def broken():
            tries.append(now_s())
            raise LinkError("HW-TEST", "took no request")

        await asyncio.sleep(1)
        bench.tool.heartbeat = broken
        await bench.link.arm(60.0, 120.0)
        await asyncio.sleep(1.2)
        assert tries == [1.0, 1.5, 2.0]

    with_link(test)


def test_repeats_and_old_packets_are_left_out():
    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.packet(skip=3)
        bench.tool.sequence -= 1
        bench.tool.packet()
        bench.tool.sequence -= 2
        bench.tool.packet()

    bench = with_link(test)
    assert [block.lost for block in bench.told(TimedBlock)] == [0, 3]
    assert (bench.link.packets_lost, bench.link.packets_stale) == (3, 2)


def test_an_event_is_told_once_at_its_own_time():
    event = ToolEvent(EventCode.BUTTON, 3, 50_500_000, ButtonPress.LONG)

    async def test(bench):
        await asyncio.sleep(1.35)
        bench.tool.tell(event)
        bench.tool.tell(event)

    assert with_link(test).told(TimedEvent) == [TimedEvent(500 * MS, event)]


def test_events_kept_by_the_tool_come_after_the_link_is_back():
    event = ToolEvent(EventCode.HEARTBEAT_LOST, 3, 51_050_000, 0)

    async def test(bench):
        await asyncio.sleep(1)
        bench.tool.drop()
        connect = bench.tool.connect

        async def connect_and_tell():
            await connect()
            bench.tool.tell(event)

        bench.tool.connect = connect_and_tell
        await asyncio.sleep(1)

    bench = with_link(test)
    assert bench.kinds()[2:] == ["LinkDropped", "Restored", "TimedBlock", "TimedEvent"]
    # 51.05 s on a counter that was 0 at -50 s.
    assert bench.news[-1] == TimedEvent(1_050 * MS, event)


def test_events_are_not_lost_with_an_attempt_that_fails():
    event = ToolEvent(EventCode.HEARTBEAT_LOST, 3, 51_050_000, 0)

    async def test(bench):
        await asyncio.sleep(1)
        start = bench.tool.start

        async def tell_and_fail(rate_hz):
            bench.tool.start = start
            bench.tool.tell(event)
            raise LinkError("HW-TEST", "the link broke")

        bench.tool.start = tell_and_fail
        bench.tool.drop()
        await asyncio.sleep(5)

    assert with_link(test).news[-1] == TimedEvent(1_050 * MS, event)


def test_cancelling_lets_go_of_the_tool_and_does_not_disarm_it():
    async def test(bench):
        await asyncio.sleep(1)
        await bench.link.arm(60.0, 120.0)

    bench = with_link(test)
    assert bench.tool.calls == ["connect", "disconnect"]
    assert not bench.link.is_up
    assert not bench.told(LinkDropped)
