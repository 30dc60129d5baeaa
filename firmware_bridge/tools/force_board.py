"""The driver for the PitchSix Force Board: whole pounds, for a log alone. Not verified on hardware."""

import asyncio
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge import wire_force_board as wire
from firmware_bridge.capabilities import FORCE_BOARD
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.reassembly import Reassembly
from firmware_bridge.rig import REFERENCE_RIG, Rig
from firmware_bridge.tool import OnSignal
from firmware_bridge.tools.gatt_tool import GattTool
from firmware_bridge.tools.load_cell import LoadCell

PERIOD_US: Final = 1_000_000 // FORCE_BOARD.rate_hz


class ForceBoard(LoadCell, GattTool):
    """One board; implements `firmware_bridge.tool.Tool`. It has no clock: a reading's time is when it came."""

    def __init__(
        self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None, rig: Rig = REFERENCE_RIG
    ) -> None:
        GattTool.__init__(self, device, on_signal=on_signal, radio=radio)
        LoadCell.__init__(self, self.name, FORCE_BOARD, rig, on_signal)
        self._frames = Reassembly(wire.frame_length, wire.decode)
        self._last_us: int | None = None

    async def _enter(self, connection: GattConnection) -> None:
        self._require(connection, (wire.FORCE, wire.MODE), "Force Board")
        self._entered_anew(keeps_zero=False)
        self._frames.forget()
        self._last_us = None
        await connection.subscribe(wire.FORCE, self._notified)

    async def _begin(self) -> None:
        self._last_us = None
        await self._write_to(wire.MODE, wire.STREAM)

    async def _end(self) -> None:
        await self._write_to(wire.MODE, wire.IDLE)

    def _check_linked(self) -> None:
        self._linked()

    def _abandon(self, why: str) -> None:
        self._scale.abandon(why)

    def _notified(self, data: bytes) -> None:
        before = self._frames.garbage
        for forces_n in self._frames.push(data):
            last_us = round(asyncio.get_running_loop().time() * 1e6)
            first_us = last_us - PERIOD_US * (len(forces_n) - 1)
            # What came late shows as a gap too; a log may say of too much that it is missing.
            missing = 0 if self._last_us is None else round((first_us - self._last_us) / PERIOD_US) - 1
            self._last_us = last_us
            lost = round(missing / len(forces_n)) if missing >= len(forces_n) else 0
            self._measured(forces_n, first_us % _RANGE_US, PERIOD_US, lost=lost)
        self.garbage += self._frames.garbage - before


_RANGE_US: Final = 1 << 32
