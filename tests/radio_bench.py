"""What tests of the radio share: a small GATT server, and a way to run a test on virtual time."""

import asyncio
import functools
import gc
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from bumble.att import Attribute, AttributeValue
from bumble.device import Device
from bumble.gatt import Characteristic, Service

from simulator.advertisement import advertising_bytes
from simulator.bleak_backend import Backend
from simulator.radio import Radio
from simulator.virtual_time import run_virtual

SERVICE = "a0000001-1111-2222-3333-444444444444"
NOTIFIES = "a0000002-1111-2222-3333-444444444444"
VALUE = "a0000003-1111-2222-3333-444444444444"
SECRET = "a0000004-1111-2222-3333-444444444444"
INDICATES = "a0000005-1111-2222-3333-444444444444"
COMMANDS = "a0000006-1111-2222-3333-444444444444"
GUARDED = "a0000007-1111-2222-3333-444444444444"
NAME = "Bench 1"

P = Characteristic.Properties
R, W = Attribute.READABLE, Attribute.WRITEABLE
ENCRYPTED = Attribute.READ_REQUIRES_ENCRYPTION | Attribute.WRITE_REQUIRES_ENCRYPTION


def on_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on virtual time; it fails on a deadlock, and on an error that nobody looked at."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        unseen: list[dict[str, Any]] = []

        async def watched() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
            await test(*args, **kwargs)
            gc.collect()

        run_virtual(watched)
        assert not unseen, str(unseen)

    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined] # pytest reads the fixtures from it
    return run


def on_real_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test that needs sockets or other processes; it may take 20 s."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 20))

    run.__signature__ = inspect.signature(test)  # type: ignore[attr-defined] # pytest reads the fixtures from it
    return run


class Bench:
    """A peripheral with one characteristic of each kind."""

    def __init__(self, radio: Radio, **options: Any) -> None:
        self.radio = radio
        self.options = options
        self.commands: list[bytes] = []
        self.device: Device
        self.notifies: Characteristic[bytes] = Characteristic(NOTIFIES, P.NOTIFY, R, b"")
        self.indicates: Characteristic[bytes] = Characteristic(INDICATES, P.INDICATE, R, b"")
        self.guarded: Characteristic[bytes] = Characteristic(GUARDED, P.NOTIFY, ENCRYPTED, b"")
        self.secret: Characteristic[bytes] = Characteristic(SECRET, P.READ | P.WRITE, R | W | ENCRYPTED, b"secret")

    async def start(self) -> "Bench":
        command = AttributeValue(write=lambda _c, data: self.commands.append(bytes(data)))
        service = Service(
            SERVICE,
            [
                self.notifies,
                self.indicates,
                self.guarded,
                self.secret,
                Characteristic(VALUE, P.READ | P.WRITE, R | W, b"value"),
                Characteristic(COMMANDS, P.WRITE_WITHOUT_RESPONSE | P.WRITE, W, command),
            ],
        )
        self.options.setdefault("advertising_data", advertising_bytes(service_uuids=(SERVICE,), short_name="B1"))
        self.device = await self.radio.add_peripheral(NAME, [service], **self.options)
        return self

    @property
    def address(self) -> str:
        return self.device.random_address.to_string(with_type_qualifier=False)

    async def find(self, backend: Backend) -> BLEDevice:
        found = await BleakScanner.find_device_by_address(self.address, backend=backend.scanner, timeout=5)
        assert found is not None
        return found

    async def notify(self, value: bytes) -> None:
        await self.device.notify_subscribers(self.notifies, value)


async def connected(bench: Bench, **options: Any) -> BleakClient:
    """Return a connected client of the radio's first adapter."""
    await bench.radio.adapter()
    backend = bench.radio.backend
    client = BleakClient(await bench.find(backend), backend=backend.client, **options)
    await client.connect()
    return client
