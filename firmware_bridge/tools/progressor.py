"""The driver for the Tindeq Progressor and the open load cells that speak its protocol. Not verified on hardware."""

import asyncio
from typing import Final

from bleak.backends.device import BLEDevice

from firmware_bridge import wire_progressor as wire
from firmware_bridge.capabilities import PROGRESSOR
from firmware_bridge.errors import LinkError, WireError
from firmware_bridge.gatt import GattConnection, Radio
from firmware_bridge.reassembly import Reassembly
from firmware_bridge.rig import REFERENCE_RIG, Rig
from firmware_bridge.tool import DeviceInformation, EventCode, OnSignal, ToolEvent
from firmware_bridge.tools.gatt_tool import GattTool
from firmware_bridge.tools.load_cell import LoadCell
from firmware_bridge.tools.progressor_stream import ProgressorStream

ANSWER_LIMIT_S: Final = 2.0


class Progressor(LoadCell, GattTool):
    """One Progressor; implements `firmware_bridge.tool.Tool`. It is never told to sleep or to calibrate."""

    def __init__(
        self, device: BLEDevice, *, on_signal: OnSignal, radio: Radio | None = None, rig: Rig = REFERENCE_RIG
    ) -> None:
        GattTool.__init__(self, device, on_signal=on_signal, radio=radio)
        LoadCell.__init__(self, self.name, PROGRESSOR, rig, on_signal)
        self._frames = Reassembly(wire.frame_length, wire.decode, lambda notice: isinstance(notice, wire.Weights))
        self._stream = ProgressorStream()
        self._turn = asyncio.Lock()
        self._reply: asyncio.Future[wire.Reply] | None = None
        self._events = 0
        self._last_us = 0

    async def information(self) -> DeviceInformation:
        """Ask for its firmware and its battery; what it does not answer is left empty."""
        firmware, millivolts = "", None
        try:
            version = await self._asked(wire.Command.FIRMWARE_VERSION)
            # After one that never came the next reply might be that one, late.
            battery = None if version is None else await self._asked(wire.Command.BATTERY)
            firmware = "" if version is None else version.text
            millivolts = None if battery is None else battery.battery_mv
        except WireError:
            self.garbage += 1
        return DeviceInformation(model=PROGRESSOR.title, serial=self.name, firmware=firmware, battery_mv=millivolts)

    async def _enter(self, connection: GattConnection) -> None:
        self._require(connection, (wire.DATA, wire.CONTROL), "Progressor")
        self._entered_anew(keeps_zero=False)
        self._frames.forget()
        await connection.subscribe(wire.DATA, self._notified)

    async def _begin(self) -> None:
        self._stream = ProgressorStream()
        await self._write_to(wire.CONTROL, bytes([wire.Command.START]))

    async def _end(self) -> None:
        await self._write_to(wire.CONTROL, bytes([wire.Command.STOP]))

    def _check_linked(self) -> None:
        self._linked()

    def _abandon(self, why: str) -> None:
        self._scale.abandon(why)
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(LinkError(self.name, why))

    async def _asked(self, command: wire.Command) -> wire.Reply | None:
        # A reply does not say to what: one question at a time.
        async with self._turn:
            self._reply = asyncio.get_running_loop().create_future()
            try:
                await self._write_to(wire.CONTROL, bytes([command]))
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    return await self._reply
            except TimeoutError:
                return None
            finally:
                self._reply.cancel()
                if not self._reply.cancelled():
                    self._reply.exception()
                self._reply = None

    def _notified(self, data: bytes) -> None:
        before = self._frames.garbage
        for notice in self._frames.push(data):
            self._noticed(notice)
        self.garbage += self._frames.garbage - before

    def _noticed(self, notice: wire.Notice) -> None:
        match notice:
            case wire.Weights(samples):
                self._last_us = samples[-1].device_us
                for run in self._stream.runs(samples):
                    self._measured(run.raw_n, run.first_us, run.period_us, lost=run.lost)
            case wire.Reply():
                if self._reply is None or self._reply.done():
                    self.garbage += 1
                else:
                    self._reply.set_result(notice)
            case wire.LowPower():
                self._is_battery_low = True
                self._events += 1
                self._on_signal(ToolEvent(EventCode.BATTERY_LOW, self._events % _EVENTS, self._last_us, 0))


_EVENTS: Final = 256
