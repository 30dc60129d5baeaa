"""A tool's indications: events kept until somebody has them, answers, and one on its way at a time."""

from collections import deque

from firmware_bridge.tool import EventCode, ToolEvent
from firmware_bridge.wire import encode_event
from firmware_bridge.wire_control import Answer, encode_answer
from simulator.tool_output import Channel, Send

KEPT_EVENTS = 8
"""How many events wait for a client (tool profile, Event indication)."""

KEPT_ANSWERS = 16
"""A client that never confirms must not fill the memory; ATT drops its link after 30 s."""


class Outbox:
    """Queues indications. ATT allows one unconfirmed indication a link, so answers and events take turns."""

    def __init__(self) -> None:
        self._events: deque[bytes] = deque(maxlen=KEPT_EVENTS)
        self._answers: deque[tuple[bytes, bool]] = deque(maxlen=KEPT_ANSWERS)
        self._on_its_way: Send | None = None
        self._open: set[Channel] = set()
        self._sequence = 0

    @property
    def owes_answer(self) -> bool:
        """Whether the answer to an ordinary request has not gone out yet."""
        return any(ordinary for _, ordinary in self._answers)

    def open(self, channel: Channel) -> None:
        """Take a subscription."""
        self._open.add(channel)

    def close(self, channel: Channel) -> None:
        """End a subscription: answers are void then, an event that was not confirmed is kept."""
        self._open.discard(channel)
        if channel is Channel.CONTROL:
            self._answers.clear()
        if self._on_its_way is not None and self._on_its_way.channel is channel:
            sent, self._on_its_way = self._on_its_way, None
            if channel is Channel.EVENT and len(self._events) < KEPT_EVENTS:
                self._events.appendleft(sent.value)

    def event(self, code: EventCode, value: float, at_us: int) -> None:
        """Keep an event of this time; beyond `KEPT_EVENTS` the oldest is lost."""
        self._events.append(encode_event(ToolEvent(code, self._sequence, at_us & 0xFFFFFFFF, value)))
        self._sequence = (self._sequence + 1) & 0xFF

    def answer(self, answer: Answer, *, ordinary: bool) -> None:
        """Queue an answer, void when nobody subscribed; the next request waits for an `ordinary` one."""
        if Channel.CONTROL in self._open:
            self._answers.append((encode_answer(answer), ordinary))

    def confirmed(self, channel: Channel) -> None:
        """Note that the client has the indication that was on its way."""
        if self._on_its_way is not None and self._on_its_way.channel is channel:
            self._on_its_way = None

    def due(self) -> list[Send]:
        """Return the indication that goes out now, answers first; none while one is on its way."""
        if self._on_its_way is not None:
            return []
        if self._answers:
            send = Send(Channel.CONTROL, self._answers.popleft()[0])
        elif self._events and Channel.EVENT in self._open:
            send = Send(Channel.EVENT, self._events.popleft())
        else:
            return []
        self._on_its_way = send
        return [send]
