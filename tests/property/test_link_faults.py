"""Whatever befalls the air, what the link tells is in order: over the real stack."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.link import Link
from firmware_bridge.link_news import Connected, Failed, LinkDropped, Restored, TimedBlock, TimedEvent
from tests.contract.tool_bench import HoldwellBench, now_ns, virtual

FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["drop", "away", "back", "reboot", "noise", "late", "garbage", "calm", "press"]),
        st.integers(0, 1500),
    ),
    max_size=8,
)


async def befall(bench, fault: str) -> None:
    faults, address = bench.radio.faults, bench.device.address
    match fault:
        case "drop":
            faults.disconnect(address)
        case "away":
            faults.out_of_range(address)
        case "back":
            faults.out_of_range(address, out=False)
        case "reboot":
            await bench.reboot()
        case "noise":
            faults.impair(address, lost_share=0.3, doubled_share=0.3)
        case "late":
            faults.impair(address, delay_s=0.3)
        case "garbage":
            bench.send_garbage(b"\x04\x02\x00\x00garbage")
        case "calm":
            faults.impair(address)
        case "press":
            bench.hand.edges = [(now_ns(), True), (now_ns() + 200_000_000, False)]


# At night some minutes: each example is ten or more seconds of the whole stack.
@pytest.mark.timeout(1800)
@given(FAULTS)
@virtual
async def test_news_is_in_order_and_the_link_comes_back(course):
    async with HoldwellBench.opened() as bench:
        news, heard_ns = [], []

        def hear(item):
            news.append(item)
            heard_ns.append(now_ns())

        link = Link(bench.make_tool, on_news=hear, now_ns=now_ns)
        run = asyncio.create_task(link.run())
        await link.stream()
        for fault, pause_ms in course:
            await befall(bench, fault)
            await asyncio.sleep(pause_ms / 1000)
        await befall(bench, "back")
        await befall(bench, "calm")
        for _ in range(15):
            await asyncio.sleep(3)
            if link.is_up:
                break
        assert link.is_up
        assert not [item for item in news if isinstance(item, Failed)]
        run.cancel()
        await asyncio.wait([run])
        assert not link.tool.is_connected

        is_up, newest_ns, lost = False, -1, 0
        for at_ns, item in zip(heard_ns, news, strict=True):
            match item:
                case Connected():
                    assert item is news[0]
                    is_up = True
                case LinkDropped():
                    assert is_up
                    is_up = False
                case Restored():
                    assert not is_up
                    is_up = True
                case TimedBlock():
                    assert is_up
                    assert item.first_ns >= newest_ns
                    newest_ns = item.first_ns + (len(item.forces_n) - 1) * item.period_ns
                    assert newest_ns <= at_ns
                    lost += item.lost
                case TimedEvent():
                    assert item.at_ns <= at_ns
        assert lost == link.packets_lost
