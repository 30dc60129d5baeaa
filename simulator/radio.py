"""A radio made of software: peripherals and apps on one Bumble link, and a controller for an app elsewhere."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from bumble import hci
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Service
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.transport.common import AsyncPipeSink

from simulator.adapter import Adapter, open_adapter
from simulator.air import AirFaults
from simulator.bleak_backend import Backend
from simulator.central import SUPERVISION_S
from simulator.controller_offer import Offer
from simulator.faults import Faults
from simulator.gatt_security import guard_subscriptions, judge_by_key, refuse_unoffered
from simulator.key_store import key_store
from simulator.quiet_host import QuietHost
from simulator.radio_link import RadioLink
from simulator.virtual_controller import DEFAULT_RSSI_DBM, VirtualController

__all__ = ["Adapter", "Offer", "Radio", "open_adapter"]

ADVERTISING_INTERVAL_MS = 100.0
"""A common choice of devices that want to be found at once; Bumble's is 1000 ms."""

SERVER_MTU = 247
"""The largest that still fits one 251-octet data packet; common in small devices."""


class Radio:
    """Everything on the air. `seed` drives the faults that are left to chance.

    `supervision_s`: supervision timeout of the connections that apps in this process make.
    """

    def __init__(self, *, seed: int = 0, supervision_s: float = SUPERVISION_S) -> None:
        air = AirFaults(Random(seed))  # noqa: S311 (a simulation must repeat)
        self.link = RadioLink(air)
        self.faults = Faults(self.link, air)
        self._supervision_s = supervision_s
        self._adapters: dict[str, Adapter] = {}
        self._offers: list[Offer] = []
        self._peripherals: list[tuple[Device, VirtualController]] = []

    @property
    def backend(self) -> Backend:
        """What to hand to bleak in this process; `adapter` must have been awaited before."""
        try:
            return next(iter(self._adapters.values())).backend
        except StopIteration:
            raise LookupError("this radio has no adapter yet: await radio.adapter() first") from None

    async def adapter(self, name: str = "app", *, bonds: Path | None = None) -> Adapter:
        """Return the app's central called `name`; made at the first call, with bonds in the file `bonds`."""
        if name not in self._adapters:
            controller = VirtualController(name, self.link, public_address(name))
            host = QuietHost(controller, AsyncPipeSink(controller))
            adapter = Adapter(host, bonds=bonds, supervision_s=self._supervision_s)
            await adapter.start()
            self._adapters[name] = adapter
        return self._adapters[name]

    async def add_peripheral(
        self,
        name: str,
        services: Iterable[Service] = (),
        *,
        advertising_data: bytes,
        scan_response: bytes = b"",
        address: str = "",
        bonds: Path | None = None,
        rssi_dbm: int = DEFAULT_RSSI_DBM,
        advertising_interval_ms: float = ADVERTISING_INTERVAL_MS,
        mtu: int = SERVER_MTU,
    ) -> Device:
        """Put a GATT server on the air; it advertises whenever nothing is connected to it.

        `name`: GAP device name. `address`: static random; without it, one that follows from the name. `mtu`: the
        largest the server agrees to.
        """
        where = hci.Address(address) if address else random_address(name)
        controller = VirtualController(
            name,
            self.link,
            hci.Address(bytes(6), hci.Address.PUBLIC_DEVICE_ADDRESS),
            rssi_dbm=rssi_dbm,
            random_address=where,
        )
        config = DeviceConfiguration(
            name=name,
            address=where,
            advertising_data=advertising_data,
            scan_response_data=scan_response,
            advertising_interval_min=advertising_interval_ms,
            advertising_interval_max=advertising_interval_ms,
        )
        device = Device(config=config, host=QuietHost(controller, AsyncPipeSink(controller)))
        device.pairing_config_factory = _bonding
        device.gatt_server.max_mtu = mtu
        device.keystore = key_store(bonds, str(where))
        services = list(services)
        refuse_unoffered(services)
        guard_subscriptions(device, services)
        judge_by_key(device)
        device.add_services(services)
        self._peripherals.append((device, controller))
        await device.power_on()
        await device.start_advertising(auto_restart=True)
        return device

    def broadcast(self, device: Device, advertising_data: bytes) -> None:
        """Let a peripheral advertise this once more, at once, and from now on; nothing while it is connected."""
        for known, controller in self._peripherals:
            if known is device:
                advertiser = controller.le_legacy_advertiser
                advertiser.advertising_data = advertising_data
                advertiser.send_advertising_data()

    async def remove_peripheral(self, device: Device) -> None:
        """Take a peripheral off the air, connections and all."""
        for entry in self._peripherals:
            if entry[0] is device:
                self._peripherals.remove(entry)
                await _take_down(*entry, self.link)
                return

    async def offer(self, where: str, on_change: Callable[[bool], None] | None = None) -> Offer:
        """Offer a controller to one app in another process, which opens `tcp-client:` and this `host:port`.

        `on_change`: as in Offer. Raises ValueError when `where` is not host:port, OSError when the port is taken.
        """
        offer = Offer(self.link, public_address(f"offer {len(self._offers)}"), on_change)
        await offer.open(where)
        self._offers.append(offer)
        return offer

    def out_of_range(self, address: str, out: bool = True) -> None:  # noqa: FBT001, FBT002 (reads as it is said)
        """Put a device out of range, or back; see `Faults.out_of_range`."""
        self.faults.out_of_range(address, out)

    async def close(self) -> None:
        """End everything; nothing is pending afterwards."""
        for offer in self._offers:
            await offer.close()
        for adapter in self._adapters.values():
            await adapter.close()
        for device, controller in self._peripherals:
            await _take_down(device, controller, self.link)
        self._offers.clear()
        self._adapters.clear()
        self._peripherals.clear()
        await _settle()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def public_address(name: str) -> hci.Address:
    """Return the public address that follows from a name, so that bonds outlive restarts."""
    digest = bytearray(hashlib.sha256(name.encode()).digest()[:6])
    # Locally administered: no maker's block.
    digest[5] = digest[5] & 0xFC | 0x02
    return hci.Address(bytes(digest), hci.Address.PUBLIC_DEVICE_ADDRESS)


def random_address(name: str) -> hci.Address:
    """Return the static random address that follows from a name (Core vol. 6 part B 1.3.2.1)."""
    digest = bytearray(hashlib.sha256(name.encode()).digest()[:6])
    digest[5] |= 0xC0
    return hci.Address(bytes(digest), hci.Address.RANDOM_DEVICE_ADDRESS)


async def _take_down(device: Device, controller: VirtualController, link: RadioLink) -> None:
    if device.legacy_advertiser is not None:
        device.legacy_advertiser.auto_restart = False
    controller.shut_down(hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR)
    await _settle()
    await device.power_off()
    link.remove_controller(controller)


async def _settle() -> None:
    """Let what is under way between hosts and controllers arrive: each hop takes one round of the loop."""
    for _ in range(10):
        await asyncio.sleep(0)


def _bonding(_connection: object) -> PairingConfig:
    # No identity keys: with a static address there is nothing to resolve.
    delegate = PairingDelegate(
        PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT,
        local_initiator_key_distribution=PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY,
        local_responder_key_distribution=PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY,
    )
    return PairingConfig(sc=True, mitm=False, bonding=True, delegate=delegate)
