"""A Bluetooth controller on the link, offered to an app in another process as HCI over TCP."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from bumble import hci
from bumble.core import InvalidPacketError
from bumble.transport.common import PacketParser

from simulator.virtual_controller import VirtualController

if TYPE_CHECKING:
    from simulator.radio_link import RadioLink


LAST_PORT = 0xFFFF


class Offer:
    """One port for one app at a time; a new app may come when the last one is gone.

    When the app goes, in order or not, its connections end at once and their peripherals advertise again.
    `on_change` is told True when an app comes, False when it has gone; it must only take note.
    """

    def __init__(
        self, link: "RadioLink", public_address: hci.Address, on_change: Callable[[bool], None] | None = None
    ) -> None:
        self.link = link
        self.public_address = public_address
        self.address = ""
        self.app: _App | None = None
        self._on_change = on_change
        self._server: asyncio.Server | None = None
        self._free = asyncio.Event()
        self._free.set()

    def take(self, app: "_App | None") -> None:
        """Give the controller to an app, or back."""
        self.app = app
        (self._free.set if app is None else self._free.clear)()
        if self._on_change is not None:
            self._on_change(app is not None)

    @property
    def is_in_use(self) -> bool:
        """Whether an app has the controller."""
        return self.app is not None

    async def open(self, where: str) -> None:
        """Listen at `host:port`; port 0 takes a free one, and `address` says which.

        Raises ValueError for something else, OSError when the port is taken.
        """
        host, _, port = where.rpartition(":")
        if not host or not port.isdecimal() or int(port) > LAST_PORT:
            raise ValueError(f"'{where}' is not host:port, such as 127.0.0.1:9801")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _App(self), host, int(port))
        name = self._server.sockets[0].getsockname()
        self.address = f"{name[0]}:{name[1]}"

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
            if self.app is not None:
                self.app.hang_up()
            await self._server.wait_closed()
            await self._free.wait()
            self._server = None


class _App(asyncio.Protocol):
    """The app at the other end of the port."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._transport: asyncio.Transport | None = None
        self._controller: VirtualController | None = None
        self._parser = PacketParser()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._offer.app is not None:
            # One controller cannot serve two hosts: the second is told by the end of the connection.
            transport.close()
            return
        self._offer.take(self)
        self._controller = VirtualController("offered", self._offer.link, self._offer.public_address)
        self._controller.set_packet_sink(self)
        self._parser.set_packet_sink(self._controller)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except InvalidPacketError:
            # Whatever that is, it is not HCI.
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        controller, self._controller = self._controller, None
        self._transport = None
        if controller is not None:
            controller.set_packet_sink(None)
            controller.shut_down(hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR)
            self._offer.link.remove_controller(controller)
            self._offer.take(None)

    def on_packet(self, packet: bytes) -> None:
        """Take a packet from the controller."""
        if self._transport is not None:
            self._transport.write(packet)

    def hang_up(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()
