"""The simulated tool against Tool Profile 1.0, server side, clause by clause."""

import itertools
import math
from dataclasses import replace

import pytest

from firmware_bridge.tool import (
    Actuator,
    ButtonPress,
    EventCode,
    ForceBlock,
    Status,
    ToolCue,
    ToolEvent,
    ToolKind,
)
from firmware_bridge.wire import decode_event, decode_features, decode_force
from firmware_bridge.wire_control import (
    Answer,
    ArmRequest,
    CueRequest,
    DisarmRequest,
    Heartbeat,
    Identify,
    Request,
    Result,
    StartStreaming,
    StopStreaming,
    TareRequest,
    decode_answer,
    encode_request,
)
from simulator.firmware import FLAT_TOOL, Actuate, Channel, Firmware, Output, PowerOff, Send, ToolTraits
from simulator.firmware_power import PowerTraits
from simulator.load_cell import CellTraits, SensorFault

EXACT = CellTraits(noise_n=0.0, span_error=0.0, creep=0.0, zero_drift_n=0.0)
ALARM = Actuate(ToolCue.RELEASE, 255, 0, alarm=True, unload=False)
QUIET = Actuate(ToolCue.NONE, 0, 0, alarm=False, unload=False)


class Bench:
    """A tool on the bench: a client that confirms at once, a weight on the tip, and a clock."""

    def __init__(self, *, traits: ToolTraits | None = None, subscribe: bool = True, mtu: int = 247) -> None:
        self.tool = Firmware(traits or ToolTraits(cell=EXACT))
        self.now_us = 0
        self.blocks: list[ForceBlock] = []
        self.events: list[ToolEvent] = []
        self.answers: list[Answer] = []
        self.felt: list[Actuate] = []
        self.is_off = False
        self.confirms = True
        self.ids = 0
        if subscribe:
            self.connect(mtu)

    def connect(self, mtu: int = 247) -> None:
        self.tool.linked(mtu, self.now_us)
        for channel in Channel:
            self.take(self.tool.subscribed(channel, on=True, now_us=self.now_us))

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case Send(Channel.FORCE, value):
                    self.blocks.append(decode_force(value))
                case Send(Channel.EVENT, value):
                    self.events.append(decode_event(value))
                    self.confirm(Channel.EVENT)
                case Send(Channel.CONTROL, value):
                    self.answers.append(decode_answer(value))
                    self.confirm(Channel.CONTROL)
                case Actuate():
                    self.felt.append(output)
                case PowerOff():
                    self.is_off = True

    def confirm(self, channel: Channel) -> None:
        if self.confirms:
            self.take(self.tool.indicated(channel, self.now_us))

    def ask(self, request: Request) -> Answer | None:
        """Write a request; return its answer if there is one at once."""
        self.ids = (self.ids + 1) % 256
        before = len(self.answers)
        self.take(self.tool.requested(encode_request(request, self.ids), self.now_us))
        if len(self.answers) == before:
            return None
        assert self.answers[-1].request_id == self.ids
        return self.answers[-1]

    def load(self, force_n: float, seconds: float, *, beats: bool = True) -> None:
        """Put a force on the tip for this long; the app's heartbeat goes on unless told otherwise."""
        end_us = self.now_us + round(seconds * 1e6)
        while self.now_us < end_us:
            self.now_us += self.tool.sample_period_us
            if beats and self.now_us % 500_000 < self.tool.sample_period_us:
                self.ask(Heartbeat())
            self.take(self.tool.sampled(force_n, self.now_us))

    def tare(self) -> None:
        self.ask(TareRequest(100))
        self.load(0.0, 0.2)
        assert self.answers[-1].result is Result.DONE

    def arm(self, force_limit_n: float = 30.0, hold_limit_s: float = 60.0) -> None:
        answer = self.ask(ArmRequest(force_limit_n, hold_limit_s, 1500))
        assert answer is not None
        assert answer.result is Result.DONE

    def press(self, seconds: float, force_n: float = 0.0) -> None:
        self.take(self.tool.button(down=True, now_us=self.now_us))
        self.load(force_n, seconds)
        self.take(self.tool.button(down=False, now_us=self.now_us))

    def codes(self) -> list[EventCode]:
        return [event.code for event in self.events]


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def armed() -> Bench:
    bench = Bench()
    bench.tare()
    bench.arm()
    return bench


