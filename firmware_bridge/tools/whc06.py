"""The driver for the WH-C06 hook scale, which is never connected to: it advertises what it weighs.

Not verified on hardware.
"""

import asyncio
from collections import deque
from enum import Enum
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge import wire_whc06 as wire
from firmware_bridge.advertisements import Listening
from firmware_bridge.capabilities import WHC06 as CAPABILITIES
from firmware_bridge.errors import LinkError, UnsupportedToolError, WireError
from firmware_bridge.gatt import Radio
from firmware_bridge.rig import REFERENCE_RIG, Rig
from firmware_bridge.tool import DeviceInformation, Dropped, OnSignal
from firmware_bridge.tools.load_cell import LoadCell

PERIOD_US: Final = 1_000_000 // CAPABILITIES.rate_hz
SILENCE_S: Final = 1.5
"""Without a live reading for this long the link is lost."""

LISTEN_S: Final = 10.0
STEADY_READINGS: Final = 4
STEADY_S: Final = 1.0
"""Heard this often in this time, about half of all, it can be used: time between rarer readings earns nothing."""

UNEVEN: Final = 1.5
"""Readings further apart than this many periods have others missing between them."""


class WHC06(LoadCell):
    """One scale; implements `firmware_bridge.tool.Tool`. Its link is that it is heard. Arguments as in GattTool.

    It has no clock: a reading's time is when it was heard.
    """

    def __init__(
        self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None, rig: Rig = REFERENCE_RIG
    ) -> None:
        self.garbage = 0
        self._device = device
        super().__init__(self.name, CAPABILITIES, rig, on_signal)
        self._listening = Listening(device.address, wire.COMPANY_ID, self._heard, radio)
        self._on_signal = on_signal
        self._is_up = False
        self._watch: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._live_s: deque[float] = deque(maxlen=STEADY_READINGS)
        self._times_heard = 0
        self._obstacle = ""
        self._counter: int | None = None
        self._counted_s = 0.0

    @property
    def name(self) -> str:
        """What the scale calls itself: each of its kind the same."""
        return self._device.name or self._device.address

    @property
    def address(self) -> str:
        """Where it is on the radio."""
        return self._device.address

    @property
    def is_connected(self) -> bool:
        """Whether it is heard."""
        return self._is_up

    async def connect(self) -> None:
        """Listen until it is heard often enough.

        Raises LinkError when it is not, and UnsupportedToolError when its display is set to something else than kg.
        """
        await self.disconnect()
        began_s = _now_s()
        try:
            await self._listening.begin(self.name)
            try:
                async with asyncio.timeout(LISTEN_S):
                    while not self._is_steady():
                        await self._changed.wait()
                        self._changed.clear()
            except TimeoutError as error:
                raise self._unheard(_now_s() - began_s) from error
        except BaseException:
            await self.disconnect()
            raise
        self._is_up = True
        self._watch = asyncio.create_task(self._watched(), name=f"listening to {self.address}")

    async def information(self) -> DeviceInformation:
        """Return what is known without asking: it answers nothing."""
        self._check_linked()
        return DeviceInformation(model=CAPABILITIES.title, serial=self.address)

    async def disconnect(self) -> None:
        """Listen no more; no Dropped signal follows. Safe at any time."""
        self._is_up = False
        self._scale.abandon("was disconnected")
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            await asyncio.wait([watch])
        await self._listening.end()
        self._live_s.clear()
        self._changed.clear()
        self._times_heard, self._obstacle = 0, ""

    async def _begin(self) -> None:
        """Need nothing: it always says what it weighs."""

    async def _end(self) -> None:
        """Need nothing."""

    def _check_linked(self) -> None:
        if not self._is_up:
            raise LinkError(self.name, "is not connected")

    def _is_steady(self) -> bool:
        return len(self._live_s) == STEADY_READINGS and self._live_s[-1] - self._live_s[0] <= STEADY_S

    def _unheard(self, seconds: float) -> LinkError | UnsupportedToolError:
        if self._obstacle:
            return UnsupportedToolError(self.name, self._obstacle)
        if not self._times_heard:
            return LinkError(self.name, "is not heard; switch it on, and bring it near")
        return LinkError(
            self.name,
            f"is heard too seldom to credit a hold, {self._times_heard} times in {seconds:.0f} s instead of about "
            f"{CAPABILITIES.rate_hz * seconds:.0f}; bring it nearer",
        )

    def _heard(self, data: bytes) -> None:
        try:
            reading = wire.decode(data)
        except wire.UnitError as error:
            self._obstacle = str(error)
            return
        except WireError:
            self.garbage += 1
            return
        now_s = _now_s()
        if reading.counter == self._counter:
            return
        history = self._history(reading.counter, now_s)
        since_s = now_s - self._counted_s
        self._counter, self._counted_s = reading.counter, now_s
        if history is _History.BEGAN_ANEW:
            self._scale.lose_zero()
            if self._is_up:
                self._lost("was switched off and on")
                return
        if reading.held:
            self._obstacle = "holds an old value on its display; press its hold key"
            return
        self._obstacle = ""
        self._times_heard += 1
        if not self._live_s:
            self._entered_anew(keeps_zero=history is _History.WENT_ON)
        self._live_s.append(now_s)
        self._changed.set()
        missing = round(since_s * 1e6 / PERIOD_US) - 1 if since_s * 1e6 > UNEVEN * PERIOD_US else 0
        first_us = round(now_s * 1e6) % _RANGE_US
        self._measured((reading.force_n,), first_us, PERIOD_US, lost=min(missing, _MOST_MISSING))

    def _history(self, counter: int, now_s: float) -> "_History":
        if self._counter is None:
            return _History.UNKNOWN
        most = (now_s - self._counted_s) * 2 * CAPABILITIES.rate_hz + CAPABILITIES.rate_hz
        if (counter - self._counter) % _COUNTERS <= most:
            return _History.WENT_ON
        return _History.BEGAN_ANEW if counter <= most else _History.UNKNOWN

    async def _watched(self) -> None:
        while True:
            left_s = self._live_s[-1] + SILENCE_S - _now_s()
            if left_s <= 0:
                break
            await asyncio.sleep(left_s)
        self._lost("is not heard any more")

    def _lost(self, why: str) -> None:
        if self._is_up:
            self._is_up = False
            self._scale.abandon(why)
            self._on_signal(Dropped.LINK)


class _History(Enum):
    """What a counter says of the time since the last one."""

    WENT_ON = 1
    BEGAN_ANEW = 2
    UNKNOWN = 3


_RANGE_US: Final = 1 << 32
_COUNTERS: Final = 1 << 16
_MOST_MISSING: Final = 1000


def _now_s() -> float:
    return asyncio.get_running_loop().time()
