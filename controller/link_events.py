"""What the link tells, as events of the engine."""

from typing import assert_never

from firmware_bridge.link_news import (
    Connected,
    Failed,
    LinkDropped,
    LinkNews,
    Restored,
    StillAway,
    TimedBlock,
    TimedEvent,
)
from firmware_bridge.tool import Actuator, ButtonPress, EventCode, Features, Status
from protocols.events import (
    AlarmCause,
    BatteryLow,
    Event,
    LinkLost,
    LinkRestored,
    Press,
    Pressed,
    Sampled,
    ToolAlarmed,
    ToolConnected,
    ToolFacts,
    ToolFailed,
)

_PRESSES = {ButtonPress.SHORT: Press.SHORT, ButtonPress.DOUBLE: Press.DOUBLE, ButtonPress.LONG: Press.LONG}
_CAUSES = {
    EventCode.FORCE_LIMIT: AlarmCause.FORCE_LIMIT,
    EventCode.HOLD_LIMIT: AlarmCause.HOLD_LIMIT,
    EventCode.HEARTBEAT_LOST: AlarmCause.HEARTBEAT_LOST,
    EventCode.SENSOR_FAULT: AlarmCause.SENSOR_FAULT,
}


def event_of(news: LinkNews, tool_name: str, at_ns: int) -> Event | None:
    """Return the event that `news`, which came at `at_ns`, is to the engine; None where it needs none."""
    match news:
        case TimedBlock():
            return Sampled(
                at_ns,
                news.first_ns,
                news.period_ns,
                news.forces_n,
                saturated=Status.SATURATED in news.status,
                fault=Status.SENSOR_FAULT in news.status,
                lost=news.lost,
            )
        case Connected():
            return ToolConnected(at_ns, facts_of(news.features, tool_name, news.sample_period_ns))
        case LinkDropped():
            return LinkLost(at_ns)
        case Restored():
            return LinkRestored(at_ns, rebooted=news.rebooted)
        case StillAway():
            return None  # for the person alone
        case Failed():
            return ToolFailed(at_ns, news.reason)
        case TimedEvent():
            return _tool_event(news, at_ns)
        case _:
            assert_never(news)


def facts_of(features: Features, name: str, sample_period_ns: int) -> ToolFacts:
    """Return what the engine needs to know of a tool."""
    return ToolFacts(
        name=name,
        capacity_n=features.capacity_n,
        tip_diameter_mm=features.tip_diameter_mm,
        resolution_n=features.resolution_n,
        sample_period_ns=sample_period_ns,
        can_arm=features.can_arm,
        has_button=features.has_button,
        unloads_itself=Actuator.PRESSURE_RELIEF in features.actuators,
    )


def _tool_event(news: TimedEvent, at_ns: int) -> Event | None:
    code = news.event.code
    if code is EventCode.BUTTON:
        return Pressed(at_ns, news.at_ns, _PRESSES[ButtonPress(int(news.event.value))], via="tool")
    if code in _CAUSES:
        return ToolAlarmed(at_ns, _CAUSES[code])
    if code is EventCode.BATTERY_LOW:
        return BatteryLow(at_ns, int(news.event.value))
    return None  # saturation is in the packet's status; switching off shows as a lost link
