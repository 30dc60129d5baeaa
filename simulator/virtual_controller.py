"""Bumble's virtual Bluetooth controller with the gaps closed that a whole session runs into."""

import asyncio
from dataclasses import dataclass

from bumble import hci, ll
from bumble.controller import Connection, Controller, LegacyAdvertiser
from bumble.core import PhysicalTransport

from simulator.radio_link import Beacon, RadioLink

ACL_OCTETS = 251
"""The longest LE data packet (Core 4.2, data length extension); Bumble's 27 costs three times as much."""

ADVERTISING_UNIT_S = 0.625e-3
"""Unit of the advertising interval in HCI (Core vol. 4 part E 7.8.5)."""

SUPERVISION_UNIT_S = 0.01
"""Unit of the supervision timeout in HCI (Core vol. 4 part E 7.8.12)."""

DEFAULT_RSSI_DBM = -50


class VirtualController(Controller):
    """One radio chip on the link. `rssi_dbm`: how strongly others hear it."""

    link: RadioLink

    le_acl_data_packet_length = ACL_OCTETS
    acl_data_packet_length = ACL_OCTETS
    supported_max_tx_octets = ACL_OCTETS
    supported_max_rx_octets = ACL_OCTETS
    suggested_max_tx_octets = ACL_OCTETS
    # Legacy advertising is what small sensors do; with the two features set, hosts ask for commands that the
    # virtual controller only half has.
    le_features = Controller.le_features & ~(hci.LeFeatureMask.LE_EXTENDED_ADVERTISING | hci.LeFeatureMask.LL_PRIVACY)

    def __init__(
        self,
        name: str,
        link: RadioLink,
        public_address: hci.Address,
        *,
        rssi_dbm: int = DEFAULT_RSSI_DBM,
        random_address: hci.Address | None = None,
    ) -> None:
        self.rssi_dbm = rssi_dbm
        super().__init__(name, link=link, public_address=public_address)
        self.le_legacy_advertiser = _Advertiser(self)
        if random_address is not None:
            self.random_address = random_address

    def shut_down(self, reason: int) -> None:
        """Stop everything that is going on; both sides of every connection learn it."""
        self.pending_le_connection = None
        self.le_scan_enable = False
        self.le_legacy_advertiser.stop()
        self.link.disconnect(self, reason)

    # From here on: what the host and the link call.

    def on_packet(self, packet: bytes) -> None:
        """Take an HCI packet from the host."""
        # Bumble formats a coloured line for every packet before it asks whether anybody logs; that is half of
        # all the time a session takes. Hence this and the next two.
        match hci.HCI_Packet.from_bytes(packet):
            case hci.HCI_AclDataPacket() as data:
                self.on_hci_acl_data_packet(data)
            case hci.HCI_Command() as command:
                self.on_hci_command_packet(command)
            case _:
                pass

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Hand an HCI packet to the host."""
        if self.hci_sink:
            asyncio.get_running_loop().call_soon(self.hci_sink.on_packet, bytes(packet))

    def send_advertising_pdu(self, packet: ll.AdvertisingPdu) -> None:
        """Put an advertisement or a request to connect on the air."""
        self.link.send_advertising_pdu(self, packet)

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Send data, unless its connection has ended."""
        # Data that the host sent before it heard of a disconnection is nobody's fault.
        if connection := self.find_le_connection_by_handle(packet.connection_handle):
            connection.on_hci_acl_data_packet(packet)

    def on_hci_reset_command(self, command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Start anew."""
        # Otherwise the connections of a host that died stay, and their peripherals never advertise again.
        self.shut_down(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)
        return super().on_hci_reset_command(command)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Withdraw the attempt to connect; the host hears of its end."""
        # Otherwise the attempt stays pending: its host waits for ever and may never connect again.
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        asyncio.get_running_loop().call_soon(self._report_cancelled, pending.peer_address)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def create_le_connection(self, peer_address: hci.Address) -> None:
        """Connect to a peripheral that was waited for and has now been heard."""
        pending = self.pending_le_connection
        super().create_le_connection(peer_address)
        if isinstance(pending, hci.HCI_LE_Create_Connection_Command):
            self.link.supervision_s[self, peer_address] = pending.supervision_timeout * SUPERVISION_UNIT_S

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        """Accept a central, if it means this advertiser."""
        advertiser = self.le_legacy_advertiser
        if not (advertiser.enabled and advertiser.address == packet.advertiser_address):
            return
        peer = packet.initiator_address
        connection = Connection(
            controller=self,
            handle=self.allocate_connection_handle(),
            role=hci.Role.PERIPHERAL,
            self_address=packet.advertiser_address,
            peer_address=peer,
            link=self.link,
            transport=PhysicalTransport.LE,
            link_type=hci.HCI_Connection_Complete_Event.LinkType.ACL,
        )
        self.le_connections[peer] = connection
        self.link.supervision_s[self, peer] = packet.timeout * SUPERVISION_UNIT_S
        advertiser.stop()
        # What the central asked for; stock Bumble always says 12.5 ms and 100 ms.
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.SUCCESS,
                connection_handle=connection.handle,
                role=connection.role,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=packet.interval,
                peripheral_latency=packet.latency,
                supervision_timeout=packet.timeout,
                central_clock_accuracy=7,
            )
        )

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report an advertisement when scanning, and connect if this is the peer that is waited for."""
        if self.le_scan_enable and isinstance(pdu, Beacon):
            self._report(hci.HCI_LE_Advertising_Report_Event.EventType.ADV_IND, pdu, pdu.data)
            if self.le_scan_type == hci.HCI_LE_Set_Scan_Parameters_Command.ACTIVE_SCANNING:
                # Stock Bumble repeats the advertisement here and never delivers the scan response.
                event = hci.HCI_LE_Advertising_Report_Event.EventType.SCAN_RSP
                self._report(event, pdu, pdu.scan_response)
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """Forget a connection and tell the host why."""
        self.link.supervision_s.pop((self, connection.peer_address), None)
        super().on_le_disconnected(connection, reason)
        self.link.ended(connection)

    def _report(self, event_type: int, pdu: Beacon, data: bytes) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=event_type,
            address_type=pdu.advertiser_address.address_type,
            address=pdu.advertiser_address,
            data=data,
            rssi=pdu.rssi_dbm,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def _report_cancelled(self, peer: hci.Address) -> None:
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=peer.address_type,
                peer_address=peer,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )


@dataclass
class _Advertiser(LegacyAdvertiser):
    """Advertises at the interval it was told, with what a scan response would say beside it."""

    def send_advertising_data(self) -> None:
        kinds = hci.HCI_LE_Set_Advertising_Parameters_Command.AdvertisingType
        controller = self.controller
        if self.enabled and self.advertising_type == kinds.ADV_IND and isinstance(controller, VirtualController):
            beacon = Beacon(self.address, self.advertising_data, self.scan_response_data, controller.rssi_dbm)
            controller.send_advertising_pdu(beacon)

    def _on_timer_fired(self) -> None:
        # Stock Bumble takes the interval's unit for 1 ms.
        self.send_advertising_data()
        if self.enabled:
            self.timer_handle = asyncio.get_running_loop().call_later(
                self.advertising_interval_min * ADVERTISING_UNIT_S, self._on_timer_fired
            )
