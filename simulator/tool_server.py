"""The GATT server of a Holdwell tool (Tool Profile 1.0): characteristics, subscriptions, indications one by one."""

import asyncio
from collections.abc import Callable
from functools import partial
from struct import Struct
from typing import Final, Protocol

from bumble.att import ATT_CID, Attribute, AttributeValue, Opcode
from bumble.core import UUID, BaseBumbleError
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, Service

from firmware_bridge import wire
from simulator.firmware import Firmware
from simulator.gatt_profile import battery, device_information
from simulator.tool_output import Channel, Send

MANUFACTURER: Final = "Holdwell"
FIRMWARE_REVISION: Final = "1.0 (simulated)"
RECORDING_REVISION: Final = "1.0 recording (simulated)"
"""What a tool says whose force comes from a recording: an app may go on logging until it switches off."""

_NOTIFICATION: Final = Struct("<BH")
_Properties = Characteristic.Properties
_Permissions = Attribute.Permissions


class ToolLogic(Protocol):
    """What the server tells."""

    def linked(self, mtu: int) -> None:
        """Take a client."""

    def unlinked(self) -> None:
        """Lose the client."""

    def mtu_changed(self, mtu: int) -> None:
        """Take the MTU agreed on."""

    def subscribed(self, channel: Channel, *, on: bool) -> None:
        """Take or end a subscription."""

    def requested(self, data: bytes) -> None:
        """Take a write to Control."""

    def indicated(self, channel: Channel) -> None:
        """Take a confirmation."""

    def unanswered(self) -> None:
        """Learn that a client did not confirm in time, after which ATT allows nothing more on the link."""


class ToolServer:
    """The services of one tool. `firmware`: asks for the present one, for what is read. `revision`: of it."""

    def __init__(
        self, logic: ToolLogic, firmware: Callable[[], Firmware], *, revision: str = FIRMWARE_REVISION
    ) -> None:
        self._logic = logic
        self._firmware = firmware
        self._revision = revision
        self._device: Device | None = None
        self._connection: Connection | None = None
        self._indicator: asyncio.Task[None] | None = None
        self._indications: asyncio.Queue[Send] = asyncio.Queue()
        self._subscribed: set[Channel] = set()
        self._gone: set[asyncio.Task[None]] = set()
        written: AttributeValue[bytes] = AttributeValue(write=lambda _connection, data: logic.requested(bytes(data)))
        self._characteristics = {
            Channel.FORCE: _secured(wire.FORCE, _Properties.NOTIFY),
            Channel.EVENT: _secured(wire.EVENT, _Properties.INDICATE),
            Channel.CONTROL: _secured(wire.CONTROL, _Properties.WRITE | _Properties.INDICATE, written),
        }

    @property
    def is_connected(self) -> bool:
        """Whether there is a client."""
        return self._connection is not None

    def services(self) -> list[Service]:
        """Return the tool's own service, Device Information and Battery."""
        features: AttributeValue[bytes] = AttributeValue(read=lambda _connection: self._firmware().features_value)
        own = [*self._characteristics.values(), _secured(wire.FEATURES, _Properties.READ, features)]
        firmware = self._firmware()
        model = firmware.name.rsplit(maxsplit=1)[0]
        return [
            Service(UUID(wire.SERVICE), own),
            device_information(MANUFACTURER, model, firmware.serial, self._revision),
            battery(lambda: self._firmware().battery_percent),
        ]

    def attach(self, device: Device) -> None:
        """Serve on this device, which has got the services."""
        self._device = device
        device.on(Device.EVENT_CONNECTION, self._linked)
        for channel, characteristic in self._characteristics.items():
            characteristic.on(Characteristic.EVENT_SUBSCRIPTION, partial(self._written, channel))

    async def detach(self) -> None:
        """Wait until nothing of a client that has gone is left."""
        self._device = None
        if self._gone:
            await asyncio.wait(self._gone)
        self._gone.clear()

    def send(self, send: Send) -> None:
        """Notify force; queue the rest as indications. What nobody subscribed to is dropped."""
        if send.channel is not Channel.FORCE:
            self._indications.put_nowait(send)
        elif self._device is not None and self._connection is not None and Channel.FORCE in self._subscribed:
            # Straight to the link: Bumble's own way formats a line of text for each packet.
            handle = self._characteristics[Channel.FORCE].handle
            header = _NOTIFICATION.pack(Opcode.ATT_HANDLE_VALUE_NOTIFICATION, handle)
            self._device.send_l2cap_pdu(self._connection.handle, ATT_CID, header + send.value)

    async def _indicate(self, device: Device, connection: Connection) -> None:
        # Looked at each time round: asyncio.wait_for, inside Bumble, may swallow a cancellation that comes together
        # with the confirmation (Python 3.11).
        while self._connection is connection:
            send = await self._indications.get()
            if send.channel not in self._subscribed:
                continue
            characteristic = self._characteristics[send.channel]
            try:
                await device.gatt_server.indicate_subscriber(connection, characteristic, send.value)
            except (TimeoutError, BaseBumbleError):
                self._logic.unanswered()
                return
            if self._connection is connection:
                self._logic.indicated(send.channel)

    def _linked(self, connection: Connection) -> None:
        assert self._device is not None
        self._connection = connection
        self._subscribed.clear()
        self._indications = asyncio.Queue()
        agreed = Connection.EVENT_CONNECTION_ATT_MTU_UPDATE
        connection.on(agreed, lambda: self._logic.mtu_changed(connection.att_mtu))
        connection.on(Connection.EVENT_DISCONNECTION, self._unlinked)
        self._logic.linked(connection.att_mtu)
        self._indicator = asyncio.create_task(self._indicate(self._device, connection), name="tool indications")

    def _unlinked(self, _reason: int) -> None:
        self._connection = None
        self._subscribed.clear()
        if self._indicator is not None:
            self._indicator.cancel()
            self._gone = {task for task in self._gone if not task.done()} | {self._indicator}
            self._indicator = None
        self._logic.unlinked()

    def _written(
        self,
        channel: Channel,
        _connection: Connection,
        notify: bool,  # noqa: FBT001 (Bumble's)
        indicate: bool,  # noqa: FBT001 (Bumble's)
    ) -> None:
        on = notify if channel is Channel.FORCE else indicate
        (self._subscribed.add if on else self._subscribed.discard)(channel)
        self._logic.subscribed(channel, on=on)


def _secured(
    uuid: str, properties: Characteristic.Properties, value: AttributeValue[bytes] | None = None
) -> "Characteristic[bytes]":
    permissions = _Permissions.READ_REQUIRES_ENCRYPTION | _Permissions.WRITE_REQUIRES_ENCRYPTION
    if properties & _Properties.READ:
        permissions |= _Permissions.READABLE
    if properties & _Properties.WRITE:
        permissions |= _Permissions.WRITEABLE
    return Characteristic(uuid, properties, permissions, value)
