"""Bytes of the PitchSix Force Board, both directions, no IO.

A notification is a big-endian count of samples and three bytes for each, whole pounds: 4.4 N, about three points of
discomfort, so it can be logged but not credited. It has no device time. Source: the maker's published API. Not
verified on hardware.
"""

from typing import Final

from firmware_bridge.errors import WireError
from firmware_bridge.units import NEWTONS_PER_LB

NAME_PREFIX: Final = "Force Board"

FORCE_SERVICE: Final = "9a88d67f-8df2-4afe-9e0d-c2bbbe773dd0"
FORCE: Final = "9a88d682-8df2-4afe-9e0d-c2bbbe773dd0"
TARE: Final = "9a88d683-8df2-4afe-9e0d-c2bbbe773dd0"
MODE_SERVICE: Final = "467a8516-6e39-11eb-9439-0242ac130002"
MODE: Final = "467a8517-6e39-11eb-9439-0242ac130002"

TARE_NOW: Final = b"\x01"
STREAM: Final = b"\x04"
TARE_MODE: Final = b"\x05"
IDLE: Final = b"\x07"

MOST_SAMPLES: Final = 170
"""What fits the longest value that ATT has, 512 bytes."""


def frame_length(data: bytes) -> int | None:
    """Return how long the notification is that `data` begins, bytes; None if that is not in it yet.

    Raises WireError for more samples than a notification carries, or none.
    """
    if len(data) < _COUNT_SIZE:
        return None
    count = int.from_bytes(data[:_COUNT_SIZE])
    if not 1 <= count <= MOST_SAMPLES:
        raise WireError(f"a notification does not hold {count} samples")
    return _COUNT_SIZE + _SAMPLE_SIZE * count


def decode(data: bytes) -> tuple[float, ...]:
    """Read a notification: one or more forces, newtons, in steps of a pound."""
    if len(data) < _COUNT_SIZE:
        raise WireError(f"a notification has at least {_COUNT_SIZE} bytes, this one {len(data)}")
    count = int.from_bytes(data[:_COUNT_SIZE])
    if not count or len(data) != _COUNT_SIZE + _SAMPLE_SIZE * count:
        raise WireError(f"a notification of {count} samples does not have {len(data)} bytes")
    return tuple(
        [
            (data[i] * _HIGH + data[i + 1] * _MIDDLE + data[i + 2]) * NEWTONS_PER_LB
            for i in range(_COUNT_SIZE, len(data), _SAMPLE_SIZE)
        ]
    )


def encode(forces_n: tuple[float, ...]) -> bytes:
    """Write a notification, as the board does: whole pounds, a pull is 0. Raises WireError when one does not fit."""
    if not 1 <= len(forces_n) <= _MAX_COUNT:
        raise WireError(f"a notification holds 1 to {_MAX_COUNT} samples, not {len(forces_n)}")
    return len(forces_n).to_bytes(_COUNT_SIZE) + b"".join(_sample(force_n) for force_n in forces_n)


_COUNT_SIZE: Final = 2
_SAMPLE_SIZE: Final = 3
_MAX_COUNT: Final = 0xFFFF
_HIGH: Final = 0x8000
"""As published: 2^15, not 2^16. What is written here keeps the middle byte under 0x80; any is read."""
_MIDDLE: Final = 0x100
_HIGHEST: Final = 0xFF * _HIGH + 0x7FFF
"""The most pounds that can be written."""


def _sample(force_n: float) -> bytes:
    try:
        pounds = max(round(force_n / NEWTONS_PER_LB), 0)
    except (ValueError, OverflowError) as error:
        raise WireError(f"{force_n} N does not fit the wire: {error}") from error
    if pounds > _HIGHEST:
        raise WireError(f"{pounds} lb do not fit the wire")
    high, rest = divmod(pounds, _HIGH)
    return bytes((high, *divmod(rest, _MIDDLE)))
