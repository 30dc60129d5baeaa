"""Bytes of the Heart Rate Measurement characteristic, both directions, no IO.

Flags, rate, energy and RR intervals in 1/1024 s: Bluetooth SIG, Heart Rate Service 1.0, 3.1.
"""

import struct
from dataclasses import dataclass
from struct import Struct
from typing import Final

from firmware_bridge.errors import WireError

SERVICE: Final = "0000180d-0000-1000-8000-00805f9b34fb"
MEASUREMENT: Final = "00002a37-0000-1000-8000-00805f9b34fb"
TICKS_PER_S: Final = 1024


@dataclass(frozen=True, slots=True)
class HeartRate:
    """One measurement: beats a minute; skin contact, None where it cannot be told; the RR intervals since the last."""

    bpm: int
    contact: bool | None = None
    energy_kj: int | None = None
    rr_s: tuple[float, ...] = ()


def decode(data: bytes) -> HeartRate:
    """Read a measurement. WireError for one that is cut."""
    if not data:
        raise WireError("a heart rate has at least 2 bytes, this one 0")
    flags, at = data[0], 1
    try:
        (bpm,) = (_U16 if flags & _WIDE else _U8).unpack_from(data, at)
        at += 2 if flags & _WIDE else 1
        energy_kj = None
        if flags & _ENERGY:
            (energy_kj,) = _U16.unpack_from(data, at)
            at += 2
    except struct.error as error:
        raise WireError(f"a heart rate that is cut after {len(data)} bytes") from error
    rest = data[at:] if flags & _RR else b""
    if len(rest) % 2:
        raise WireError("an RR interval that is cut")
    contact = bool(flags & _CONTACT) if flags & _CONTACT_TOLD else None
    return HeartRate(bpm, contact, energy_kj, tuple([ticks / TICKS_PER_S for (ticks,) in _U16.iter_unpack(rest)]))


def encode(rate: HeartRate) -> bytes:
    """Write a measurement, as a strap does. Raises WireError when a value does not fit."""
    flags = 0
    if rate.bpm > _MOST_NARROW:
        flags |= _WIDE
    if rate.contact is not None:
        flags |= _CONTACT_TOLD | (_CONTACT if rate.contact else 0)
    if rate.energy_kj is not None:
        flags |= _ENERGY
    if rate.rr_s:
        flags |= _RR
    try:
        parts = [bytes([flags]), (_U16 if flags & _WIDE else _U8).pack(rate.bpm)]
        if rate.energy_kj is not None:
            parts.append(_U16.pack(rate.energy_kj))
        parts += [_U16.pack(round(interval * TICKS_PER_S)) for interval in rate.rr_s]
    except (struct.error, ValueError, OverflowError) as error:
        raise WireError(f"a heart rate that does not fit the wire: {error}") from error
    return b"".join(parts)


_WIDE: Final = 0x01
_CONTACT: Final = 0x02
_CONTACT_TOLD: Final = 0x04
_ENERGY: Final = 0x08
_RR: Final = 0x10
_MOST_NARROW: Final = 0xFF
_U8: Final = Struct("<B")
_U16: Final = Struct("<H")