class TestIdentity:
    def test_names_carry_the_last_four_digits(self) -> None:
        tool = Firmware(ToolTraits(serial="A1B2c3d4"))
        assert (tool.serial, tool.name, tool.local_name) == ("A1B2c3d4", "Holdwell Tool C3D4", "HW-C3D4")

    def test_a_ball_is_called_a_ball(self) -> None:
        ball = ToolTraits(features=replace(FLAT_TOOL, kind=ToolKind.BALL))
        assert Firmware(ball).name == "Holdwell Ball 0001"

    def test_features_are_those_of_its_traits(self, bench: Bench) -> None:
        assert decode_features(bench.tool.features_value) == FLAT_TOOL


class TestStreaming:
    @pytest.mark.parametrize(("asked", "actual"), [(100, 100), (1000, 100), (1, 10), (0, 10), (37, 37)])
    def test_a_rate_outside_features_is_clamped(self, bench: Bench, asked: int, actual: int) -> None:
        answer = bench.ask(StartStreaming(asked))
        assert answer == Answer(1, bench.ids, Result.DONE, actual)
        assert bench.tool.sample_period_us == round(1e5 / actual) * 10

    def test_nothing_is_sent_before_start_and_after_stop(self, bench: Bench) -> None:
        bench.load(0.0, 0.5)
        assert not bench.blocks
        bench.ask(StartStreaming(100))
        bench.load(0.0, 0.12)
        bench.ask(StopStreaming())
        sent = len(bench.blocks)
        assert [len(block.forces_n) for block in bench.blocks] == [5, 5, 2]
        bench.load(0.0, 0.5)
        assert len(bench.blocks) == sent

    def test_packets_follow_without_gaps_in_sequence_and_time(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.load(12.34, 2.0)
        assert [block.sequence for block in bench.blocks] == list(range(40))
        times = [block.first_us + i * block.period_us for block in bench.blocks for i in range(len(block.forces_n))]
        assert times == list(range(10_000, 2_010_000, 10_000))
        assert all(block.forces_n == pytest.approx((12.34,) * 5, abs=0.011) for block in bench.blocks)

    @pytest.mark.parametrize("rate", [10, 19, 20, 50, 80, 100])
    @pytest.mark.parametrize("mtu", [23, 247])
    def test_a_packet_comes_at_least_every_100_ms_and_fits_the_mtu(self, rate: int, mtu: int) -> None:
        bench = Bench(mtu=mtu)
        bench.ask(StartStreaming(rate))
        bench.load(0.0, 2.0)
        starts = [block.first_us for block in bench.blocks]
        assert max(b - a for a, b in itertools.pairwise(starts)) <= 100_000
        assert all(10 + 2 * len(block.forces_n) <= mtu - 3 for block in bench.blocks)

    def test_a_fast_tool_at_the_smallest_mtu_sends_five_samples(self) -> None:
        traits = ToolTraits(features=replace(FLAT_TOOL, max_rate_hz=1000), cell=EXACT)
        bench = Bench(traits=traits, mtu=23)
        bench.ask(StartStreaming(1000))
        assert bench.tool.samples_per_packet == 5
        bench.tool.mtu_changed(247)
        assert bench.tool.samples_per_packet == 50

    def test_a_new_rate_while_streaming_sends_the_old_samples_with_the_old_period(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.load(0.0, 0.03)
        bench.ask(StartStreaming(50))
        bench.load(0.0, 0.04)
        assert [(b.period_us, len(b.forces_n)) for b in bench.blocks] == [(10_000, 3), (20_000, 2)]

    def test_disconnecting_ends_streaming_and_subscriptions(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.load(0.0, 0.07)
        bench.tool.unlinked(bench.now_us)
        bench.blocks.clear()
        bench.load(0.0, 0.5)
        bench.tool.linked(247, bench.now_us)
        bench.load(0.0, 0.5)
        assert not bench.blocks
        bench.connect()
        bench.load(0.0, 0.5)
        assert not bench.blocks, "the client has to start again"
        bench.ask(StartStreaming(100))
        bench.load(0.0, 0.05)
        assert bench.blocks[0].sequence == 1, "sequence numbers restart at power-up only"

    def test_the_device_time_wraps(self, bench: Bench) -> None:
        bench.now_us = 2**32 - 30_000
        bench.ask(StartStreaming(100))
        bench.load(0.0, 0.1)
        assert [block.first_us for block in bench.blocks] == [2**32 - 20_000, 30_000]

    def test_a_partly_filled_packet_can_be_flushed(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.load(3.0, 0.03)
        bench.take(bench.tool.flush(bench.now_us))
        bench.take(bench.tool.flush(bench.now_us))
        assert [len(block.forces_n) for block in bench.blocks] == [3]


class TestRequests:
    @pytest.mark.parametrize(
        ("data", "answer"),
        [
            (b"\x09\x07", b"\x89\x07\x01"),
            (b"\x01\x07", b"\x81\x07\x02"),
            (b"\x02\x07\x00", b"\x82\x07\x02"),
            (b"\x03\x07\x63\x00", b"\x83\x07\x03"),
            (b"\x04\x07\x10\x00\x10\x00\xc7\x00", b"\x84\x07\x03"),
            (b"\x07\x07\x08\x00\x00\x00", b"\x87\x07\x03"),
        ],
    )
    def test_a_bad_request_gets_its_result(self, bench: Bench, data: bytes, answer: bytes) -> None:
        assert bench.tool.requested(data, 0) == [Send(Channel.CONTROL, answer)]

    @pytest.mark.parametrize("data", [b"", b"\x01"])
    def test_less_than_an_id_gets_no_answer(self, bench: Bench, data: bytes) -> None:
        assert bench.tool.requested(data, 0) == []

    def test_a_heartbeat_gets_no_answer(self, bench: Bench) -> None:
        assert bench.ask(Heartbeat()) is None

    def test_a_second_request_before_the_answer_is_refused_as_busy(self, bench: Bench) -> None:
        assert bench.ask(TareRequest(500)) is None
        tare_id = bench.ids
        answer = bench.ask(StartStreaming(100))
        assert answer is not None
        assert answer.result is Result.BUSY
        bench.load(0.0, 0.6)
        assert bench.answers[-1] == Answer(3, tare_id, Result.DONE, 0)
        assert bench.ask(StartStreaming(100)) == Answer(1, bench.ids, Result.DONE, 100)

    def test_heartbeat_disarm_and_cue_are_accepted_while_busy(self, bench: Bench) -> None:
        bench.ask(TareRequest(500))
        assert bench.ask(Heartbeat()) is None
        assert bench.ask(DisarmRequest()) == Answer(6, bench.ids, Result.DONE)
        assert bench.ask(CueRequest(ToolCue.RELEASE, 255, 0)) == Answer(7, bench.ids, Result.DONE)
        assert [felt.cue for felt in bench.felt] == [ToolCue.RELEASE]

    def test_one_indication_is_on_its_way_at_a_time(self, bench: Bench) -> None:
        bench.confirms = False
        bench.ask(Identify())
        bench.ask(CueRequest(ToolCue.HOLD, 9, 0))
        answer = bench.ask(StartStreaming(100))
        assert answer is None
        assert [a.opcode for a in bench.answers] == [8]
        bench.confirms = True
        bench.confirm(Channel.CONTROL)
        assert [a.opcode for a in bench.answers] == [8, 7, 1]

    def test_a_request_is_in_flight_until_its_answer_has_gone_out(self, bench: Bench) -> None:
        bench.confirms = False
        bench.ask(Identify())
        bench.ask(StartStreaming(100))
        bench.ask(StopStreaming())
        bench.confirms = True
        bench.confirm(Channel.CONTROL)
        assert [(a.opcode, a.result) for a in bench.answers] == [
            (8, Result.DONE),
            (1, Result.DONE),
            (2, Result.BUSY),
        ]

    def test_a_cue_plays_with_its_strength_and_length(self, bench: Bench) -> None:
        bench.ask(CueRequest(ToolCue.PRESS_MORE, 77, 300))
        assert bench.felt == [Actuate(ToolCue.PRESS_MORE, 77, 300, alarm=False, unload=False)]

    def test_identify_makes_it_noticed(self, bench: Bench) -> None:
        assert bench.ask(Identify()) == Answer(8, bench.ids, Result.DONE)
        assert [felt.cue for felt in bench.felt] == [ToolCue.ATTENTION]

    def test_a_tool_without_actuators_plays_nothing(self) -> None:
        features = replace(FLAT_TOOL, actuators=Actuator.NONE)
        bench = Bench(traits=ToolTraits(features=features, cell=EXACT))
        assert bench.ask(CueRequest(ToolCue.HOLD, 9, 0)) == Answer(7, bench.ids, Result.DONE)
        assert not bench.felt


class TestTare:
    def test_it_is_answered_when_done_and_takes_the_offset_off(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.ask(TareRequest(300))
        bench.load(5.0, 0.29)
        assert not any(answer.opcode == 3 for answer in bench.answers)
        bench.load(5.0, 0.1)
        assert bench.answers[-1] == Answer(3, bench.ids, Result.DONE, pytest.approx(500, abs=2))
        bench.blocks.clear()
        bench.load(7.5, 0.2)
        assert bench.blocks[-1].forces_n == pytest.approx((2.5,) * 5, abs=0.011)
        assert Status.TARED in bench.blocks[-1].status

    def test_the_average_is_over_the_time_asked_for(self) -> None:
        bench = Bench(traits=ToolTraits(cell=replace(EXACT, noise_n=0.02)))
        bench.ask(TareRequest(1000))
        bench.load(0.0, 0.99)
        assert not bench.answers
        bench.load(0.0, 0.02)
        assert bench.answers[-1].result is Result.DONE

    def test_the_first_is_allowed_at_any_force_a_later_one_not_above_two_newtons(self, bench: Bench) -> None:
        bench.load(8.0, 0.1)
        bench.ask(TareRequest(100))
        bench.load(8.0, 0.2)
        assert bench.answers[-1].result is Result.DONE
        bench.load(10.5, 0.1)
        answer = bench.ask(TareRequest(100))
        assert answer is not None
        assert answer.result is Result.WRONG_STATE
        bench.load(9.9, 0.1)
        bench.ask(TareRequest(100))
        bench.load(9.9, 0.2)
        assert bench.answers[-1].result is Result.DONE

    def test_a_later_one_moves_the_zero_it_had(self, bench: Bench) -> None:
        bench.ask(TareRequest(100))
        bench.load(5.0, 0.2)
        bench.ask(TareRequest(100))
        bench.load(6.0, 0.2)
        assert bench.answers[-1] == Answer(3, bench.ids, Result.DONE, pytest.approx(600, abs=2))
        bench.ask(StartStreaming(100))
        bench.load(8.0, 0.1)
        assert bench.blocks[-1].forces_n == pytest.approx((2.0,) * 5, abs=0.011)

    @pytest.mark.parametrize(("moved_n", "result"), [(0.45, Result.DONE), (0.55, Result.WRONG_STATE)])
    def test_it_is_refused_when_the_force_moved(self, bench: Bench, moved_n: float, result: Result) -> None:
        bench.ask(TareRequest(500))
        bench.load(0.0, 0.25)
        bench.load(moved_n, 0.3)
        assert bench.answers[-1].result is result

    def test_it_is_refused_when_loaded_meanwhile(self, bench: Bench) -> None:
        bench.tare()
        bench.load(1.8, 0.1)
        bench.ask(TareRequest(500))
        bench.load(1.8, 0.2)
        bench.load(2.1, 0.1)
        assert bench.answers[-1].result is Result.WRONG_STATE

    def test_it_is_refused_while_armed(self, armed: Bench) -> None:
        answer = armed.ask(TareRequest(100))
        assert answer is not None
        assert answer.result is Result.WRONG_STATE

    @pytest.mark.parametrize("fault", list(SensorFault))
    def test_it_is_refused_at_a_sensor_fault(self, bench: Bench, fault: SensorFault) -> None:
        bench.tool.cell.fail(fault, 0)
        bench.ask(TareRequest(100))
        bench.load(0.0, 0.2)
        assert bench.answers[-1].result is Result.WRONG_STATE
        assert not bench.tool.is_armed

    def test_a_lost_client_gets_no_answer_and_the_next_one_is_not_busy(self, bench: Bench) -> None:
        bench.ask(TareRequest(5000))
        bench.load(0.0, 0.1)
        bench.tool.unlinked(bench.now_us)
        bench.connect()
        bench.load(0.0, 6.0)
        assert not bench.answers
        assert bench.ask(StartStreaming(100)) == Answer(1, bench.ids, Result.DONE, 100)


class TestArming:
    def test_it_needs_a_tare_since_power_up(self, bench: Bench) -> None:
        bench.load(0.0, 0.1)
        assert bench.ask(ArmRequest(30, 60, 1500)) == Answer(4, bench.ids, Result.WRONG_STATE)
        bench.tare()
        assert bench.ask(ArmRequest(30, 60, 1500)) == Answer(4, bench.ids, Result.DONE)
        again = bench.tool.rebooted()
        assert not again.is_armed

    def test_it_needs_less_than_two_newtons(self, bench: Bench) -> None:
        bench.tare()
        bench.load(2.1, 0.1)
        assert bench.ask(ArmRequest(30, 60, 1500)) == Answer(4, bench.ids, Result.WRONG_STATE)
        bench.load(1.9, 0.1)
        assert bench.ask(ArmRequest(30, 60, 1500)) == Answer(4, bench.ids, Result.DONE)

    @pytest.mark.parametrize("fault", list(SensorFault))
    def test_it_needs_a_sound_sensor(self, bench: Bench, fault: SensorFault) -> None:
        bench.tare()
        bench.tool.cell.fail(fault, bench.now_us)
        bench.load(0.0, 0.1)
        assert bench.ask(ArmRequest(30, 60, 1500)) == Answer(4, bench.ids, Result.WRONG_STATE)

    def test_its_limit_is_no_higher_than_the_capacity(self, bench: Bench) -> None:
        bench.tare()
        assert bench.ask(ArmRequest(200.01, 60, 1500)) == Answer(4, bench.ids, Result.OUT_OF_RANGE)
        assert bench.ask(ArmRequest(200.0, 60, 1500)) == Answer(4, bench.ids, Result.DONE)

    def test_arming_again_changes_the_limit_at_any_force(self, armed: Bench) -> None:
        armed.load(25.0, 1.0)
        armed.arm(force_limit_n=20.0)
        armed.load(25.0, 0.1)
        assert armed.codes() == [EventCode.FORCE_LIMIT]

    def test_arming_again_does_not_restart_the_hold_clock(self, armed: Bench) -> None:
        armed.load(10.0, 4.0)
        armed.arm(hold_limit_s=5.0)
        armed.load(10.0, 0.9)
        assert not armed.felt
        armed.load(10.0, 0.2)
        assert armed.felt == [ALARM]

    def test_disarming_stops_the_guard(self, armed: Bench) -> None:
        assert armed.ask(DisarmRequest()) == Answer(6, armed.ids, Result.DONE)
        armed.load(100.0, 5.0, beats=False)
        assert not armed.felt
        assert not armed.events

    def test_a_disconnect_does_not_disarm(self, armed: Bench) -> None:
        armed.tool.unlinked(armed.now_us)
        armed.load(10.0, 1.4, beats=False)
        assert armed.tool.is_armed
        armed.load(10.0, 0.2, beats=False)
        assert armed.felt == [ALARM]
        armed.connect()
        assert armed.codes() == [EventCode.HEARTBEAT_LOST]


class TestAlarm:
    def test_force_must_stay_above_the_limit_for_50_ms(self, armed: Bench) -> None:
        for _ in range(20):
            armed.load(31.0, 0.05)
            armed.load(29.0, 0.01)
        assert not armed.felt
        armed.load(31.0, 0.06)
        assert armed.felt == [ALARM]
        assert armed.events == [ToolEvent(EventCode.FORCE_LIMIT, 0, armed.now_us, pytest.approx(31.0, abs=0.02))]

    def test_force_at_the_limit_is_not_above_it(self, armed: Bench) -> None:
        armed.load(29.97, 10.0)
        assert not armed.felt

    def test_saturated_samples_count_as_above_the_limit(self) -> None:
        bench = Bench()
        bench.ask(TareRequest(100))
        bench.load(50.0, 0.2)  # tared under load: a saturated sample then says 150 N
        bench.load(45.0, 0.2)
        bench.arm(force_limit_n=200.0)
        bench.load(260.0, 0.06)
        assert bench.codes() == [EventCode.SATURATED, EventCode.FORCE_LIMIT]
        assert bench.felt == [ALARM]

    def test_invalid_samples_count_as_above_the_limit(self, armed: Bench) -> None:
        armed.load(10.0, 0.2)
        armed.tool.cell.fail(SensorFault.OPEN, armed.now_us, noticed_after_us=None)
        armed.load(10.0, 0.06)
        assert armed.felt == [ALARM]
        assert armed.codes() == [EventCode.FORCE_LIMIT]
        assert math.isnan(armed.events[0].value)

    @pytest.mark.parametrize("fault", list(SensorFault))
    def test_a_sensor_fault_alarms_at_once(self, armed: Bench, fault: SensorFault) -> None:
        armed.ask(StartStreaming(100))
        armed.load(10.0, 1.0)
        armed.tool.cell.fail(fault, armed.now_us)
        armed.load(10.0, 0.01)
        assert armed.felt == [ALARM]
        assert [(event.code, event.value) for event in armed.events] == [(EventCode.SENSOR_FAULT, fault)]
        armed.load(10.0, 0.1)
        assert Status.SENSOR_FAULT in armed.blocks[-1].status
        assert len(armed.events) == 1

    def test_one_contact_may_not_last_longer_than_the_hold_limit(self, armed: Bench) -> None:
        armed.arm(hold_limit_s=5.0)
        armed.load(0.0, 2.0)
        armed.load(10.0, 5.0)
        assert not armed.felt
        armed.load(10.0, 0.02)
        assert armed.felt == [ALARM]
        assert [(event.code, event.value) for event in armed.events] == [(EventCode.HOLD_LIMIT, 5.0)]

    @pytest.mark.parametrize(("gap_s", "alarms"), [(0.98, True), (1.01, False)])
    def test_gaps_under_one_second_are_joined(self, armed: Bench, gap_s: float, *, alarms: bool) -> None:
        armed.arm(hold_limit_s=5.0)
        armed.load(10.0, 3.0)
        armed.load(1.9, gap_s)
        armed.load(10.0, 2.0)
        assert bool(armed.felt) is alarms

    def test_force_at_two_newtons_is_no_contact(self, armed: Bench) -> None:
        armed.arm(hold_limit_s=1.0)
        armed.load(1.97, 10.0)
        assert not armed.felt

    def test_the_heartbeat_may_not_stay_away(self, armed: Bench) -> None:
        armed.load(10.0, 10.0)
        assert not armed.felt
        armed.ask(Heartbeat())
        armed.load(10.0, 1.49, beats=False)
        assert not armed.felt
        armed.load(10.0, 0.02, beats=False)
        assert armed.felt == [ALARM]
        assert armed.codes() == [EventCode.HEARTBEAT_LOST]

    def test_after_an_alarm_it_is_disarmed(self, armed: Bench) -> None:
        armed.load(31.0, 0.1)
        assert not armed.tool.is_armed
        armed.load(31.0, 20.0)
        assert armed.felt == [ALARM]

    def test_it_ends_below_two_newtons(self, armed: Bench) -> None:
        armed.load(31.0, 5.0)
        armed.load(2.1, 1.0)
        assert armed.tool.is_alarming
        armed.load(1.9, 0.01)
        assert armed.felt == [ALARM, QUIET]

    def test_it_ends_at_a_long_press_only(self, armed: Bench) -> None:
        armed.load(31.0, 1.0)
        armed.press(0.1, 31.0)
        armed.load(31.0, 1.0)
        assert armed.tool.is_alarming
        armed.press(0.9, 31.0)
        assert armed.felt == [ALARM, QUIET]
        assert armed.events[-1].value == ButtonPress.LONG

    def test_it_ends_after_30_seconds(self, armed: Bench) -> None:
        armed.load(31.0, 0.06)
        armed.load(31.0, 29.98)
        assert armed.tool.is_alarming
        armed.load(31.0, 0.02)
        assert armed.felt == [ALARM, QUIET]

    def test_no_cue_covers_it(self, armed: Bench) -> None:
        armed.load(31.0, 0.1)
        assert armed.ask(CueRequest(ToolCue.PRESS_MORE, 255, 0)) == Answer(7, armed.ids, Result.DONE)
        assert armed.felt == [ALARM]

    def test_a_tool_with_pressure_relief_unloads_itself(self) -> None:
        features = replace(FLAT_TOOL, actuators=FLAT_TOOL.actuators | Actuator.PRESSURE_RELIEF)
        bench = Bench(traits=ToolTraits(features=features, cell=EXACT))
        bench.tare()
        bench.arm()
        bench.load(31.0, 0.1)
        assert bench.felt == [Actuate(ToolCue.RELEASE, 255, 0, alarm=True, unload=True)]


class TestStatus:
    def test_the_bits_say_what_is(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.load(0.0, 0.05)
        assert bench.blocks[-1].status is Status.NONE
        bench.tare()
        bench.arm()
        bench.load(0.0, 0.05)
        assert bench.blocks[-1].status == Status.TARED | Status.ARMED
        bench.tool.button(down=True, now_us=bench.now_us)
        bench.load(0.0, 0.05)
        assert bench.blocks[-1].status == Status.TARED | Status.ARMED | Status.BUTTON_DOWN
        bench.tool.button(down=False, now_us=bench.now_us)
        bench.load(201.0, 0.1)
        assert bench.blocks[-1].status == Status.TARED | Status.ALARM | Status.SATURATED
        assert bench.blocks[-1].forces_n == pytest.approx((200.0,) * 5, abs=0.02)

    def test_invalid_samples_are_marked(self, bench: Bench) -> None:
        bench.ask(StartStreaming(100))
        bench.tool.cell.fail(SensorFault.SHORT, 20_000)
        bench.load(5.0, 0.05)
        assert [math.isnan(force_n) for force_n in bench.blocks[-1].forces_n] == [False, True, True, True, True]
        assert bench.blocks[-1].status is Status.SENSOR_FAULT


class TestEvents:
    def test_the_last_eight_are_kept_until_a_client_is_there(self) -> None:
        bench = Bench(subscribe=False)
        for _ in range(11):
            bench.press(0.9)
            bench.load(0.0, 0.1)
        bench.connect()
        assert [event.sequence for event in bench.events] == [3, 4, 5, 6, 7, 8, 9, 10]

    def test_one_that_was_not_confirmed_is_sent_again_to_the_next_client(self, bench: Bench) -> None:
        bench.confirms = False
        for _ in range(2):
            bench.press(0.9)
            bench.load(0.0, 0.1)
        assert [event.sequence for event in bench.events] == [0]
        bench.tool.unlinked(bench.now_us)
        bench.confirms = True
        bench.connect()
        assert [event.sequence for event in bench.events] == [0, 0, 1]

    def test_a_confirmed_one_is_not_sent_again(self, bench: Bench) -> None:
        bench.press(0.9)
        bench.tool.unlinked(bench.now_us)
        bench.connect()
        assert [event.sequence for event in bench.events] == [0]

    def test_their_sequence_wraps_at_a_byte(self, bench: Bench) -> None:
        for _ in range(257):
            bench.press(0.9)
            bench.load(0.0, 0.1)
        assert [event.sequence for event in bench.events] == [*range(256), 0]

    def test_their_time_wraps_like_the_counter(self, bench: Bench) -> None:
        bench.now_us = 2**32 + 1000
        bench.press(0.9)
        assert bench.events == [ToolEvent(EventCode.BUTTON, 0, 1000, ButtonPress.LONG)]

    def test_a_saturation_is_said_once(self, bench: Bench) -> None:
        bench.load(205.0, 0.5)
        bench.load(195.0, 0.5)
        bench.load(205.0, 0.5)
        assert [(event.code, event.value) for event in bench.events] == [(EventCode.SATURATED, 200.0)]
        bench.load(195.0, 1.5)
        bench.load(205.0, 0.5)
        assert len(bench.events) == 2

    def test_the_button_says_when_it_was_first_pressed(self, bench: Bench) -> None:
        bench.load(0.0, 1.0)
        pressed_us = bench.now_us
        bench.press(0.1)
        bench.load(0.0, 1.0)
        assert bench.events == [ToolEvent(EventCode.BUTTON, 0, pressed_us, ButtonPress.SHORT)]


class TestPower:
    def test_a_low_battery_is_said_once_and_shown(self) -> None:
        bench = Bench(traits=ToolTraits(cell=EXACT, power=PowerTraits(percent=16.0, life_s=1000.0)))
        bench.ask(StartStreaming(100))
        bench.load(0.0, 5.0)
        assert not bench.events
        bench.load(0.0, 10.0)
        assert [(event.code, event.value) for event in bench.events] == [(EventCode.BATTERY_LOW, 15)]
        assert Status.BATTERY_LOW in bench.blocks[-1].status
        assert bench.tool.battery_percent == 15

    def test_an_empty_one_switches_it_off_after_notice(self) -> None:
        bench = Bench(traits=ToolTraits(cell=EXACT, power=PowerTraits(percent=2.0)))
        bench.load(0.0, 4.0)
        assert bench.codes() == [EventCode.BATTERY_LOW, EventCode.POWERS_OFF]
        assert bench.events[1].value == 2
        assert not bench.is_off
        bench.load(0.0, 3.0)
        assert bench.is_off
        assert bench.tool.sampled(0.0, bench.now_us + 10_000) == []
        assert bench.ask(StartStreaming(100)) is None

    def test_an_unused_tool_goes_off_and_a_connected_one_does_not(self) -> None:
        traits = ToolTraits(cell=EXACT, power=PowerTraits(idle_off_s=60.0))
        alone, connected = Bench(traits=traits, subscribe=False), Bench(traits=traits)
        alone.load(0.0, 70.0, beats=False)
        connected.load(0.0, 70.0, beats=False)
        assert alone.is_off
        assert not connected.is_off

    def test_the_person_may_switch_it_off(self, bench: Bench) -> None:
        bench.load(0.0, 0.1)
        bench.take(bench.tool.switch_off(bench.now_us))
        bench.load(0.0, 7.0)
        assert [(event.code, event.value) for event in bench.events] == [(EventCode.POWERS_OFF, 3)]
        assert bench.is_off
