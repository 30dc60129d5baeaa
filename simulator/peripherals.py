"""A simulated Holdwell tool on the radio: samples, clock and power around the tool's own logic."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self, assert_never

from bumble import hci
from bumble.device import Device

from firmware_bridge import wire
from simulator.advertisement import advertising_bytes
from simulator.firmware import Firmware
from simulator.force_source import ForceSource, StreamFollower
from simulator.radio import Radio
from simulator.tool_clock import ToolClock
from simulator.tool_output import Actuate, Channel, Output, PowerOff, Send
from simulator.tool_server import FIRMWARE_REVISION, RECORDING_REVISION, ToolServer
from simulator.virtual_controller import DEFAULT_RSSI_DBM

__all__ = ["ForceSource", "SimulatedTool", "StreamFollower", "ToolClock"]

BATCH_NS: Final = 50_000_000
"""The tool's samples are worked off this often at least, and whenever somebody talks to it."""


class SimulatedTool:
    """A tool on the radio, from `start` to `close`; also an async context manager.

    `ended` is set when the force source has no more: everything sampled has been sent then, and after it the event
    that the tool switches off soon; it samples no more, and `close` takes it off the air. `ended` is set, too, when the
    source fails; `close` raises what it failed with. `switched_off` is set while the tool is off by its own
    doing; `reboot` switches it on again. `clock`: the device's offset and drift; it counts from
    power-up. `address`: follows from the tool's name if not given.
    """

    def __init__(
        self,
        radio: Radio,
        firmware: Firmware,
        force: ForceSource,
        *,
        clock: ToolClock | None = None,
        address: str = "",
        bonds: Path | None = None,
        rssi_dbm: int = DEFAULT_RSSI_DBM,
    ) -> None:
        self.firmware = firmware
        self.force = force
        self.ended = asyncio.Event()
        self.switched_off = asyncio.Event()
        self._radio = radio
        self._clock = self._drift = clock or ToolClock()
        self._address, self._bonds, self._rssi_dbm = address, bonds, rssi_dbm
        self._follows = isinstance(force, StreamFollower)
        revision = RECORDING_REVISION if self._follows else FIRMWARE_REVISION
        self._server = ToolServer(self, lambda: self.firmware, revision=revision)
        self._device: Device | None = None
        self._sampler: asyncio.Task[None] | None = None
        self._next_us = 0
        self._last_us = 0
        self._failure: Exception | None = None

    @property
    def name(self) -> str:
        """The name that it advertises."""
        return self.firmware.local_name

    @property
    def device(self) -> Device:
        """The Bumble device; raises LookupError unless started."""
        if self._device is None:
            raise LookupError(f"{self.firmware.name} is not on the radio: start() first")
        return self._device

    @property
    def address(self) -> str:
        """Where it is on the radio."""
        return self.device.random_address.to_string(with_type_qualifier=False)

    @property
    def is_connected(self) -> bool:
        """Whether an app is connected."""
        return self._server.is_connected

    async def start(self) -> None:
        """Switch on: advertise and sample."""
        self._device = await self._radio.add_peripheral(
            self.firmware.name,
            self._server.services(),
            advertising_data=advertising_bytes(service_uuids=(wire.SERVICE,), short_name=self.firmware.local_name),
            address=self._address,
            bonds=self._bonds,
            rssi_dbm=self._rssi_dbm,
        )
        self._server.attach(self._device)
        self._power_up()

    async def close(self) -> None:
        """Take it off the radio."""
        sampler, self._sampler = self._sampler, None
        device, self._device = self._device, None
        if device is not None:
            await self._radio.remove_peripheral(device)
            await self._server.detach()
        await _end(sampler)
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    async def reboot(self, off_s: float = 0.5) -> None:
        """Cut the power for a while: counters, tare and arming start anew; bonds stay."""
        self._radio.faults.power_cut(self.address)
        sampler, self._sampler = self._sampler, None
        await _end(sampler)
        await asyncio.sleep(off_s)
        self.firmware = self.firmware.rebooted()
        self._radio.faults.power_back(self.address)
        self._power_up()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # From here on: what the server tells. Each first works off the samples that came before.

    def linked(self, mtu: int) -> None:
        """Take a client."""
        self.firmware.linked(mtu, self._catch_up())

    def unlinked(self) -> None:
        """Lose the client."""
        self.firmware.unlinked(self._catch_up())

    def mtu_changed(self, mtu: int) -> None:
        """Take the MTU agreed on."""
        self.firmware.mtu_changed(mtu)

    def subscribed(self, channel: Channel, *, on: bool) -> None:
        """Take or end a subscription."""
        now_us = self._catch_up()
        self._do(self.firmware.subscribed(channel, on, now_us), _now_ns())

    def requested(self, data: bytes) -> None:
        """Take a write to Control."""
        now_us = self._catch_up()
        self._do(self.firmware.requested(data, now_us), _now_ns())

    def indicated(self, channel: Channel) -> None:
        """Take a confirmation."""
        now_us = self._catch_up()
        self._do(self.firmware.indicated(channel, now_us), _now_ns())

    def unanswered(self) -> None:
        """Hang up on a client that confirms nothing."""
        self._radio.faults.disconnect(self.address)

    def _power_up(self) -> None:
        self.switched_off.clear()
        self._clock = replace(self._drift, power_up_ns=_now_ns())
        self._last_us = self._clock.offset_us
        self._next_us = self._last_us + self.firmware.sample_period_us
        self._sampler = asyncio.create_task(self._sample(), name=f"tool {self.firmware.local_name}")

    async def _sample(self) -> None:
        while not self._is_done:
            self._catch_up()
            ahead = self.firmware.samples_per_packet - 1
            due_ns = self._clock.host_ns(self._next_us + ahead * self.firmware.sample_period_us)
            await asyncio.sleep(max(0, min(due_ns - _now_ns(), BATCH_NS)) / 1e9)

    @property
    def _is_done(self) -> bool:
        return self.ended.is_set() or self.switched_off.is_set()

    def _catch_up(self) -> int:
        """Work off all samples due by now; return the device's time now."""
        now_ns = _now_ns()
        while not self._is_done:
            at_ns = self._clock.host_ns(self._next_us)
            if at_ns > now_ns:
                break
            try:
                self._take_sample(self._next_us, at_ns)
            except Exception as error:  # noqa: BLE001 (kept for close; Bumble would swallow it half of the time)
                self._failure = error
                self.ended.set()
            self._next_us += self.firmware.sample_period_us
        self._last_us = max(self._last_us, self._clock.device_us(now_ns))
        return self._last_us

    def _take_sample(self, at_us: int, at_ns: int) -> None:
        if self._follows and self.firmware.is_streaming:
            self._follows = False
            assert isinstance(self.force, StreamFollower)
            self.force.start(at_ns)
        force_n = self.force.force_n(at_ns)
        if force_n is None:
            self.ended.set()
            self._do([*self.firmware.flush(at_us), *self.firmware.switch_off(at_us)], at_ns)
            return
        for edge_ns, down in self.force.button_edges(at_ns):
            # An edge may be known only now, after the tool has heard of something later.
            self._last_us = max(self._last_us, self._clock.device_us(edge_ns))
            self._do(self.firmware.button(down, self._last_us), edge_ns)
        self._last_us = max(self._last_us, at_us)
        self._do(self.firmware.sampled(force_n, at_us), at_ns)

    def _switch_off(self) -> None:
        self.switched_off.set()
        reason = hci.HCI_REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
        self._radio.faults.disconnect(self.address, reason)
        self._radio.faults.power_cut(self.address)

    def _do(self, outputs: list[Output], at_ns: int) -> None:
        for output in outputs:
            match output:
                case Send():
                    self._server.send(output)
                case Actuate():
                    self.force.feel(output, at_ns)
                case PowerOff():
                    self._switch_off()
                case _:
                    assert_never(output)


def _now_ns() -> int:
    return round(asyncio.get_running_loop().time() * 1e9)


async def _end(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait([task])
