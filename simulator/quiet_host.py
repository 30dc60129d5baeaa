"""Bumble's host side with less work for each packet, and with ends that are errors instead of hangs."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bumble import att, core, hci
from bumble.device import Connection
from bumble.gatt_client import Client
from bumble.host import Host

ATT_TIMEOUT_S = 30.0
"""The longest an ATT transaction may take (Core vol. 3 part F 3.3.3)."""


# A library stays quiet until the application configures logging; Bumble has no handler of its own.
logging.getLogger("bumble").addHandler(logging.NullHandler())


class LinkLostError(core.BaseBumbleError):
    """The connection ended before an answer came."""


class ControllerLostError(TimeoutError):
    """The way to the Bluetooth controller is gone."""

    # A TimeoutError, because Bumble logs a traceback for every other error that a command ends with.


class QuietHost(Host):
    """A host that does not format a line of text for every packet, and that notices a lost transport."""

    is_lost = False

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Hand a packet to the controller."""
        if self.hci_sink:
            self.hci_sink.on_packet(bytes(packet))

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet from the controller."""
        match packet:
            case hci.HCI_AclDataPacket():
                # Data may still be under way when its connection has ended.
                if connection := self.connections.get(packet.connection_handle):
                    connection.on_hci_acl_data_packet(packet)
            case hci.HCI_Event():
                self.on_hci_event_packet(packet)
            case _:
                pass

    async def _send_command(self, command: Any, response_timeout: float | None = None) -> Any:
        if self.is_lost:
            raise ControllerLostError("the Bluetooth controller is gone")
        # To its end, even if its caller gives up: Bumble trips over an answer that nobody waits for any more.
        sent = asyncio.ensure_future(super()._send_command(command, response_timeout))
        sent.add_done_callback(_look_at)
        return await asyncio.shield(sent)

    def on_transport_lost(self) -> None:
        """End everything that waits, and every connection."""
        self.is_lost = True
        if self.pending_response and not self.pending_response.done():
            self.pending_response.set_exception(ControllerLostError("the Bluetooth controller is gone"))
        self.emit("flush")


def _look_at(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()  # or asyncio complains of one that nobody saw


class AttClient(Client):
    """The GATT client of one connection.

    A request that its caller gives up still waits for its answer, as ATT demands, so that no later request takes
    that answer for its own. When the link ends, all that wait get LinkLostError.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.listeners: dict[int, Callable[[bytearray], None]] = {}
        self.is_closed = False
        self._at_work: set[asyncio.Task[Any]] = set()

    async def send_request(self, request: att.ATT_PDU) -> Any:
        """Send a request and return its response, which may be an ATT error.

        Raises LinkLostError, and core.TimeoutError after 30 s.
        """
        transaction = asyncio.ensure_future(self._transact(request))
        self._at_work.add(transaction)
        transaction.add_done_callback(self._transacted)
        return await asyncio.shield(transaction)

    async def send_command(self, command: att.ATT_PDU) -> None:
        """Send a command, which has no response; raises LinkLostError."""
        if self.is_closed:
            raise LinkLostError("not connected")
        self.send_gatt_pdu(bytes(command))

    def on_gatt_pdu(self, att_pdu: att.ATT_PDU) -> None:
        """Take what the server sent."""
        match att_pdu:
            case att.ATT_Handle_Value_Notification():
                self._tell(att_pdu.attribute_handle, att_pdu.attribute_value)
            case att.ATT_Handle_Value_Indication():
                self._tell(att_pdu.attribute_handle, att_pdu.attribute_value)
                self.send_gatt_pdu(bytes(att.ATT_Handle_Value_Confirmation()))
            case _:
                self._answered(att_pdu)

    def on_disconnection(self, *_reason: object) -> None:
        """Fail what waits; nothing can be asked any more."""
        self.is_closed = True
        self.listeners.clear()
        if self.pending_response and not self.pending_response.done():
            self.pending_response.set_exception(LinkLostError("the link broke"))

    async def _transact(self, request: att.ATT_PDU) -> Any:
        async with self.request_semaphore:
            if self.is_closed:
                raise LinkLostError("not connected")
            self.pending_request = request
            self.pending_response = asyncio.get_running_loop().create_future()
            try:
                self.send_gatt_pdu(bytes(request))
                async with asyncio.timeout(ATT_TIMEOUT_S):
                    return await self.pending_response
            except TimeoutError as error:
                raise core.TimeoutError(f"no answer to {request.name} within {ATT_TIMEOUT_S:.0f} s") from error
            finally:
                self.pending_request = self.pending_response = None

    def _transacted(self, transaction: asyncio.Task[Any]) -> None:
        self._at_work.discard(transaction)
        _look_at(transaction)

    def _answered(self, response: att.ATT_PDU) -> None:
        request, waiting = self.pending_request, self.pending_response
        if request is None or waiting is None or waiting.done():
            return
        if response.op_code in (att.Opcode.ATT_ERROR_RESPONSE, request.op_code + 1):
            waiting.set_result(response)

    def _tell(self, handle: int, value: bytes) -> None:
        listener = self.listeners.get(handle)
        if listener is None:
            return
        try:
            listener(bytearray(value))
        except Exception as error:  # noqa: BLE001 (whatever an application's callback raises, the link goes on)
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a notification callback failed", "exception": error}
            )
