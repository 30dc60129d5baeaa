"""Bytes of the Tindeq Progressor and its open clones, both directions, no IO.

Notifications are tag, length, value, little-endian. A weight is f32 kg and u32 µs since streaming began; the counter
starts again at each start and wraps after 71.6 min. Source: the maker's published API. Not verified on hardware.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from math import isfinite
from struct import Struct
from typing import Final

from firmware_bridge.errors import WireError
from firmware_bridge.units import NEWTONS_PER_KG

NAME_PREFIX: Final = "Progressor"
"""How the names of clones begin too."""

SERVICE: Final = "7e4e1701-1ea6-40c9-9dcc-13d34ffead57"
DATA: Final = "7e4e1702-1ea6-40c9-9dcc-13d34ffead57"
CONTROL: Final = "7e4e1703-1ea6-40c9-9dcc-13d34ffead57"

MAX_SAMPLES: Final = 31
"""As many weights as the one length byte can say."""


class Command(IntEnum):
    """All that is ever sent.

    6E would put it to sleep; calibration and configuration, 69, 6A and 70 to 76, mean other things on the clones.
    """

    TARE = 0x64
    START = 0x65
    STOP = 0x66
    FIRMWARE_VERSION = 0x6B
    BATTERY = 0x6F


@dataclass(frozen=True, slots=True)
class Weight:
    """One sample: newtons, pull positive, and the device's time in µs, modulo 2^32."""

    force_n: float
    device_us: int


@dataclass(frozen=True, slots=True)
class Weights:
    """The samples of one notification, at least one, in the order they came."""

    samples: tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answered; it does not say which one, so only one may be waited for."""

    value: bytes

    @property
    def battery_mv(self) -> int:
        """The reply to BATTERY, millivolts; WireError if it has not four bytes."""
        if len(self.value) != _U32.size:
            raise WireError(f"a battery reply has 4 bytes, this one {len(self.value)}")
        millivolts: int = _U32.unpack(self.value)[0]
        return millivolts

    @property
    def text(self) -> str:
        """The reply to FIRMWARE_VERSION; WireError if it is no text."""
        try:
            return self.value.decode("ascii").rstrip("\0")
        except UnicodeDecodeError as error:
            raise WireError("a firmware version that is no text") from error


@dataclass(frozen=True, slots=True)
class LowPower:
    """The battery is nearly empty: it will switch itself off."""


Notice = Weights | Reply | LowPower


def frame_length(data: bytes) -> int | None:
    """Return how long the notification is that `data` begins, bytes; None if that is not in it yet.

    Raises WireError for a tag that begins none.
    """
    if data and data[0] not in _TAGS:
        raise WireError(f"no notification has the tag {data[0]:#04x}")
    return None if len(data) < _HEAD_SIZE else _HEAD_SIZE + data[1]


def decode(data: bytes) -> Notice:
    """Read one whole notification; WireError for anything else than a tag, its length and as many bytes."""
    if len(data) < _HEAD_SIZE:
        raise WireError(f"a notification has at least 2 bytes, this one {len(data)}")
    tag, length, value = data[0], data[1], data[_HEAD_SIZE:]
    if length != len(value):
        raise WireError(f"a notification says that {length} bytes follow, and {len(value)} do")
    match tag:
        case _Tag.REPLY:
            return Reply(value)
        case _Tag.WEIGHT:
            return _weights(value)
        case _Tag.LOW_POWER:
            return LowPower()
        case _:
            raise WireError(f"no notification has the tag {tag:#04x}")


def encode(notice: Notice) -> bytes:
    """Write a notification, as the device does. Raises WireError when a value does not fit."""
    match notice:
        case Weights(samples):
            if not 1 <= len(samples) <= MAX_SAMPLES:
                raise WireError(f"a notification holds 1 to {MAX_SAMPLES} weights, not {len(samples)}")
            try:
                value = b"".join(_WEIGHT.pack(one.force_n / NEWTONS_PER_KG, one.device_us) for one in samples)
            except (struct.error, OverflowError) as error:
                raise WireError(f"a weight that does not fit the wire: {error}") from error
            return bytes((_Tag.WEIGHT, len(value))) + value
        case Reply(value):
            if len(value) > _MAX_LENGTH:
                raise WireError(f"a reply holds at most {_MAX_LENGTH} bytes, not {len(value)}")
            return bytes((_Tag.REPLY, len(value))) + value
        case LowPower():
            return bytes((_Tag.LOW_POWER, 0))


class _Tag(IntEnum):
    REPLY = 0x00
    WEIGHT = 0x01
    LOW_POWER = 0x04


_TAGS: Final = frozenset(_Tag)
_HEAD_SIZE: Final = 2
_MAX_LENGTH: Final = 255
_WEIGHT: Final = Struct("<fI")
_U32: Final = Struct("<I")


def _weights(value: bytes) -> Weights:
    if not value or len(value) % _WEIGHT.size:
        raise WireError(f"weights have 8 bytes each, so not {len(value)} in all")
    samples = tuple([Weight(kg * NEWTONS_PER_KG, device_us) for kg, device_us in _WEIGHT.iter_unpack(value)])
    if not all(isfinite(one.force_n) for one in samples):
        raise WireError("a weight that is no number")
    return Weights(samples)
