"""bleak's client over a central."""

import asyncio
import contextlib
import functools
from collections.abc import Callable
from typing import Any, ClassVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bleak.uuids import normalize_uuid_16
from bumble import core, hci
from bumble.device import Advertisement, Connection

from simulator.central import Central
from simulator.quiet_host import AttClient
from simulator.service_discovery import discover

MTU_ASKED = 517
"""As BlueZ and Android ask."""

DEFAULT_MTU = 23
ATT_WRITE_HEADER = 3
DEVICE_NAME = normalize_uuid_16(0x2A00)
CCCD = normalize_uuid_16(0x2902)
NOTIFY, INDICATE, OFF = b"\x01\x00", b"\x02\x00", b"\x00\x00"


class RadioClient(BaseBleakClient):
    """A client of one peripheral; subclasses say with which central.

    One connection at a time; may be connected again after it ended.

    Besides what bleak documents: `connect` raises TimeoutError after `timeout`, as bleak's other backends do, and
    BleakError when the tool no longer has the key of a bond and drops the link. Everything that waits when the
    link ends raises BleakError.
    """

    _central: ClassVar[Central]

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        services: set[str] | None = None,
        **common: Any,
    ) -> None:
        self._wanted = services
        device = address_or_ble_device if isinstance(address_or_ble_device, BLEDevice) else None
        self._details = device.details if device else None
        self._advertised_name = device.name if device else None
        self._gap_name = ""
        self._connection: Connection | None = None
        self._leaving = False
        platform = {"bluez", "winrt"}
        super().__init__(address_or_ble_device, **{key: value for key, value in common.items() if key not in platform})

    @property
    def name(self) -> str:
        """The GAP device name, else the advertised one, else the address."""
        return self._gap_name or self._advertised_name or self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """The ATT MTU agreed on."""
        return self._connection.att_mtu if self._connection else DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self, pair: bool, **_kwargs: Any) -> None:  # noqa: FBT001 (bleak's)
        """Connect, encrypt if bonded, pair if asked, agree on the MTU and discover services."""
        if self._connection is not None:
            raise BleakError(f"already connected to {self.address}")
        self._leaving = False
        try:
            async with asyncio.timeout(self._timeout):
                connection = await self._central.connect(await self._find())
                self._connection = connection
                connection.once(Connection.EVENT_DISCONNECTION, functools.partial(self._ended, connection))
                await self._prepare(connection, pair=pair)
        except BaseException:
            await self.disconnect()
            raise

    async def disconnect(self) -> None:
        """End the link; the disconnected callback is not called."""
        connection, self._leaving = self._connection, True
        if connection is None:
            return
        with contextlib.suppress(BleakError):
            await self._central.finish(connection, connection.disconnect())
        self._connection = self.services = None

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Bond and encrypt (LE Secure Connections, Just Works); with a bond already, encrypt."""
        connection = self._require()
        if connection.is_encrypted:
            return
        keys = await self._central.keys.get(str(connection.peer_address))
        if keys is None:
            await self._central.finish(connection, connection.pair())
            return
        try:
            await self._central.finish(connection, connection.encrypt())
        except BleakError as error:
            raise BleakError(
                f"{self.name} has lost its bond with this computer; unpair() and pair again ({error})"
            ) from error

    async def unpair(self) -> None:
        """Forget the bond on this side, and disconnect."""
        address = self._connection.peer_address if self._connection else self._known_address()
        if address is None:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} was never seen")
        await self._central.keys.delete(str(address))
        await self.disconnect()

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read a characteristic, however long."""
        del use_cached  # there is no cache
        return await self._read(characteristic.handle)

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read a descriptor, however long."""
        del use_cached  # there is no cache
        return await self._read(descriptor.handle)

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 (bleak's)
    ) -> None:
        """Write a characteristic; long values in parts, with response only."""
        if not response and len(data) > self._write_size():
            raise BleakError(f"{len(data)} bytes do not fit: at most {self._write_size()} without response")
        await self._write(characteristic.handle, data, response=response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        await self._write(descriptor.handle, data, response=True)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Subscribe; `callback` gets each value in order. Notifications go before indications."""
        att = _att(self._require())
        if characteristic.handle in att.listeners:
            raise BleakError(f"notifications of {characteristic.uuid} are on already")
        if "notify" in characteristic.properties:
            value = NOTIFY
        elif "indicate" in characteristic.properties:
            value = INDICATE
        else:
            raise BleakError(f"{characteristic.uuid} neither notifies nor indicates")
        # Listening first: the first value may come before the answer to the write.
        att.listeners[characteristic.handle] = callback
        try:
            await self._write(_cccd_handle(characteristic), value, response=True)
        except BaseException:
            att.listeners.pop(characteristic.handle, None)
            raise

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe; nothing happens when it was not subscribed."""
        att = _att(self._require())
        if att.listeners.pop(characteristic.handle, None) is not None:
            await self._write(_cccd_handle(characteristic), OFF, response=True)

    async def _find(self) -> hci.Address:
        address = self._known_address()
        if address is not None:
            return address
        found: asyncio.Future[hci.Address] = asyncio.get_running_loop().create_future()

        def heard(advertisement: Advertisement) -> None:
            address = advertisement.address.to_string(with_type_qualifier=False)
            if address == self.address.upper() and not found.done():
                found.set_result(advertisement.address)

        token = object()
        await self._central.start_scanning(token, heard)
        try:
            return await found
        finally:
            await self._central.stop_scanning(token)

    def _known_address(self) -> hci.Address | None:
        if isinstance(self._details, hci.Address):
            return self._details
        return self._central.heard.get(self.address.upper())

    async def _prepare(self, connection: Connection, *, pair: bool) -> None:
        keys = await self._central.keys.get(str(connection.peer_address))
        if keys is not None:
            # As systems do with bonded peers. A tool that lost its key leaves the link open, and `pair` says so.
            with contextlib.suppress(BleakError):
                await self._central.finish(connection, connection.encrypt())
        if pair:
            await self.pair()
        att = _att(self._require())
        with contextlib.suppress(core.ProtocolError):
            await self._central.finish(connection, att.request_mtu(MTU_ASKED))
        self.services = await self._central.finish(connection, discover(att, self._wanted, self._write_size))
        name = self.services.get_characteristic(DEVICE_NAME)
        if name is not None and "read" in name.properties:
            self._gap_name = (await self._read(name.handle)).decode(errors="replace")

    async def _read(self, handle: int) -> bytearray:
        connection = self._require()
        return bytearray(await self._central.finish(connection, _att(connection).read_value(handle)))

    async def _write(self, handle: int, data: SizedBuffer, *, response: bool) -> None:
        connection = self._require()
        att = _att(connection)
        await self._central.finish(connection, att.write_value(handle, bytes(data), with_response=response))

    def _write_size(self) -> int:
        return self.mtu_size - ATT_WRITE_HEADER

    def _require(self) -> Connection:
        if self._connection is None:
            raise BleakError(f"not connected to {self.address}")
        return self._connection

    def _ended(self, connection: Connection, _reason: int) -> None:
        if self._connection is not connection:
            return
        ready = self.services is not None
        self._connection = self.services = None
        callback: Callable[[], None] | None = self._disconnected_callback
        # A connection that fails while it is being made is told by `connect` itself.
        if callback is not None and ready and not self._leaving:
            callback()


def _att(connection: Connection) -> AttClient:
    client = connection.gatt_client
    assert isinstance(client, AttClient)
    return client


def _cccd_handle(characteristic: BleakGATTCharacteristic) -> int:
    descriptor = characteristic.get_descriptor(CCCD)
    if descriptor is None:
        raise BleakError(f"{characteristic.uuid} cannot be subscribed to: it has no configuration descriptor")
    return descriptor.handle
