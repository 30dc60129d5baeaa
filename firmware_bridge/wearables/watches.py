"""The watch drivers: InfiniTime, Bangle.js, and whatever only beeps. Not verified on hardware."""

import asyncio
from typing import Final

from firmware_bridge import wire_watch as wire
from firmware_bridge.errors import UnsupportedToolError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.wearables.gatt_wearable import GattWearable
from firmware_bridge.wearables.watch import PATTERNS_MS, OnAnswer, WatchAnswer, WatchCue

TITLE: Final = "Holdwell"
_ANSWERS: Final = {
    wire.CallAnswer.ACCEPT: WatchAnswer.ACCEPT,
    wire.CallAnswer.DECLINE: WatchAnswer.DECLINE,
    wire.CallAnswer.MUTE: WatchAnswer.MUTE,
}
_MUST_BE_FELT: Final = frozenset({WatchCue.RELEASE, WatchCue.DONE})


class AnyWatch(GattWearable):
    """One watch; which kind it is shows when it is connected. Implements `watch.Watch`.

    `on_answer` is called from the Bluetooth stack's callback and must only queue. `garbage` counts what is no answer.
    """

    def __init__(self, wanted: str, on_answer: OnAnswer, radio: Radio | None = None) -> None:
        super().__init__(wanted, wire.IMMEDIATE_ALERT_SERVICE, radio)
        self.garbage = 0
        self._on_answer = on_answer
        self._kind = ""

    @property
    def asks(self) -> bool:
        """Whether it can put a question and take an answer."""
        return self._kind == "infinitime"

    async def cue(self, cue: WatchCue, text: str) -> None:
        """Make a cue felt, and show `text` where it can. Raises BridgeError."""
        match self._kind:
            case "bangle":
                for piece in wire.buzz(PATTERNS_MS[cue]):
                    await self._write(wire.UART_WRITE, piece)
            case "infinitime":
                await self._infinitime(cue, text)
            case _:
                await self._beep(cue)

    async def _enter(self, connection: GattConnection) -> None:
        if connection.has(wire.UART_WRITE):
            self._kind = "bangle"
        elif connection.has(wire.NEW_ALERT):
            self._kind = "infinitime"
            if connection.has(wire.CALL_ANSWER):
                await connection.subscribe(wire.CALL_ANSWER, self._answered)
        elif connection.has(wire.ALERT_LEVEL):
            self._kind = "beeper"
        else:
            raise UnsupportedToolError(connection.name, "cannot be made to buzz from here")

    async def _infinitime(self, cue: WatchCue, text: str) -> None:
        if cue is WatchCue.QUESTION:
            await self._write(wire.NEW_ALERT, wire.call(text))
            return
        # Each alert is one short pulse and a notification: several of them are what must be felt.
        if cue in _MUST_BE_FELT:
            for _ in range(len(PATTERNS_MS[cue]) // 2 + 1):
                await self._write(wire.ALERT_LEVEL, wire.MILD_ALERT)
        await self._write(wire.NEW_ALERT, wire.message(TITLE, text))

    async def _beep(self, cue: WatchCue) -> None:
        if cue in _MUST_BE_FELT:
            await self._write(wire.ALERT_LEVEL, wire.MILD_ALERT)
            await asyncio.sleep(sum(PATTERNS_MS[cue]) / 1000)
            await self._write(wire.ALERT_LEVEL, wire.NO_ALERT)

    def _answered(self, data: bytes) -> None:
        try:
            self._on_answer(_ANSWERS[wire.decode_answer(data)])
        except WireError:
            self.garbage += 1
