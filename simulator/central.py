"""The app's side of a Bluetooth controller: it scans, connects and keeps bonds, over Bumble's central role."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakError,
    BleakGATTProtocolError,
)
from bumble import att, core, hci
from bumble.device import Advertisement, Connection, ConnectionParametersPreferences, Device, DeviceConfiguration
from bumble.host import Host
from bumble.keys import KeyStore
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import Transport

from simulator.key_store import key_store
from simulator.quiet_host import AttClient

SUPERVISION_S = 2.0
"""Supervision timeout that the app asks for. BlueZ takes 0.42 s, phones up to 6 s; a design choice between."""

CONNECTION_INTERVAL_MS = 15.0
OPEN_TIMEOUT_S = 10.0
"""How long a controller may take to answer its first commands."""

FALLBACK_ADDRESS = hci.Address("F0:F1:F2:F3:F4:F0")
"""Static random address for a controller that has no public one."""

T = TypeVar("T")


class Central:
    """One controller, used by all scans and clients of an app; ended by `close` or as an async context manager.

    `bonds`: the file that keeps bonds over restarts; in memory without it. `supervision_s`: how long a silent peer
    counts as connected.
    """

    def __init__(self, host: Host, *, transport: Transport | None, bonds: Path | None, supervision_s: float) -> None:
        self._transport = transport
        self._bonds = bonds
        self._connection_parameters = {
            hci.Phy.LE_1M: ConnectionParametersPreferences(
                connection_interval_min=CONNECTION_INTERVAL_MS,
                connection_interval_max=CONNECTION_INTERVAL_MS,
                supervision_timeout=round(supervision_s * 1000),
            )
        }
        self.device = Device(config=DeviceConfiguration(name="Holdwell", address=FALLBACK_ADDRESS), host=host)
        self.device.pairing_config_factory = _just_works
        self.device.on(Device.EVENT_ADVERTISEMENT, self._heard)
        self.heard: dict[str, hci.Address] = {}
        self._scanners: dict[object, Callable[[Advertisement], None]] = {}
        self._scan_lock = asyncio.Lock()
        # A controller can have one pending connection at a time.
        self._connect_lock = asyncio.Lock()
        self._attempt: asyncio.Task[Connection] | None = None
        self._closed = False

    @property
    def is_available(self) -> bool:
        """Whether the controller still answers."""
        return not self._closed and not getattr(self.device.host, "is_lost", False)

    @property
    def keys(self) -> KeyStore:
        """The bonds, once started."""
        assert self.device.keystore is not None
        return self.device.keystore

    async def start(self) -> None:
        """Reset the controller and get ready; raises BleakBluetoothNotAvailableError."""
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await self.device.power_on()
        except (TimeoutError, core.BaseBumbleError) as error:
            raise RadioUnavailableError(
                "the Bluetooth controller does not answer; end the app that uses it, or name another"
            ) from error
        own = self.device.public_address if self._has_public_address else self.device.random_address
        self.device.keystore = key_store(self._bonds, str(own))
        await self.device.refresh_resolving_list()

    async def start_scanning(self, token: object, heard: Callable[[Advertisement], None]) -> None:
        """Call `heard` for every advertisement until `stop_scanning` with the same token."""
        self._require()
        async with self._scan_lock:
            self._scanners[token] = heard
            if not self.device.is_scanning:
                with _as_bleak_errors():
                    await self.device.start_scanning()

    async def stop_scanning(self, token: object) -> None:
        """Stop one scan; the radio scans as long as anybody does."""
        async with self._scan_lock:
            self._scanners.pop(token, None)
            if not self._scanners and self.device.is_scanning and self.is_available:
                with contextlib.suppress(core.BaseBumbleError, TimeoutError):
                    await self.device.stop_scanning()

    async def connect(self, address: hci.Address) -> Connection:
        """Connect; attempts queue up. Cancelling withdraws the attempt. Raises BleakError."""
        self._require()
        async with self._connect_lock:
            if self._attempt is not None:
                await self._withdraw(self._attempt)
            self._attempt = asyncio.ensure_future(self._connect(address))
            try:
                connection = await asyncio.shield(self._attempt)
            except asyncio.CancelledError:
                if _cancelled_from_outside():
                    # Cancelling the task does not withdraw the attempt: the controller must be told.
                    await self._withdraw(self._attempt)
                    raise
                raise BleakError("the Bluetooth controller is gone") from None
            except (core.BaseBumbleError, TimeoutError, OSError) as error:
                raise BleakError(f"could not connect to {address}: {error}") from error
            self._attempt = None
        connection.gatt_client = AttClient(connection)
        return connection

    async def finish(self, connection: Connection, awaitable: Awaitable[T]) -> T:
        """Await something of a connection; what Bumble raises, and a link that breaks, becomes BleakError."""
        try:
            with _as_bleak_errors():
                return await awaitable
        except asyncio.CancelledError:
            # Bumble cancels what waits when a link ends; nobody asked this task to stop.
            if _cancelled_from_outside():
                raise
            raise BleakError(f"the link to {connection.peer_address} broke") from None

    async def close(self) -> None:
        """End all connections and let go of the controller."""
        if self._closed:
            return
        if self.is_available:
            async with contextlib.AsyncExitStack() as stack:
                stack.push_async_callback(self._release)
                await self._calm()
        else:
            await self._release()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _calm(self) -> None:
        if self._attempt is not None:
            await self._withdraw(self._attempt)
        for connection in list(self.device.connections.values()):
            with contextlib.suppress(core.BaseBumbleError, TimeoutError, asyncio.CancelledError):
                await connection.disconnect()
        with contextlib.suppress(core.BaseBumbleError, TimeoutError):
            await self.device.send_sync_command(hci.HCI_Reset_Command())

    async def _release(self) -> None:
        self._closed = True
        self._scanners.clear()
        await self.device.power_off()
        if self._transport is not None:
            await self._transport.close()
            # The socket closes in a later round of the loop; a loop that stops before would leak it.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await asyncio.wait([self._transport.source.terminated])

    async def _connect(self, address: hci.Address) -> Connection:
        own = hci.OwnAddressType.PUBLIC if self._has_public_address else hci.OwnAddressType.RANDOM
        connection: Connection = await self.device.connect_le(
            address,
            connection_parameters_preferences=self._connection_parameters,
            own_address_type=own,
            timeout=None,
        )
        return connection

    async def _withdraw(self, attempt: "asyncio.Task[Connection]") -> None:
        if not attempt.done() and self.is_available:
            with contextlib.suppress(core.BaseBumbleError, TimeoutError):
                await self.device.send_sync_command(hci.HCI_LE_Create_Connection_Cancel_Command())
        await asyncio.wait([attempt])
        self._attempt = None
        if not attempt.cancelled() and attempt.exception() is None:
            with contextlib.suppress(core.BaseBumbleError, TimeoutError):
                await attempt.result().disconnect()

    @property
    def _has_public_address(self) -> bool:
        return any(bytes(self.device.public_address))

    def _require(self) -> None:
        if not self.is_available:
            raise RadioUnavailableError("the Bluetooth controller is gone")

    def _heard(self, advertisement: Advertisement) -> None:
        address = advertisement.address
        self.heard[address.to_string(with_type_qualifier=False)] = address
        for heard in list(self._scanners.values()):
            heard(advertisement)


class RadioUnavailableError(BleakBluetoothNotAvailableError):
    """There is no controller, or no longer. Its text is a sentence, not bleak's pair of text and reason."""

    def __init__(self, message: str) -> None:
        super().__init__(message, BleakBluetoothNotAvailableReason.NO_BLUETOOTH)

    def __str__(self) -> str:
        return str(self.args[0])


@contextlib.contextmanager
def _as_bleak_errors() -> Iterator[None]:
    try:
        yield
    except att.ATT_Error as error:
        raise BleakGATTProtocolError(int(error.error_code)) from error
    except (core.BaseBumbleError, TimeoutError) as error:
        raise BleakError(str(error) or type(error).__name__) from error


def _cancelled_from_outside() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _just_works(_connection: Connection) -> PairingConfig:
    delegate = PairingDelegate(PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT)
    return PairingConfig(sc=True, mitm=False, bonding=True, delegate=delegate)
