"""The tool's one button: short, double and long presses (tool profile, event 01)."""

from firmware_bridge.tool import ButtonPress

DOUBLE_WITHIN_US = 350_000
LONG_AFTER_US = 800_000

Press = tuple[ButtonPress, int]
"""A press that is understood, and the device time of its first press-down."""


class Button:
    """Turns edges into presses. Times are the tool's own µs and do not decrease.

    A second press that is held to 800 ms is a long one: it means "too much", the safer reading.
    """

    def __init__(self) -> None:
        self._down_us: int | None = None
        self._first_us: int | None = None
        self._is_second = False

    @property
    def is_down(self) -> bool:
        """Whether it is pressed now."""
        return self._down_us is not None

    @property
    def is_idle(self) -> bool:
        """Whether `due` has nothing to wait for."""
        return self._first_us is None

    def moved(self, *, down: bool, now_us: int) -> list[Press]:
        """Take an edge; return what is understood by now. A repeated edge changes nothing."""
        presses = self.due(now_us)
        if down == self.is_down:
            return presses
        if down:
            self._is_second = self._first_us is not None
            self._first_us = self._first_us if self._is_second else now_us
            self._down_us = now_us
            return presses
        self._down_us = None
        if self._first_us is not None:
            if self._is_second:
                presses.append((ButtonPress.DOUBLE, self._first_us))
                self._first_us = None
            elif now_us - self._first_us > DOUBLE_WITHIN_US:
                presses.append((ButtonPress.SHORT, self._first_us))
                self._first_us = None
        return presses

    def due(self, now_us: int) -> list[Press]:
        """Return what time alone tells: a long press, or a short one that stayed alone."""
        if self._first_us is None:
            return []
        if self._down_us is not None:
            if now_us - self._down_us < LONG_AFTER_US:
                return []
            press = ButtonPress.LONG
        elif now_us - self._first_us > DOUBLE_WITHIN_US:
            press = ButtonPress.SHORT
        else:
            return []
        first_us, self._first_us = self._first_us, None
        return [(press, first_us)]
