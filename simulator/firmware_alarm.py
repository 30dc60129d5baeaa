"""What an armed tool does by itself (tool profile, "What an armed tool does by itself")."""

from dataclasses import dataclass

from firmware_bridge.tool import EventCode

CONTACT_N = 2.0
"""Force above which the tool touches somebody; the alarm ends below it, and arming needs less."""

CONTACT_GAP_US = 1_000_000
"""Gaps shorter than this belong to the same contact."""

OVER_LIMIT_US = 50_000
"""How long the force must stay above the limit."""

ALARM_US = 30_000_000
"""The longest an alarm plays."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an armed tool enforces."""

    force_limit_n: float
    hold_limit_us: int
    heartbeat_us: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A limit was passed: the event that says so, with its value (newtons or seconds)."""

    code: EventCode
    value: float


class ArmedGuard:
    """Watches every sample while armed. It follows contact unarmed too: arming starts no new clock.

    Times are the tool's own µs and do not decrease.
    """

    def __init__(self) -> None:
        self._limits: Limits | None = None
        self._heartbeat_us = 0
        self._over_since_us: int | None = None
        self._contact_us = 0
        self._touched_us: int | None = None

    @property
    def is_armed(self) -> bool:
        """Whether limits stand."""
        return self._limits is not None

    def arm(self, limits: Limits, now_us: int) -> None:
        """Take these limits from now on; the clock of a contact that lasts goes on."""
        if self._limits is None:
            self._over_since_us = None
        self._limits, self._heartbeat_us = limits, now_us

    def disarm(self) -> None:
        """Enforce nothing."""
        self._limits = None

    def heartbeat(self, now_us: int) -> None:
        """Note that the app is alive."""
        self._heartbeat_us = now_us

    def checked(self, force_n: float, *, saturated: bool, fault: bool, now_us: int) -> Trip | None:
        """Take a sample (newtons, NaN: invalid); return the limit it passes and be disarmed, or None.

        A saturated or invalid sample counts as above the limit; an invalid one goes on with a contact.
        """
        valid = force_n == force_n  # noqa: PLR0124 - the cheapest test for NaN, once a sample
        in_contact = self._followed(force_n, now_us)
        limits = self._limits
        if limits is None:
            return None
        if fault:
            return self._tripped(EventCode.SENSOR_FAULT, 0.0)
        if not valid or saturated or force_n > limits.force_limit_n:
            if self._over_since_us is None:
                self._over_since_us = now_us
            if now_us - self._over_since_us >= OVER_LIMIT_US:
                return self._tripped(EventCode.FORCE_LIMIT, force_n)
        else:
            self._over_since_us = None
        if in_contact and now_us - self._contact_us > limits.hold_limit_us:
            return self._tripped(EventCode.HOLD_LIMIT, (now_us - self._contact_us) / 1e6)
        if now_us - self._heartbeat_us >= limits.heartbeat_us:
            return self._tripped(EventCode.HEARTBEAT_LOST, 0.0)
        return None

    def _followed(self, force_n: float, now_us: int) -> bool:
        joins = self._touched_us is not None and now_us - self._touched_us < CONTACT_GAP_US
        if force_n > CONTACT_N:
            if not joins:
                self._contact_us = now_us
        elif force_n <= CONTACT_N or not joins:
            return False
        self._touched_us = now_us
        return True

    def _tripped(self, code: EventCode, value: float) -> Trip:
        self._limits = None
        return Trip(code, value)


class ReleaseAlarm:
    """The alarm itself: it plays until the force is gone, a long press, or its longest time is over."""

    def __init__(self) -> None:
        self._since_us: int | None = None

    @property
    def is_on(self) -> bool:
        """Whether it plays."""
        return self._since_us is not None

    def start(self, now_us: int) -> None:
        """Play from now."""
        self._since_us = now_us

    def stop(self) -> bool:
        """Fall silent; return whether it played."""
        played, self._since_us = self.is_on, None
        return played

    def checked(self, force_n: float, now_us: int) -> bool:
        """Take a sample; return whether it ended the alarm."""
        if self._since_us is None:
            return False
        return (force_n < CONTACT_N or now_us - self._since_us >= ALARM_US) and self.stop()
