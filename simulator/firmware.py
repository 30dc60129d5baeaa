"""The tool's own logic: Tool Profile 1.0, server side, without radio or clock.

Whoever drives it calls `sampled` once every sample period, streaming or not, and hands on what comes back.
All times are the tool's own µs counter, unwrapped; they must not decrease.
"""

from dataclasses import replace
from typing import assert_never

import numpy as np

from firmware_bridge.tool import Actuator, ButtonPress, EventCode, Status, ToolCue
from firmware_bridge.wire import encode_features
from simulator.firmware_alarm import ArmedGuard, ReleaseAlarm, Trip
from simulator.firmware_button import Button, Press
from simulator.firmware_control import ControlPoint
from simulator.firmware_outbox import Outbox
from simulator.firmware_power import OffReason, Power
from simulator.firmware_sensor import Sensor
from simulator.firmware_stream import DEFAULT_MTU, Stream
from simulator.load_cell import LoadCell, Reading
from simulator.tool_output import Actuate, Channel, Output, PowerOff, Send
from simulator.tool_traits import FLAT_TOOL, ToolTraits

__all__ = ["FLAT_TOOL", "Actuate", "Channel", "Firmware", "Output", "PowerOff", "Send", "ToolTraits"]


class Firmware:
    """One tool from power-up on. `seed` makes its load cell; same seed and calls, same outputs."""

    def __init__(self, traits: ToolTraits | None = None, seed: np.random.SeedSequence | int = 0) -> None:
        self.traits = traits = traits or ToolTraits()
        self._seed = seed
        self.serial, self.name, self.local_name = traits.serial, traits.name, traits.local_name
        self.features_value = encode_features(traits.features)
        self.cell = LoadCell(replace(traits.cell, capacity_n=traits.features.capacity_n), seed)
        self._sensor = Sensor(self.cell)
        self._guard = ArmedGuard()
        self._alarm = ReleaseAlarm()
        self._button = Button()
        self._outbox = Outbox()
        self._stream = Stream(traits.features)
        self._power = Power(traits.power)
        parts = self._sensor, self._guard, self._stream, self._outbox
        self._control = ControlPoint(traits.features, *parts, play=self._play, flush=self.flush)
        self._linked = self._is_off = False

    def __repr__(self) -> str:
        return f"<Firmware {self.name}>"

    @property
    def sample_period_us(self) -> int:
        """The present sampling period, whether streaming or not."""
        return self._stream.period_us

    @property
    def samples_per_packet(self) -> int:
        """How many samples the next packets hold."""
        return self._stream.samples_per_packet

    @property
    def battery_percent(self) -> int:
        """Charge left."""
        return self._power.percent

    @property
    def is_streaming(self) -> bool:
        """Whether samples go to a client now."""
        return self._stream.is_on

    @property
    def is_armed(self) -> bool:
        """Whether it guards by itself."""
        return self._guard.is_armed

    @property
    def is_alarming(self) -> bool:
        """Whether the release alarm plays."""
        return self._alarm.is_on

    def linked(self, mtu: int, now_us: int) -> None:
        """Take a client."""
        self._linked = True
        self._power.used(now_us)
        self._stream.set_mtu(mtu)

    def unlinked(self, now_us: int) -> None:
        """Lose the client: no streaming, no subscriptions, nobody waits for a tare. It stays armed."""
        self._linked = False
        self._power.used(now_us)
        self._stream.ask(on=False)
        self._stream.subscribe(on=False)
        self._stream.set_mtu(DEFAULT_MTU)
        self._sensor.abandon_tare()
        self._outbox.close(Channel.CONTROL)
        self._outbox.close(Channel.EVENT)

    def mtu_changed(self, mtu: int) -> None:
        """Fill packets as far as this ATT MTU allows."""
        self._stream.set_mtu(mtu)

    def subscribed(self, channel: Channel, on: bool, now_us: int) -> list[Output]:  # noqa: FBT001 - a CCCD's value
        """Take or end a subscription; events that waited for a client start to go out."""
        self._power.used(now_us)
        match channel:
            case Channel.FORCE:
                self._stream.subscribe(on=on)
            case Channel.EVENT | Channel.CONTROL if on:
                self._outbox.open(channel)
            case Channel.EVENT | Channel.CONTROL:
                self._outbox.close(channel)
            case _:
                assert_never(channel)
        return [*self._outbox.due()]

    def requested(self, data: bytes, now_us: int) -> list[Output]:
        """Take a write to Control; any bytes are allowed."""
        if self._is_off:
            return []
        self._power.used(now_us)
        return [*self._control.requested(data, now_us), *self._outbox.due()]

    def indicated(self, channel: Channel, now_us: int) -> list[Output]:
        """Take the client's confirmation of an indication: the next may go."""
        self._power.used(now_us)
        self._outbox.confirmed(channel)
        return [*self._outbox.due()]

    def button(self, down: bool, now_us: int) -> list[Output]:  # noqa: FBT001 - an edge is its direction
        """Take an edge of the button."""
        if self._is_off:
            return []
        self._power.used(now_us)
        return [*self._understood(self._button.moved(down=down, now_us=now_us)), *self._outbox.due()]

    def sampled(self, true_force_n: float, now_us: int) -> list[Output]:
        """Convert the force at the tip, newtons, and do all that depends on it or on time."""
        if self._is_off:
            return []
        outputs: list[Output] = []
        reading = self._sensor.read(true_force_n, now_us)
        force_n, saturated, fault = reading.force_n, reading.saturated, reading.fault is not None
        trouble = Status.NONE
        if saturated or reading.fault is not self._sensor.fault or fault:
            trouble = self._trouble(reading, now_us)
        trip = self._guard.checked(force_n, saturated=saturated, fault=fault, now_us=now_us)
        if trip is not None:
            outputs += self._raise_alarm(trip, now_us)
        elif self._alarm.is_on and self._alarm.checked(force_n, now_us):
            outputs.append(_QUIET)
        self._control.sampled(reading, now_us)
        if not self._button.is_idle:
            outputs += self._understood(self._button.due(now_us))
        if self._power.is_due(now_us):
            outputs += self._keep_house(now_us)
        if self._stream.is_on and self._stream.sampled(force_n, trouble, now_us):
            outputs += self._stream.flush(self._status())
        outputs += self._outbox.due()
        return outputs

    def flush(self, now_us: int) -> list[Output]:
        """Send a packet that is only partly filled, if there is one."""
        self._power.used(now_us)
        return [*self._stream.flush(self._status())]

    def switch_off(self, now_us: int) -> list[Output]:
        """Switch off by the person's hand: it says so, and is off five seconds later."""
        for code, value in self._power.go_off(OffReason.USER, now_us):
            self._outbox.event(code, value, now_us)
        return [*self._outbox.due()]

    def rebooted(self) -> "Firmware":
        """Return the same tool after a power cycle: clock, sequence numbers, tare and arming start anew."""
        return Firmware(self.traits, self._seed)

    def _trouble(self, reading: Reading, now_us: int) -> Status:
        for code, value in self._sensor.trouble(reading, now_us):
            self._outbox.event(code, value, now_us)
        saturated = Status.SATURATED if reading.saturated else Status.NONE
        return saturated | (Status.SENSOR_FAULT if reading.fault is not None else Status.NONE)

    def _raise_alarm(self, trip: Trip, now_us: int) -> list[Output]:
        if trip.code is not EventCode.SENSOR_FAULT:  # a fault said so when it began
            self._outbox.event(trip.code, trip.value, now_us)
        self._alarm.start(now_us)
        unload = Actuator.PRESSURE_RELIEF in self.traits.features.actuators
        return [Actuate(ToolCue.RELEASE, 255, 0, alarm=True, unload=unload)]

    def _understood(self, presses: list[Press]) -> list[Output]:
        outputs: list[Output] = []
        for press, first_us in presses:
            self._outbox.event(EventCode.BUTTON, press, first_us)
            if press is ButtonPress.LONG and self._alarm.stop():
                outputs.append(_QUIET)
        return outputs

    def _play(self, cue: ToolCue, strength: int, duration_ms: int) -> list[Output]:
        # Nothing that an app says may cover the release alarm.
        if self._alarm.is_on or not self.traits.features.actuators & _NOTICEABLE:
            return []
        return [Actuate(cue, strength, duration_ms, alarm=False, unload=False)]

    def _keep_house(self, now_us: int) -> list[Output]:
        if self._linked or self._guard.is_armed or not self._sensor.is_unloaded:
            self._power.used(now_us)
        for code, value in self._power.looked(now_us):
            self._outbox.event(code, value, now_us)
        self._is_off = self._power.is_off(now_us)
        return [PowerOff()] if self._is_off else []

    def _status(self) -> Status:
        status = Status.NONE
        if self._sensor.is_tared:
            status |= Status.TARED
        if self._guard.is_armed:
            status |= Status.ARMED
        if self._alarm.is_on:
            status |= Status.ALARM
        if self._button.is_down:
            status |= Status.BUTTON_DOWN
        if self._power.is_low:
            status |= Status.BATTERY_LOW
        return status


_NOTICEABLE = Actuator.LIGHT | Actuator.HAPTIC | Actuator.SOUNDER
_QUIET = Actuate(ToolCue.NONE, 0, 0, alarm=False, unload=False)
