"""What comes from one tool, put in order and into host time, over drops and reboots."""

from collections import deque
from typing import Final

from firmware_bridge.device_clock import DeviceClock
from firmware_bridge.link_news import TimedBlock, TimedEvent
from firmware_bridge.sequence import SequenceCounter
from firmware_bridge.tool import EventCode, ForceBlock, Status, ToolEvent


class Arrivals:
    """The memory of one tool's packets and events; all times of arrival are host ns and do not decrease."""

    def __init__(self) -> None:
        self._clock = DeviceClock()
        self._sequence = SequenceCounter()
        self._told: deque[tuple[EventCode, int, int]] = deque(maxlen=_EVENTS_KEPT)
        self._was_tared = False

    @property
    def has_begun(self) -> bool:
        """Whether any packet ever came."""
        return self._sequence.newest is not None

    @property
    def packets_lost(self) -> int:
        """How many packets of force never came."""
        return self._sequence.lost

    @property
    def packets_stale(self) -> int:
        """How many packets came twice or too late, and were left out."""
        return self._sequence.stale

    def resume(self, block: ForceBlock, arrived_ns: int) -> bool:
        """Look at the first packet after a drop; say whether the tool was switched off, and if so start anew.

        Counter, sequence and zero are lost at power-up only. Three signs, for a counter may by chance begin anew
        where the old one would be. Without a packet from before, or with a tool that gives no sign (`anew`), there is
        no telling, so it is assumed.
        """
        rebooted = (
            not self.has_begun
            or block.anew
            or self._clock.restarted(block.first_us, arrived_ns)
            or self._sequence.is_behind(block.sequence)
            or (self._was_tared and Status.TARED not in block.status)
        )
        if rebooted:
            self._clock.restart()
            self._sequence.restart()
            self._told.clear()
        return rebooted

    def timed_block(self, block: ForceBlock, arrived_ns: int) -> TimedBlock | None:
        """Put a packet into host time; None for one that came twice or too late."""
        arrival = self._sequence.note(block.sequence)
        if not arrival.fresh:
            return None
        self._was_tared = Status.TARED in block.status
        first_ns, period_ns = self._clock.map(block.first_us, block.period_us, arrived_ns, len(block.forces_n))
        return TimedBlock(first_ns, period_ns, block.forces_n, block.status, arrival.lost)

    def timed_event(self, event: ToolEvent, arrived_ns: int) -> TimedEvent | None:
        """Put an event into host time; None for one that was told before.

        An indication whose confirmation was lost with the link comes again.
        """
        identity = (event.code, event.sequence, event.device_us)
        if identity in self._told:
            return None
        self._told.append(identity)
        return TimedEvent(self._clock.map_event(event.device_us, arrived_ns), event)


# Twice what a tool keeps for a client that is away.
_EVENTS_KEPT: Final = 16
