"""Attribute security as devices mean it, on top of what Bumble's GATT server does by itself."""

from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn

from bumble.att import ATT_Error, Attribute, AttributeValue, AttributeValueV2, ErrorCode
from bumble.device import Connection, Device
from bumble.gatt import (
    GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
    Characteristic,
    Descriptor,
    Service,
)
from bumble.keys import PairingKeys
from bumble.utils import AsyncRunner

_Permissions = Attribute.Permissions
_ENCRYPTED = _Permissions.READ_REQUIRES_ENCRYPTION | _Permissions.WRITE_REQUIRES_ENCRYPTION
_AUTHENTICATED = _Permissions.READ_REQUIRES_AUTHENTICATION | _Permissions.WRITE_REQUIRES_AUTHENTICATION
_WRITABLE = Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE
_SUBSCRIBABLE = Characteristic.Properties.NOTIFY | Characteristic.Properties.INDICATE


def guard_subscriptions(device: Device, services: Iterable[Service]) -> None:
    """Let a characteristic that needs encryption or authentication need it for subscribing, too.

    Bumble makes a configuration descriptor that anybody may write, and notifies whoever wrote it. To be called
    before the services are added to the device.
    """
    for service in services:
        for characteristic in service.characteristics:
            needs = _Permissions(0)
            if characteristic.permissions & _ENCRYPTED:
                needs |= _Permissions.WRITE_REQUIRES_ENCRYPTION
            if characteristic.permissions & _AUTHENTICATED:
                needs |= _Permissions.WRITE_REQUIRES_AUTHENTICATION
            if needs and characteristic.properties & _SUBSCRIBABLE:
                configuration = Descriptor(
                    GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR,
                    _Permissions.READABLE | _Permissions.WRITEABLE | needs,
                    device.gatt_server.make_descriptor_value(characteristic),
                )
                characteristic.descriptors = [*characteristic.descriptors, configuration]


def refuse_unoffered(services: Iterable[Service]) -> None:
    """Let characteristics refuse reads and writes that their properties do not offer.

    Bumble reads and overwrites any value that no other permission protects.
    """
    for service in services:
        for characteristic in service.characteristics:
            held: Any = characteristic.value
            live = isinstance(held, (AttributeValue, AttributeValueV2))
            reads: Any = held.read if live else partial(_held, held or b"")
            writes: Any = held.write if live else None
            if not characteristic.properties & Characteristic.Properties.READ:
                reads = partial(_refuse, ErrorCode.READ_NOT_PERMITTED)
            if not characteristic.properties & _WRITABLE:
                writes = partial(_refuse, ErrorCode.WRITE_NOT_PERMITTED)
            if writes is not None:
                kind: Any = AttributeValueV2 if isinstance(held, AttributeValueV2) else AttributeValue
                characteristic.value = kind(read=reads, write=writes)


def judge_by_key(device: Device) -> None:
    """Count a connection as authenticated only when its key is: Bumble takes any encryption for it.

    A key is authenticated when a passkey or a comparison protected the pairing; Just Works does not.
    """

    def connected(connection: Connection) -> None:
        def encrypted() -> None:
            connection.authenticated = False
            AsyncRunner.spawn(look_up())  # type: ignore[no-untyped-call] # Bumble's

        async def look_up() -> None:
            assert device.keystore is not None
            keys = await device.keystore.get(str(connection.peer_address))
            connection.authenticated = connection.is_encrypted and _is_authenticated(keys)

        def paired(keys: PairingKeys) -> None:
            connection.authenticated = _is_authenticated(keys)

        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, encrypted)
        connection.on(Connection.EVENT_PAIRING, paired)

    device.on(Device.EVENT_CONNECTION, connected)


def _held(value: bytes, _connection: object) -> bytes:
    return value


def _refuse(code: ErrorCode, *_call: object) -> NoReturn:
    raise ATT_Error(code)


def _is_authenticated(keys: PairingKeys | None) -> bool:
    return keys is not None and keys.ltk is not None and keys.ltk.authenticated
