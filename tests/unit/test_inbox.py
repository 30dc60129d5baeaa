"""The inbox: bounded for what comes by itself, open for what a person or tool says."""

from controller.inbox import Inbox
from protocols.events import InboxOverflowed, StopRequested, Ticked


async def test_what_does_not_fit_is_counted_and_told_first() -> None:
    inbox = Inbox(lambda: 7, capacity=2)
    for at_ns in range(5):
        inbox.post(Ticked(at_ns))
    assert await inbox.take() == InboxOverflowed(7, 3)
    assert [await inbox.take(), await inbox.take()] == [Ticked(0), Ticked(1)]


async def test_a_stop_is_never_dropped() -> None:
    inbox = Inbox(lambda: 7, capacity=1)
    inbox.post(Ticked(0))
    inbox.post(StopRequested(1, "person"))
    assert await inbox.take() == Ticked(0)
    assert await inbox.take() == StopRequested(1, "person")
