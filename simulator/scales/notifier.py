"""A characteristic that notifies one client, with little work for each packet."""

from bumble.att import ATT_CID, Attribute, Opcode
from bumble.device import Connection, Device
from bumble.gatt import Characteristic


class Notifier:
    """Notifies whoever is connected and subscribed; `attach` it to the device that has its characteristic."""

    def __init__(self, uuid: str) -> None:
        self.characteristic: Characteristic[bytes] = Characteristic(
            uuid, Characteristic.Properties.NOTIFY, Attribute.Permissions.READABLE, b""
        )
        self._device: Device | None = None
        self._connection: Connection | None = None
        self._is_subscribed = False

    @property
    def is_connected(self) -> bool:
        """Whether there is a client."""
        return self._connection is not None

    def attach(self, device: Device) -> None:
        """Serve on this device."""
        self._device = device
        device.on(Device.EVENT_CONNECTION, self._linked)
        self.characteristic.on(Characteristic.EVENT_SUBSCRIPTION, self._subscribed)

    def notify(self, value: bytes) -> None:
        """Send a value, if somebody wants it."""
        if self._device is None or self._connection is None or not self._is_subscribed:
            return
        # Straight to the link: Bumble's own way formats a line of text for each packet.
        handle = self.characteristic.handle.to_bytes(2, "little")
        pdu = bytes([Opcode.ATT_HANDLE_VALUE_NOTIFICATION]) + handle + value
        self._device.send_l2cap_pdu(self._connection.handle, ATT_CID, pdu)

    def _linked(self, connection: Connection) -> None:
        self._connection, self._is_subscribed = connection, False
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._unlinked())

    def _unlinked(self) -> None:
        self._connection, self._is_subscribed = None, False

    def _subscribed(self, _connection: Connection, notify: bool, _indicate: bool) -> None:  # noqa: FBT001 (Bumble's)
        self._is_subscribed = notify
