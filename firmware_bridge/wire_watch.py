"""Bytes for watches, no IO: alerts and calls of InfiniTime, commands of Bangle.js, the alert that key finders have.

Sources: Bluetooth SIG, Alert Notification Service 1.0 and Immediate Alert Service 1.0; how InfiniTime documents its use
of them; how Espruino documents the Nordic UART console. Not verified on hardware.
"""

from enum import IntEnum
from typing import Final

from firmware_bridge.errors import WireError

IMMEDIATE_ALERT_SERVICE: Final = "00001802-0000-1000-8000-00805f9b34fb"
ALERT_LEVEL: Final = "00002a06-0000-1000-8000-00805f9b34fb"
NEW_ALERT: Final = "00002a46-0000-1000-8000-00805f9b34fb"
CALL_ANSWER: Final = "00020001-78fc-48fe-8e23-433b3a1942d0"
UART_SERVICE: Final = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
UART_WRITE: Final = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"

MILD_ALERT: Final = b"\x01"
NO_ALERT: Final = b"\x00"
PIECE_BYTES: Final = 20
"""What one write to the UART holds at the default MTU."""

LONGEST_TEXT: Final = 80


class CallAnswer(IntEnum):
    """Which button of a call was pressed on InfiniTime."""

    DECLINE = 0
    ACCEPT = 1
    MUTE = 2


def message(title: str, text: str) -> bytes:
    """Return a new alert with a title and a text."""
    return b"\x00\x01\x00" + _clean(title) + b"\x00" + _clean(text)


def call(name: str) -> bytes:
    """Return a call from `name`: it pulses each second until it is answered."""
    return b"\x03\x01\x00" + _clean(name)


def decode_answer(data: bytes) -> CallAnswer:
    """Read which button was pressed. Raises WireError."""
    try:
        (button,) = data
        return CallAnswer(button)
    except ValueError as error:
        raise WireError(f"no answer to a call is {data.hex(' ') or 'empty'}") from error


def buzz(pattern_ms: tuple[int, ...], strength: float = 0.8) -> list[bytes]:
    """Return the pieces of a Bangle.js command that buzzes so: on, off, on, milliseconds."""
    on_off = list(zip(pattern_ms[1::2], pattern_ms[2::2], strict=True))
    script = f"Bangle.buzz({pattern_ms[0]},{strength:g})" + "".join(
        f".then(()=>new Promise(r=>setTimeout(r,{off_ms}))).then(()=>Bangle.buzz({on_ms},{strength:g}))"
        for off_ms, on_ms in on_off
    )
    line = b"\x10" + script.encode() + b"\n"
    return [line[at : at + PIECE_BYTES] for at in range(0, len(line), PIECE_BYTES)]


def _clean(text: str) -> bytes:
    # What a watch's font lacks would be boxes, and a zero would end the text.
    return text.replace("\0", " ").encode("ascii", "replace")[:LONGEST_TEXT]
