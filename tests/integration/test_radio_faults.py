"""What goes wrong on the air, as both ends see it."""

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakError
from bumble import hci
from bumble.device import Connection

from simulator.radio import Radio
from tests.radio_bench import NOTIFIES, VALUE, Bench, connected, on_virtual_time


def now() -> float:
    return asyncio.get_running_loop().time()


def reasons(bench: Bench) -> list[int]:
    (connection,) = bench.device.connections.values()
    told: list[int] = []
    connection.on(Connection.EVENT_DISCONNECTION, told.append)
    return told


@on_virtual_time
async def test_out_of_range_is_a_black_hole_and_then_a_timeout_on_both_sides():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        gone: list[float] = []
        client = await connected(bench, disconnected_callback=lambda _: gone.append(now()))
        got: list[bytes] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(bytes(value)))
        told = reasons(bench)
        started = now()
        radio.out_of_range(bench.address)
        await bench.notify(b"unheard")
        with pytest.raises(BleakError):
            await client.read_gatt_char(VALUE)
        assert now() - started == 2.0
        assert gone == [started + 2.0]
        assert told == [hci.HCI_CONNECTION_TIMEOUT_ERROR]
        assert got == []
        with pytest.raises(TimeoutError):
            await BleakClient(bench.address, backend=radio.backend.client, timeout=5).connect()
        radio.out_of_range(bench.address, out=False)
        await client.connect()
        assert await client.read_gatt_char(VALUE) == b"value"


@on_virtual_time
async def test_a_short_absence_is_survived():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        for _ in range(3):
            radio.out_of_range(bench.address)
            await asyncio.sleep(1.5)
            radio.out_of_range(bench.address, out=False)
            await asyncio.sleep(0.1)
        assert await client.read_gatt_char(VALUE) == b"value"


@on_virtual_time
async def test_leaving_while_out_of_range_is_noticed_by_the_other_side():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        told = reasons(bench)
        radio.out_of_range(bench.address)
        await client.disconnect()
        radio.out_of_range(bench.address, out=False)
        await asyncio.sleep(1.0)
        assert told == []
        await asyncio.sleep(1.5)
        assert told == [hci.HCI_CONNECTION_TIMEOUT_ERROR]
        await client.connect()


@on_virtual_time
async def test_a_power_cut_is_silent_and_the_device_comes_back():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        gone: list[float] = []
        client = await connected(bench, disconnected_callback=lambda _: gone.append(now()))
        started = now()
        radio.faults.power_cut(bench.address)
        await asyncio.sleep(0.5)
        assert bench.device.connections == {}
        radio.faults.power_back(bench.address)
        await asyncio.sleep(5)
        assert gone == [started + 2.0]
        await client.connect()
        assert await client.read_gatt_char(VALUE) == b"value"


async def _numbers(radio: Radio, count: int, **impairment: float) -> list[int]:
    bench = await Bench(radio).start()
    client = await connected(bench)
    got: list[int] = []
    await client.start_notify(NOTIFIES, lambda _, value: got.append(value[0]))
    radio.faults.impair(bench.address, **impairment)
    for n in range(count):
        await bench.notify(bytes([n]))
        await asyncio.sleep(0.001)
    await asyncio.sleep(1)
    assert await client.read_gatt_char(VALUE) == b"value"
    return got


@on_virtual_time
async def test_a_share_of_notifications_is_lost_the_same_for_the_same_seed():
    runs = []
    for seed in (1, 1, 2):
        async with Radio(seed=seed) as radio:
            runs.append(await _numbers(radio, 200, lost_share=0.25))
    assert 120 <= len(runs[0]) <= 180
    assert runs[0] == sorted(runs[0])
    assert runs[0] == runs[1] != runs[2]


@on_virtual_time
async def test_a_burst_of_notifications_is_lost():
    async with Radio() as radio:
        assert await _numbers(radio, 20, lose_next=7) == list(range(7, 20))


@on_virtual_time
async def test_notifications_are_doubled():
    async with Radio() as radio:
        assert await _numbers(radio, 5, doubled_share=1.0) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


@on_virtual_time
async def test_delayed_data_keeps_its_order_when_the_delay_changes():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[tuple[int, float]] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append((value[0], now())))
        impairment = radio.faults.impair(bench.address, delay_s=0.2)
        started = now()
        for n in range(50):
            await bench.notify(bytes([n]))
            if n == 25:
                impairment.delay_s = 0.05
        await asyncio.sleep(1)
        assert [n for n, _ in got] == list(range(50))
        assert got[-1][1] == pytest.approx(started + 0.2)


@on_virtual_time
async def test_faults_name_the_address_that_nothing_has():
    async with Radio() as radio:
        with pytest.raises(LookupError, match="F0:00:00:00:00:01"):
            radio.out_of_range("F0:00:00:00:00:01")
        bench = await Bench(radio).start()
        with pytest.raises(ValueError, match="0 to 1"):
            radio.faults.impair(bench.address, lost_share=1.5)
        with pytest.raises(ValueError, match="negative"):
            radio.faults.impair(bench.address, delay_s=-1)
