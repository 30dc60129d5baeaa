"""One GATT connection over bleak, with time limits and this package's errors."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)
from bleak_retry_connector import establish_connection

from firmware_bridge.errors import LinkError, PairingError, RadioError, ToolError, UnsupportedToolError

CONNECT_LIMIT_S: Final = 30.0
"""One call of `connect`, its own retries included; a tool that advertises answers within a second or two."""

PAIR_LIMIT_S: Final = 30.0
"""Long enough for a person to answer the system's question; without an agent BlueZ would wait for ever."""

TRANSACTION_LIMIT_S: Final = 5.0
"""One read or subscription. ATT itself would wait 30 s (Core Specification vol. 3 part F, 3.3.3)."""

DISCONNECT_LIMIT_S: Final = 5.0
"""BlueZ takes about 2 s."""


class Radio(Protocol):
    """Where a bleak backend comes from; None in its place means the system's own Bluetooth."""

    @property
    def client(self) -> type[BaseBleakClient]:
        """What `BleakClient(backend=...)` takes."""

    @property
    def scanner(self) -> type[BaseBleakScanner]:
        """What `BleakScanner(backend=...)` takes."""


class GattConnection:
    """One connection to one device, from `open` to the first drop or `close`; not to be opened again.

    Every coroutine raises ToolError and nothing else of its own. `on_drop` is called once, and only when the
    link ends without `close`.
    """

    def __init__(self, device: BLEDevice, radio: Radio | None, on_drop: Callable[[], None]) -> None:
        self._device = device
        self._radio = radio
        self._on_drop = on_drop
        self._client: BleakClient | None = None
        self._closed = False
        self._abandoned = False
        self._access_limit_s = TRANSACTION_LIMIT_S

    @property
    def name(self) -> str:
        """What the device calls itself, else its address."""
        return self._device.name or self._device.address

    @property
    def is_connected(self) -> bool:
        """Whether there is a link now."""
        return self._is_usable and self._client is not None and self._client.is_connected

    async def open(self) -> None:
        """Connect and discover services; tries again a few times within CONNECT_LIMIT_S."""
        with tool_errors(self.name):
            async with asyncio.timeout(CONNECT_LIMIT_S):
                self._client = await establish_connection(
                    BleakClient,
                    self._device,
                    self.name,
                    disconnected_callback=self._dropped,
                    max_attempts=2,
                    # A tool whose firmware was changed has other handles than those the system remembers.
                    use_services_cache=False,
                    backend=None if self._radio is None else self._radio.client,
                )

    async def pair(self) -> None:
        """Make the link encrypted and bonded, where the system lets an app ask for that."""
        client = self._open_client()
        try:
            async with asyncio.timeout(PAIR_LIMIT_S):
                await client.pair()
        except NotImplementedError:
            # CoreBluetooth pairs by itself when something protected is touched, and asks the person then.
            self._access_limit_s = PAIR_LIMIT_S
        except TimeoutError as error:
            raise PairingError(self.name, "pairing was not answered; accept it when asked") from error
        except (BleakError, EOFError, OSError) as error:
            if not client.is_connected:
                raise LinkError(self.name, f"the link broke while pairing ({_words(error)})") from error
            raise PairingError(self.name, f"could not pair ({_words(error)})") from error

    async def unpair(self) -> None:
        """Forget the bond on this side; ends the connection."""
        client = self._open_client()
        # Asked for, so not a drop.
        self._closed = True
        try:
            async with asyncio.timeout(PAIR_LIMIT_S):
                await client.unpair()
        except NotImplementedError as error:
            raise PairingError(
                self.name, "the tool forgot this computer; remove it in the system's Bluetooth settings"
            ) from error
        except (BleakError, EOFError, OSError) as error:
            raise PairingError(self.name, f"could not forget the old bond ({_words(error)})") from error
        finally:
            self._closed = False
            await self.close()

    def has(self, uuid: str) -> bool:
        """Whether the device has this characteristic."""
        with tool_errors(self.name):
            return self._open_client().services.get_characteristic(uuid) is not None

    async def read(self, uuid: str) -> bytes:
        """Read a characteristic."""
        client = self._open_client()
        with tool_errors(self.name):
            async with asyncio.timeout(self._access_limit_s):
                return bytes(await client.read_gatt_char(uuid))

    async def write(self, uuid: str, data: bytes) -> None:
        """Write a characteristic and wait until the device has it. The time limit is the caller's."""
        client = self._open_client()
        with tool_errors(self.name):
            await client.write_gatt_char(uuid, data, response=True)

    async def subscribe(self, uuid: str, receive: Callable[[bytes], None]) -> None:
        """Have `receive` called, from the Bluetooth stack's own callback, with each value that is sent."""
        client = self._open_client()

        def received(_: BleakGATTCharacteristic, value: bytearray) -> None:
            if self._is_usable:
                receive(bytes(value))

        with tool_errors(self.name):
            async with asyncio.timeout(self._access_limit_s):
                await client.start_notify(uuid, received)

    def abandon(self) -> None:
        """Use the link no more; `close` still ends it.

        After a transaction without an answer ATT allows no other on it (Core Specification vol. 3 part F, 3.3.3).
        """
        self._abandoned = True

    async def close(self) -> None:
        """Disconnect, in bounded time; never raises: what cannot be closed is gone."""
        if self._closed:
            return
        self._closed = True
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(DISCONNECT_LIMIT_S):
                await client.disconnect()
        except (TimeoutError, BleakError, EOFError, OSError):
            return

    @property
    def _is_usable(self) -> bool:
        return not self._closed and not self._abandoned

    def _open_client(self) -> BleakClient:
        if self._client is None or not self._is_usable:
            raise LinkError(self.name, "is not connected")
        return self._client

    def _dropped(self, _: BleakClient) -> None:
        # The client calls this for failed attempts of `open` too, which are not ours to tell.
        if self._client is not None and self._is_usable:
            self._closed = True
            self._on_drop()


@contextmanager
def tool_errors(tool: str) -> Iterator[None]:
    """Turn what bleak and the systems below it raise into this package's errors."""
    try:
        yield
    except ToolError:
        raise
    except TimeoutError as error:
        raise LinkError(tool, "did not answer in time; is it switched on and near?") from error
    except BleakGATTProtocolError as error:
        if error.code in _NOT_BONDED:
            raise PairingError(tool, f"wants pairing first ({_words(error)})") from error
        raise LinkError(tool, _words(error)) from error
    except BleakCharacteristicNotFoundError as error:
        raise UnsupportedToolError(tool, f"lacks a part it needs ({error.char_specifier})") from error
    except (BleakError, EOFError, OSError) as error:
        raise LinkError(tool, _words(error)) from error


@contextmanager
def radio_errors() -> Iterator[None]:
    """Turn what a scan raises into RadioError: no tool is involved yet."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise RadioError(f"Bluetooth is not available: {error.args[0]}; switch it on") from error
    except (BleakError, EOFError, OSError) as error:
        raise RadioError(f"cannot scan with this computer's Bluetooth: {_words(error)}") from error


_NOT_BONDED: Final = frozenset(
    {
        BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION,
        BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION,
        BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE,
    }
)


def _words(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        # What is not found is the socket of the system's message bus, through which Bluetooth is reached on Linux.
        return "this computer's Bluetooth service does not run; install it or switch it on"
    return str(error) or type(error).__name__
