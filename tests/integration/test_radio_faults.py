"""What goes wrong on the air, as both ends see it."""

import asyncio

import pytest
from bleak import BleakClient
from bleak.exc import BleakError
from bumble import hci
from bumble.device import Connection

from simulator.radio import Radio
from simulator.transmit_queue import KEPT_NOTIFICATIONS
from tests.radio_bench import COMMANDS, INDICATES, NOTIFIES, VALUE, Bench, connected, on_virtual_time


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
async def test_what_is_sent_in_a_short_absence_arrives_in_order_when_it_ends():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[tuple[int, float]] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append((value[0], now())))
        radio.out_of_range(bench.address)
        reading = asyncio.create_task(client.read_gatt_char(VALUE))
        for n in range(5):
            await bench.notify(bytes([n]))
            await client.write_gatt_char(COMMANDS, bytes([n]), response=False)
            await asyncio.sleep(0.2)
        assert (got, bench.commands, reading.done()) == ([], [], False)
        radio.out_of_range(bench.address, out=False)
        back = now()
        await bench.notify(b"\x05")
        await client.write_gatt_char(COMMANDS, b"\x05", response=False)
        assert await reading == b"value"
        await asyncio.sleep(0.01)
        assert got == [(n, back) for n in range(6)]
        assert bench.commands == [bytes([n]) for n in range(6)]


@on_virtual_time
async def test_what_is_late_waits_too_and_is_not_overtaken():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[tuple[int, float]] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append((value[0], now())))
        started = now()
        impairment = radio.faults.impair(bench.address, delay_s=0.5)
        await bench.notify(b"\x00")
        await asyncio.sleep(0.1)
        await bench.notify(b"\x01")
        await asyncio.sleep(0.3)
        radio.out_of_range(bench.address)
        await asyncio.sleep(0.15)
        impairment.delay_s = 0.0
        await bench.notify(b"\x02")
        radio.out_of_range(bench.address, out=False)
        await asyncio.sleep(1)
        assert [n for n, _ in got] == [0, 1, 2]
        # The first was due 0.05 s before the silence ended, the second 0.05 s after.
        assert [at - started for _, at in got] == pytest.approx([0.55, 0.6, 0.6])


@on_virtual_time
async def test_of_the_notifications_in_an_absence_the_newest_are_dropped_and_nothing_else_is():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[int] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(value[0]))
        await client.start_notify(INDICATES, lambda _, value: got.append(value[0]))
        radio.out_of_range(bench.address)
        for n in range(KEPT_NOTIFICATIONS + 5):
            await bench.notify(bytes([n]))
            await client.write_gatt_char(COMMANDS, bytes([n]), response=False)
        indicating = asyncio.create_task(bench.device.indicate_subscribers(bench.indicates, b"\xfe"))
        await asyncio.sleep(0.1)
        radio.out_of_range(bench.address, out=False)
        assert await client.read_gatt_char(VALUE) == b"value"
        await indicating
        await bench.notify(b"\xff")
        await asyncio.sleep(0.01)
        assert got == [*range(KEPT_NOTIFICATIONS), 0xFE, 0xFF]
        assert bench.commands == [bytes([n]) for n in range(KEPT_NOTIFICATIONS + 5)]


@on_virtual_time
async def test_what_waits_when_the_connection_ends_is_gone():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[bytes] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(bytes(value)))
        radio.out_of_range(bench.address)
        await bench.notify(b"old")
        await client.write_gatt_char(COMMANDS, b"old", response=False)
        await asyncio.sleep(2.5)
        radio.out_of_range(bench.address, out=False)
        await client.connect()
        await client.start_notify(NOTIFIES, lambda _, value: got.append(bytes(value)))
        await asyncio.sleep(1)
        await bench.notify(b"new")
        await asyncio.sleep(1)
        assert (got, bench.commands) == ([b"new"], [])
        assert len(radio.link._queues) == 2, "nothing is kept of connections that have ended"


@on_virtual_time
async def test_a_power_cut_takes_what_waits_with_it():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[bytes] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(bytes(value)))
        radio.faults.impair(bench.address, delay_s=0.3)
        await bench.notify(b"late")
        await asyncio.sleep(0.1)
        await client.write_gatt_char(COMMANDS, b"on its way", response=False)
        await asyncio.sleep(0.1)
        radio.faults.power_cut(bench.address)
        await client.write_gatt_char(COMMANDS, b"in vain", response=False)
        await asyncio.sleep(0.2)
        radio.faults.power_back(bench.address)
        await asyncio.sleep(1.0)
        assert client.is_connected, "the app cannot know yet"
        await asyncio.sleep(2.0)
        assert not client.is_connected
        assert (got, bench.commands) == ([], [b"on its way"])


@on_virtual_time
async def test_the_end_of_a_connection_comes_after_what_was_sent_before_or_never_but_is_noticed():
    async with Radio(supervision_s=2.0) as radio:
        bench = await Bench(radio).start()
        for is_cut in (False, True):
            gone: list[float] = []
            got: list[float] = []
            client = await connected(bench, disconnected_callback=lambda _, gone=gone: gone.append(now()))
            await client.start_notify(NOTIFIES, lambda _, _value, got=got: got.append(now()))
            radio.faults.impair(bench.address, delay_s=0.3)
            started = now()
            await bench.notify(b"last words")
            radio.faults.disconnect(bench.address)
            if is_cut:
                radio.faults.power_cut(bench.address)
            await asyncio.sleep(3)
            if is_cut:
                assert (got, gone) == ([], [pytest.approx(started + 2.0)])
            else:
                assert (got, gone) == ([pytest.approx(started + 0.3)], [pytest.approx(started + 0.3)])
            radio.faults.impair(bench.address)


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
