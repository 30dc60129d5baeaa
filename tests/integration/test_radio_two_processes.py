"""A controller offered over TCP, and what either side sees when the other is gone."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakError

from simulator.bleak_backend import Backend
from simulator.radio import Radio, open_adapter
from tests.radio_bench import NOTIFIES, SECRET, VALUE, Bench, on_real_time


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[tuple[Process, list[str]]]:
    """Start a process of tests.radio_process; yield it with the words of its first line."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.radio_process", *arguments, stdout=PIPE, stderr=PIPE
    )
    try:
        assert running.stdout is not None
        yield running, (await running.stdout.readline()).decode().split()
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def advertises(bench: Bench, backend: Backend) -> bool:
    found = await BleakScanner.find_device_by_address(bench.address, timeout=3, backend=backend.scanner)
    return found is not None


@on_real_time
async def test_an_app_over_tcp_does_what_one_in_the_process_does():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offer = await radio.offer("127.0.0.1:0")
        async with await open_adapter(f"tcp-client:{offer.address}") as adapter:
            backend = adapter.backend
            async with BleakClient(await bench.find(backend), backend=backend.client, pair=True) as client:
                got: asyncio.Queue[bytes] = asyncio.Queue()
                await client.start_notify(NOTIFIES, lambda _, value: got.put_nowait(bytes(value)))
                for n in range(50):
                    await bench.notify(bytes([n]))
                assert [(await got.get())[0] for _ in range(50)] == list(range(50))
                assert await client.read_gatt_char(SECRET) == b"secret"


@on_real_time
async def test_the_port_serves_one_app_after_the_other():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offer = await radio.offer("127.0.0.1:0")
        for _ in range(3):
            async with await open_adapter(f"tcp-client:{offer.address}") as adapter:
                assert offer.is_in_use
                async with BleakClient(bench.address, backend=adapter.backend.client) as client:
                    assert await client.read_gatt_char(VALUE) == b"value"


@on_real_time
async def test_a_second_app_is_refused_while_the_first_goes_on():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offer = await radio.offer("127.0.0.1:0")
        async with (
            await open_adapter(f"tcp-client:{offer.address}") as adapter,
            BleakClient(bench.address, backend=adapter.backend.client) as client,
        ):
            with pytest.raises(BleakBluetoothNotAvailableError, match=r"^the Bluetooth .* end the app that uses it.*$"):
                await open_adapter(f"tcp-client:{offer.address}")
            assert await client.read_gatt_char(VALUE) == b"value"


@on_real_time
async def test_bytes_that_are_not_hci_are_hung_up_on():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offer = await radio.offer("127.0.0.1:0")
        host, port = offer.address.split(":")
        for garbage in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x04\x0e\x00" * 40,
            b"\x01\x03\x0c\x00\xff",
            b"\x01\x05\x20\x01\xff",
        ):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(garbage)
            writer.write_eof()
            await reader.read()
            writer.close()
            await writer.wait_closed()
        async with await open_adapter(f"tcp-client:{offer.address}") as adapter:
            assert await advertises(bench, adapter.backend)


@on_real_time
async def test_a_killed_app_lets_go_of_the_peripheral():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offer = await radio.offer("127.0.0.1:0")
        stream = asyncio.create_task(_stream(bench))
        for _ in range(2):
            async with process("app", offer.address, bench.address) as (app, words):
                assert words == ["streaming"]
                assert bench.device.connections
                app.send_signal(signal.SIGKILL)
                await app.wait()
        async with await open_adapter(f"tcp-client:{offer.address}") as adapter:
            assert await advertises(bench, adapter.backend)
            assert bench.device.connections == {}
        stream.cancel()


@on_real_time
async def test_an_app_whose_radio_is_killed_is_told():
    async with process("offer") as (offering, (where, address)):
        async with await open_adapter(f"tcp-client:{where}") as adapter:
            gone: asyncio.Queue[BleakClient] = asyncio.Queue()
            backend = adapter.backend
            client = BleakClient(address, backend=backend.client, disconnected_callback=gone.put_nowait)
            await client.connect()
            offering.send_signal(signal.SIGSTOP)
            reading = asyncio.create_task(client.read_gatt_char(VALUE))
            await asyncio.sleep(0)
            offering.send_signal(signal.SIGKILL)
            await offering.wait()
            assert await gone.get() is client
            with pytest.raises(BleakError):
                await reading
            assert not client.is_connected
            with pytest.raises(BleakBluetoothNotAvailableError):
                await client.connect()
            with pytest.raises(BleakBluetoothNotAvailableError):
                await BleakScanner.discover(backend=backend.scanner)
        assert gone.empty()
        with pytest.raises(BleakBluetoothNotAvailableError, match="cannot open"):
            await open_adapter(f"tcp-client:{where}")


@on_real_time
async def test_closing_the_offer_ends_the_app_connection():
    async with Radio() as radio:
        bench = await Bench(radio).start()
        offer = await radio.offer("127.0.0.1:0")
        async with await open_adapter(f"tcp-client:{offer.address}") as adapter:
            gone = asyncio.Event()
            client = BleakClient(
                bench.address, backend=adapter.backend.client, disconnected_callback=lambda _: gone.set()
            )
            await client.connect()
            await offer.close()
            await gone.wait()


@pytest.mark.parametrize(
    "spec", ["", "nonsense", "tcp-client:", "tcp-client:here", "tcp-client:127.0.0.1:x", "usb", "usb:"]
)
def test_a_spec_that_is_no_transport_is_a_value_error(spec: str):
    @on_real_time
    async def opened() -> None:
        with pytest.raises(ValueError, match="is no Bluetooth transport"):
            await open_adapter(spec)

    opened()


@on_real_time
async def test_what_is_not_host_and_port_cannot_be_listened_at():
    async with Radio() as radio:
        for where in ("9801", "127.0.0.1", "127.0.0.1:", ":9801", "127.0.0.1:many", "127.0.0.1:99999"):
            with pytest.raises(ValueError, match="host:port"):
                await radio.offer(where)
        offer = await radio.offer("127.0.0.1:0")
        with pytest.raises(OSError, match="in use"):
            await radio.offer(offer.address)


async def _stream(bench: Bench) -> None:
    while True:
        await bench.notify(b"tick")
        await asyncio.sleep(0.01)
