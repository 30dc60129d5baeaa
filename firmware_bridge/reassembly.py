"""Whole frames from notifications that a small MTU or a serial bridge may have cut or joined."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from firmware_bridge.errors import WireError

MOST_PIECES: Final = 512
"""A frame in more pieces than this is none: no value of ATT is longer than 512 bytes."""

Frame = TypeVar("Frame")


class Reassembly(Generic[Frame]):
    """Puts frames together.

    `length_of` gives the length of the frame that some bytes begin, None if they are too few to tell; it and `decode`
    raise WireError for what is no frame. `is_sure`: whether a frame that is whole in one notification cannot be a
    piece of another by chance. `garbage` counts notifications that made none.
    """

    def __init__(
        self,
        length_of: Callable[[bytes], int | None],
        decode: Callable[[bytes], Frame],
        is_sure: Callable[[Frame], bool] = lambda _frame: True,
    ) -> None:
        self.garbage = 0
        self._length_of = length_of
        self._decode = decode
        self._is_sure = is_sure
        self._pieces: list[bytes] = []

    def forget(self) -> None:
        """Begin anew: what has come of a frame is garbage."""
        self.garbage += len(self._pieces)
        self._pieces = []

    def push(self, data: bytes) -> list[Frame]:
        """Return the frames that this notification completes, in order; never raises."""
        if not data:
            self.garbage += 1
            return []
        joined = self._split(b"".join((*self._pieces, data))) if self._pieces else None
        if joined is not None and not joined[1]:
            self._pieces = []
            return joined[0]
        alone = self._split(data)
        is_whole = alone is not None and not alone[1] and any(self._is_sure(frame) for frame in alone[0])
        # A whole frame ends the wait for the rest of another: that one might have been no frame at all, and would
        # take this one for its own bytes.
        if joined is not None and not is_whole and len(self._pieces) < MOST_PIECES:
            frames, rest = joined
            self._pieces = [rest] if frames else [*self._pieces, data]
            return frames
        self.forget()
        if alone is None:
            self.garbage += 1
            return []
        frames, rest = alone
        self._pieces = [rest] if rest else []
        return frames

    def _split(self, data: bytes) -> tuple[list[Frame], bytes] | None:
        """Return the frames in `data` and the beginning of one more; None where it is not made of frames."""
        frames: list[Frame] = []
        try:
            while data:
                length = self._length_of(data)
                if length is None or len(data) < length:
                    return frames, data
                frames.append(self._decode(data[:length]))
                data = data[length:]
        except WireError:
            return None
        return frames, b""
