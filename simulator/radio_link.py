"""The air between the virtual controllers: who hears whom, and what is lost on the way."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from bumble import hci, ll
from bumble.controller import Connection, Controller
from bumble.core import PhysicalTransport
from bumble.link import LocalLink

from simulator.air import AirFaults, is_notification
from simulator.transmit_queue import TransmitQueue

DEFAULT_SUPERVISION_S = 2.0
"""How long a side without a peer waits, where the central asked for no supervision timeout."""


@dataclass
class Beacon(ll.AdvInd):
    """An advertisement together with what a scan response would say, and how strongly it is heard."""

    scan_response: bytes
    rssi_dbm: int


class RadioLink(LocalLink):
    """A Bumble link on which controllers can be out of range.

    A controller that is *silent* neither hears nor is heard. A connection whose far side is silent or gone ends
    on the near side with reason 0x08 when its supervision timeout has passed. What either side sends on a
    connection meanwhile waits, and arrives in order when the silence ends before the connection does.
    """

    def __init__(self, faults: AirFaults) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # Bumble's
        self.faults = faults
        self.supervision_s: dict[tuple[Controller, hci.Address], float] = {}
        # Bumble keeps a set, whose order differs from run to run; sessions must not.
        self._in_order: dict[Controller, None] = {}
        self._silent: dict[Controller, None] = {}
        self._expiries: dict[int, tuple[Connection, asyncio.TimerHandle]] = {}
        self._queues: dict[int, TransmitQueue] = {}

    def add_controller(self, controller: Controller) -> None:
        """Put a controller on the air."""
        self._in_order[controller] = None

    def remove_controller(self, controller: Controller) -> None:
        """Take a controller off the air, with whatever waits for it."""
        self._in_order.pop(controller, None)
        self._silent.pop(controller, None)
        for key, (connection, timer) in list(self._expiries.items()):
            if connection.controller is controller:
                timer.cancel()
                del self._expiries[key]

    def controllers_with(self, address: hci.Address) -> Iterator[Controller]:
        """Yield the controllers that answer to an address, type aside."""
        octets = bytes(address)
        for controller in self._in_order:
            if octets in (bytes(controller.public_address), bytes(controller.random_address)):
                yield controller

    def find_le_controller(self, address: hci.Address) -> Controller | None:
        """Return the controller with a connection from, or otherwise with, this address."""
        for controller in self._in_order:
            if any(c.self_address == address for c in controller.le_connections.values()):
                return controller
        for controller in self._in_order:
            if address in (controller.random_address, controller.public_address):
                return controller
        return None

    def silence(self, controller: Controller, *, silent: bool) -> None:
        """Put a controller out of range, or back in range."""
        if not silent:
            self._silent.pop(controller, None)
            self._spare_healthy()
            for queue in list(self._queues.values()):
                queue.resume()
            return
        self._silent[controller] = None
        for connection in list(controller.le_connections.values()):
            self._expire_later(connection)
            if far := self._far_side(connection):
                self._expire_later(far)

    def vanish(self, controller: Controller, reason: int) -> None:
        """Drop all connections of a controller without telling the far sides, as a power cut does."""
        for connection in list(controller.le_connections.values()):
            self._drop(connection, reason)

    def disconnect(self, controller: Controller, reason: int) -> None:
        """End all connections of a controller in the orderly way; it is told that it was its own doing."""
        for connection in list(controller.le_connections.values()):
            connection.send_ll_control_pdu(ll.TerminateInd(reason))
            self._drop(connection, hci.HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR)

    # From here on: what controllers call.

    def ended(self, connection: Connection) -> None:
        """Note that one side's connection is over; the other hears of it, or waits in vain for its timeout."""
        if expiry := self._expiries.pop(id(connection), None):
            expiry[1].cancel()
        self._discard(connection)
        far = self._far_side(connection)
        if far is None:
            return
        self._expire_later(far)
        # Its last words are on their way, unless it is silent: nobody is left to repeat them.
        if self._is_cut(connection.controller, far.controller):
            self._discard(far)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Carry an L2CAP packet to the far side of a connection."""
        connection = sender_controller.le_connections.get(destination_address)
        # The connection's own address: stock Bumble stamps the random one, and a peripheral then finds no
        # connection for a central that came with its public address, as BlueZ does.
        far = self._far_side(connection) if connection else None
        if far is None:
            return
        queue = self._queue_to(far, sender_controller)
        copies, delay_s = self.faults.acl(sender_controller, data)
        for _ in range(copies):
            arrive = partial(self._arrive, far, transport, data)
            queue.send(arrive, delay_s, is_notification=is_notification(data))

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Let everybody in range hear an advertisement or a request to connect."""
        if sender_controller in self._silent:
            return
        if isinstance(packet, Beacon) and self.faults.is_unheard(sender_controller):
            return
        loop = asyncio.get_running_loop()
        for controller in self._in_order:
            if controller is not sender_controller and controller not in self._silent:
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Carry a message between two link layers, in order with the data."""
        receiver = self.find_le_controller(receiver_address)
        far = receiver.le_connections.get(sender_address) if receiver else None
        sender = self.find_le_controller(sender_address)
        if far is not None and sender is not None:
            self._queue_to(far, sender).send(partial(self._deliver_control, far, sender_address, packet))

    def _deliver_control(self, far: Connection, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
        if self._is_open(far):
            far.controller.on_ll_control_pdu(sender_address, packet)

    def _queue_to(self, far: Connection, sender: Controller) -> TransmitQueue:
        queue = self._queues.get(id(far))
        if queue is None:
            queue = self._queues[id(far)] = TransmitQueue(partial(self._is_cut, sender, far.controller))
        return queue

    def _discard(self, receiver: Connection) -> None:
        if queue := self._queues.pop(id(receiver), None):
            queue.discard()

    def _arrive(self, far: Connection, transport: PhysicalTransport, data: bytes) -> None:
        if self._is_open(far):
            far.controller.on_link_acl_data(far.peer_address, transport, data)

    def _drop(self, connection: Connection, reason: int) -> None:
        if self._is_open(connection):
            connection.controller.on_le_disconnected(connection, reason)

    def _is_cut(self, one: Controller, other: Controller) -> bool:
        return one in self._silent or other in self._silent

    def _far_side(self, connection: Connection) -> Connection | None:
        far = self.find_le_controller(connection.peer_address)
        return far.le_connections.get(connection.self_address) if far else None

    def _is_open(self, connection: Connection) -> bool:
        return connection.controller.le_connections.get(connection.peer_address) is connection

    def _expire_later(self, connection: Connection) -> None:
        if id(connection) in self._expiries:
            return
        key = (connection.controller, connection.peer_address)
        timeout_s = self.supervision_s.get(key, DEFAULT_SUPERVISION_S)
        timer = asyncio.get_running_loop().call_later(timeout_s, self._expire, connection)
        self._expiries[id(connection)] = (connection, timer)

    def _spare_healthy(self) -> None:
        for key, (connection, timer) in list(self._expiries.items()):
            far = self._far_side(connection)
            if far is not None and not self._is_cut(connection.controller, far.controller):
                timer.cancel()
                del self._expiries[key]

    def _expire(self, connection: Connection) -> None:
        self._expiries.pop(id(connection), None)
        far = self._far_side(connection)
        if far is None or self._is_cut(connection.controller, far.controller):
            self._drop(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
