"""A Bluetooth controller that is gone: told once, after the person had time to let go."""

from controller.radio_watch import LET_GO_NS, RadioWatch
from protocols.events import ToolFailed


def test_a_controller_that_is_gone_fails_the_tool_once_and_not_at_once():
    there = [True]
    watch = RadioWatch(lambda: there[0], "tcp-client:127.0.0.1:9801")
    assert list(watch.events(1)) == []
    there[0] = False
    assert list(watch.events(100)) == []
    assert list(watch.events(99 + LET_GO_NS)) == []
    (failed,) = watch.events(100 + LET_GO_NS)
    assert isinstance(failed, ToolFailed)
    assert "tcp-client:127.0.0.1:9801" in failed.reason
    assert list(watch.events(200 + LET_GO_NS)) == []
