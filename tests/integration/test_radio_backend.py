"""bleak over the simulated radio, in one process."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bumble import hci

from simulator.advertisement import advertising_bytes
from simulator.radio import Radio
from tests.radio_bench import (
    COMMANDS,
    GUARDED,
    INDICATES,
    NAME,
    NOTIFIES,
    SECRET,
    SERVICE,
    VALUE,
    Bench,
    connected,
    on_virtual_time,
)


@on_virtual_time
async def test_services_characteristics_and_descriptors_are_discovered():
    async with Radio() as radio:
        client = await connected(await Bench(radio).start())
        service = client.services.get_service(SERVICE)
        assert service is not None
        properties = {c.uuid: set(c.properties) for c in service.characteristics}
        assert properties == {
            NOTIFIES: {"notify"},
            INDICATES: {"indicate"},
            GUARDED: {"notify"},
            SECRET: {"read", "write"},
            VALUE: {"read", "write"},
            COMMANDS: {"write-without-response", "write"},
        }
        notifies = service.get_characteristic(NOTIFIES)
        assert notifies is not None
        assert [d.uuid[4:8] for d in notifies.descriptors] == ["2902"]
        assert notifies.max_write_without_response_size == 244
        assert (client.name, client.mtu_size) == (NAME, 247)
        assert await client.read_gatt_descriptor(notifies.descriptors[0]) == b"\0\0"


@on_virtual_time
async def test_services_can_be_narrowed():
    async with Radio() as radio:
        client = await connected(await Bench(radio).start(), services=[SERVICE])
        assert [s.uuid for s in client.services] == [SERVICE]


@on_virtual_time
async def test_values_are_read_and_written():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        assert await client.read_gatt_char(VALUE) == bytearray(b"value")
        long = bytes(range(256)) * 2
        await client.write_gatt_char(VALUE, long, response=True)
        assert await client.read_gatt_char(VALUE) == long
        await client.write_gatt_char(COMMANDS, b"one", response=False)
        await client.write_gatt_char(COMMANDS, b"two", response=True)
        assert bench.commands == [b"one", b"two"]
        with pytest.raises(BleakError, match="at most 244"):
            await client.write_gatt_char(COMMANDS, bytes(245), response=False)
        with pytest.raises(BleakCharacteristicNotFoundError):
            await client.read_gatt_char("ffff")


@on_virtual_time
async def test_what_is_not_offered_is_refused():
    async with Radio() as radio:
        client = await connected(await Bench(radio).start())
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.read_gatt_char(NOTIFIES)
        assert refused.value.code == 0x02
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.write_gatt_char(NOTIFIES, b"x", response=True)
        assert refused.value.code == 0x03
        with pytest.raises(BleakError, match="neither notifies nor indicates"):
            await client.start_notify(VALUE, print)


@on_virtual_time
async def test_notifications_arrive_in_order_until_they_are_stopped():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[bytes] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(bytes(value)))
        with pytest.raises(BleakError, match="on already"):
            await client.start_notify(NOTIFIES, print)
        for n in range(100):
            await bench.notify(bytes([n]))
        await asyncio.sleep(0.01)
        assert got == [bytes([n]) for n in range(100)]
        await client.stop_notify(NOTIFIES)
        await bench.notify(b"late")
        await asyncio.sleep(0.01)
        assert len(got) == 100


@on_virtual_time
async def test_an_indication_is_confirmed():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[bytes] = []
        await client.start_notify(INDICATES, lambda _, value: got.append(bytes(value)))
        (connection,) = bench.device.connections.values()
        async with asyncio.timeout(1):
            await bench.device.indicate_subscriber(connection, bench.indicates, b"hear me")
        assert got == [b"hear me"]


@on_virtual_time
async def test_a_failing_callback_does_not_harm_the_link():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        told: list[BaseException] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
        await client.start_notify(NOTIFIES, lambda _, value: 1 / 0)
        await bench.notify(b"x")
        await asyncio.sleep(0.01)
        assert [type(error) for error in told] == [ZeroDivisionError]
        assert await client.read_gatt_char(VALUE) == b"value"


@on_virtual_time
async def test_unpaired_clients_are_refused_and_paired_ones_served():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        for attempt in (
            client.read_gatt_char(SECRET),
            client.write_gatt_char(SECRET, b"x", response=True),
            client.start_notify(GUARDED, print),
        ):
            with pytest.raises(BleakGATTProtocolError) as refused:
                await attempt
            assert refused.value.code in (0x05, 0x0F)
        got: list[bytes] = []
        await client.pair()
        await client.pair()
        await client.start_notify(GUARDED, lambda _, value: got.append(bytes(value)))
        await bench.device.notify_subscribers(bench.guarded, b"now")
        await asyncio.sleep(0.01)
        assert (await client.read_gatt_char(SECRET), got) == (b"secret", [b"now"])


@on_virtual_time
async def test_just_works_is_not_authentication():
    async with Radio() as radio:
        bench = Bench(radio)
        bench.secret.permissions |= bench.secret.READ_REQUIRES_AUTHENTICATION
        client = await connected(await bench.start(), pair=True)
        for _ in range(2):
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.read_gatt_char(SECRET)
            assert refused.value.code == 0x05
            await client.disconnect()
            await client.connect()


@on_virtual_time
async def test_scanning_tells_what_is_advertised():
    async with Radio() as radio:
        advertised = advertising_bytes(
            service_uuids=("1826",), name="Full name", tx_power_dbm=-4, manufacturer_data=(0x0102, b"\x07\x08")
        )
        bench = await Bench(radio, advertising_data=advertised, rssi_dbm=-71).start()
        await radio.adapter()
        found = await BleakScanner.discover(1.0, return_adv=True, backend=radio.backend.scanner)
        device, data = found[bench.address]
        assert (device.name, data.local_name, data.rssi, data.tx_power) == ("Full name", "Full name", -71, -4)
        assert data.service_uuids == ["00001826-0000-1000-8000-00805f9b34fb"]
        assert data.manufacturer_data == {0x0102: b"\x07\x08"}


@on_virtual_time
async def test_scan_responses_are_delivered():
    async with Radio() as radio:
        response = advertising_bytes(name="From the response")
        bench = await Bench(radio, scan_response=response).start()
        await radio.adapter()
        found = await bench.find(radio.backend)
        assert found.name == "From the response"


@on_virtual_time
async def test_a_scan_can_ask_for_a_service():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        await radio.add_peripheral("other", advertising_data=advertising_bytes(service_uuids=("180d",)))
        await radio.adapter()
        seen: list[str] = []
        async with BleakScanner(
            lambda device, _: seen.append(device.address), [SERVICE.upper()], backend=radio.backend.scanner
        ):
            await asyncio.sleep(1.05)
        assert set(seen) == {bench.address}
        # At the interval asked for: every 100 ms.
        assert len(seen) == 10


@on_virtual_time
async def test_two_scans_and_a_connect_share_the_adapter():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        await radio.adapter()
        async with BleakScanner(backend=radio.backend.scanner) as outer:
            client = await connected(bench)
            await client.disconnect()
            await asyncio.sleep(1)
            assert bench.address in [device.address for device in outer.discovered_devices]


@on_virtual_time
async def test_an_address_alone_is_enough_to_connect():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        await radio.adapter()
        async with BleakClient(bench.address.lower(), backend=radio.backend.client) as client:
            assert await client.read_gatt_char(VALUE) == b"value"


@on_virtual_time
async def test_the_callback_tells_of_unsolicited_ends_alone_and_once():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        gone: list[BleakClient] = []
        client = await connected(bench, disconnected_callback=gone.append)
        await client.disconnect()
        await asyncio.sleep(5)
        assert gone == []
        await client.connect()
        radio.faults.disconnect(bench.address)
        await asyncio.sleep(5)
        assert gone == [client]
        assert not client.is_connected
        with pytest.raises(BleakError):
            await client.read_gatt_char(VALUE)
        await client.disconnect()
        assert gone == [client]


@on_virtual_time
async def test_a_connect_that_times_out_is_withdrawn():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        await radio.adapter()
        backend = radio.backend
        device = await bench.find(backend)
        radio.out_of_range(bench.address)
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(TimeoutError):
            await BleakClient(device, backend=backend.client, timeout=3.0).connect()
        assert loop.time() - started == 3.0
        # The next attempt must not be refused, nor a peripheral that comes back be connected to by the first.
        radio.out_of_range(bench.address, out=False)
        await asyncio.sleep(1)
        assert bench.device.connections == {}
        async with BleakClient(device, backend=backend.client) as client:
            assert await client.read_gatt_char(VALUE) == b"value"


@on_virtual_time
async def test_a_cancelled_connect_is_withdrawn():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        await radio.adapter()
        device = await bench.find(radio.backend)
        radio.out_of_range(bench.address)
        attempt = asyncio.create_task(BleakClient(device, backend=radio.backend.client).connect())
        await asyncio.sleep(1)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        radio.out_of_range(bench.address, out=False)
        await asyncio.sleep(1)
        assert bench.device.connections == {}


@on_virtual_time
async def test_connects_wait_for_each_other():
    async with Radio() as radio:
        await radio.adapter()
        devices = []
        for n in range(8):
            device = await radio.add_peripheral(f"many {n}", advertising_data=advertising_bytes(name=f"many {n}"))
            devices.append(device.random_address.to_string(with_type_qualifier=False))
        clients = [BleakClient(address, backend=radio.backend.client) for address in devices]
        await asyncio.gather(*(client.connect() for client in clients))
        assert [client.name for client in clients] == [f"many {n}" for n in range(8)]


@on_virtual_time
async def test_the_peripheral_is_told_the_real_parameters():
    async with Radio(supervision_s=3.0) as radio:
        bench = await Bench(radio).start()
        await connected(bench)
        (connection,) = bench.device.connections.values()
        assert connection.parameters.supervision_timeout == 3000
        assert connection.parameters.connection_interval == 15.0


@on_virtual_time
async def test_a_full_notification_is_one_packet_of_the_link():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[int] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(len(value)))
        queue = bench.device.host.le_acl_packet_queue
        assert queue is not None
        before = queue.queued
        await bench.notify(bytes(244))
        await asyncio.sleep(0.1)
        assert (got, queue.queued - before) == ([244], 1)


@on_virtual_time
async def test_a_reset_ends_connections_and_the_peripheral_advertises_again():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        await connected(bench)
        adapter = await radio.adapter()
        await adapter.device.send_sync_command(hci.HCI_Reset_Command())
        await asyncio.sleep(0.5)
        assert bench.device.connections == {}
        async with BleakClient(bench.address, backend=radio.backend.client) as client:
            assert await client.read_gatt_char(VALUE) == b"value"


@on_virtual_time
async def test_packets_are_not_made_into_text(monkeypatch: pytest.MonkeyPatch):
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        got: list[bytes] = []
        await client.start_notify(NOTIFIES, lambda _, value: got.append(bytes(value)))
        formatted: list[str] = []
        monkeypatch.setattr(hci.HCI_AclDataPacket, "__str__", lambda _: formatted.append("acl") or "")
        monkeypatch.setattr(hci.HCI_Event, "__str__", lambda _: formatted.append("event") or "")
        await bench.notify(b"quiet")
        await asyncio.sleep(0.1)
        assert (got, formatted) == ([b"quiet"], [])


@on_virtual_time
async def test_a_request_given_up_when_the_link_breaks_leaves_nothing_behind():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        radio.out_of_range(bench.address)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.read_gatt_char(VALUE)
        await asyncio.sleep(5)
        assert asyncio.all_tasks() == {asyncio.current_task()}


@on_virtual_time
async def test_a_request_given_up_does_not_spoil_the_next():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        await client.pair()
        radio.faults.impair(bench.address, delay_s=0.5)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await client.read_gatt_char(VALUE)
        # Both answers are read responses: taking the late one for this would give the wrong value.
        assert await client.read_gatt_char(SECRET) == b"secret"


@on_virtual_time
async def test_without_its_controller_everything_ends_in_errors():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        gone: list[BleakClient] = []
        client = await connected(bench, disconnected_callback=gone.append)
        adapter = await radio.adapter()
        adapter.device.host.on_transport_lost()
        assert gone == [client]
        with pytest.raises(BleakError):
            await client.read_gatt_char(VALUE)
        with pytest.raises(BleakBluetoothNotAvailableError):
            await client.connect()
        with pytest.raises(BleakBluetoothNotAvailableError):
            await BleakScanner.discover(backend=radio.backend.scanner)


@on_virtual_time
async def test_nothing_is_pending_after_close():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        client = await connected(bench)
        await client.start_notify(NOTIFIES, print)
        scanner = BleakScanner(backend=radio.backend.scanner)
        await scanner.start()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not client.is_connected
