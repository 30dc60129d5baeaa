"""Bytes of the WH-C06 hook scale, both directions, no IO: all it says is in the manufacturer data it advertises.

After the company id, big-endian: 02 03 11, six bytes of address, one unused here, weight (signed, 0.01), two unused,
unit and whether the display is held, a counter. Source: several public clients agree. Not verified on hardware.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final

from firmware_bridge.errors import WireError
from firmware_bridge.units import NEWTONS_PER_KG, NEWTONS_PER_LB

COMPANY_ID: Final = 0x0100
HEAD: Final = b"\x02\x03\x11"
"""How the data begin."""

LOCAL_NAME: Final = "IF_B7"
"""A body scale of the same maker has the same name and layout: only the address tells them apart."""


class UnitError(WireError):
    """The display is set to a unit that is not read: somebody has to change that."""


class Unit(IntEnum):
    """What the display is set to. The others that clients have seen are not told apart."""

    KG = 1
    LB = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """One advertisement: newtons, pull positive; `held`: the display keeps an old value; the counter is modulo 2^16."""

    force_n: float
    held: bool
    counter: int


def decode(data: bytes) -> Reading:
    """Read the manufacturer data of COMPANY_ID. WireError for another device, UnitError for a unit other than kg."""
    if len(data) < _LAYOUT.size:
        raise WireError(f"an advertisement of a WH-C06 has at least {_LAYOUT.size} bytes, this one {len(data)}")
    head, hundredths, flags, counter = _LAYOUT.unpack_from(data)
    if head != HEAD:
        raise WireError(f"an advertisement of a WH-C06 begins with {HEAD.hex(' ')}, this one with {head.hex(' ')}")
    unit = flags & 0x0F
    if unit != Unit.KG:
        said = "lb" if unit == Unit.LB else f"unit {unit}"
        raise UnitError(f"the scale shows {said}: set it to kg")
    return Reading(hundredths / 100 * NEWTONS_PER_KG, flags >> 4 == _HELD, counter)


def encode(reading: Reading, address: bytes, unit: Unit = Unit.KG) -> bytes:
    """Write the manufacturer data, as the scale does, to 0.01 of `unit`. Raises WireError when a value does not fit."""
    flags = (_HELD if reading.held else 0) << 4 | unit
    try:
        hundredths = round(reading.force_n / _NEWTONS[unit] * 100)
        body = _LAYOUT.pack(HEAD, hundredths, flags, reading.counter)
    except (struct.error, ValueError, OverflowError) as error:
        raise WireError(f"a reading that does not fit the wire: {error}") from error
    if len(address) != _ADDRESS.stop - _ADDRESS.start:
        raise WireError(f"an address has 6 bytes, not {len(address)}")
    return body[: _ADDRESS.start] + address + body[_ADDRESS.stop :]


_HELD: Final = 0xA
_NEWTONS: Final = {Unit.KG: NEWTONS_PER_KG, Unit.LB: NEWTONS_PER_LB}
_ADDRESS: Final = slice(3, 9)
_LAYOUT: Final = Struct(">3s 6x x h 2x B H")
