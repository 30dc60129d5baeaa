"""Properties of the simulated tool and person over many generated lives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.tool import Status, ToolCue
from firmware_bridge.wire import decode_event, decode_force
from firmware_bridge.wire_control import ArmRequest, StartStreaming, TareRequest, decode_answer, encode_request
from protocols.commands import Cue, Question
from protocols.site import Site
from simulator.firmware import Actuate, Channel, Firmware, Output, Send
from simulator.person import Person
from simulator.population import draw_traits

SITE = Site.named("upper-trapezius-left")
PERIOD_US = 10_000

forces = st.one_of(st.floats(0.0, 60.0), st.floats(-300.0, 300.0))
deeds = st.one_of(
    st.tuples(st.just("load"), forces),
    st.tuples(st.just("write"), st.binary(max_size=10)),
    st.tuples(st.just("button"), st.booleans()),
    st.tuples(st.just("confirm"), st.sampled_from([Channel.EVENT, Channel.CONTROL])),
    st.tuples(st.just("subscribe"), st.tuples(st.sampled_from(Channel), st.booleans())),
    st.tuples(st.just("link"), st.booleans()),
)


def lived(life: list[tuple[str, object]], mtu: int = 23) -> list[Output]:
    """Give a tool this life, 20 samples after each deed; return all that came out."""
    tool = Firmware()
    outputs: list[Output] = []
    now_us, force_n = 0, 0.0
    for deed in life:
        match deed:
            case ("load", float(value)):
                force_n = value
            case ("write", bytes(data)):
                outputs += tool.requested(data, now_us)
            case ("button", bool(down)):
                outputs += tool.button(down, now_us)
            case ("confirm", Channel() as channel):
                outputs += tool.indicated(channel, now_us)
            case ("subscribe", (Channel() as channel, bool(on))):
                outputs += tool.subscribed(channel, on, now_us)
            case ("link", True):
                tool.linked(mtu, now_us)
            case _:
                tool.unlinked(now_us)
        for _ in range(20):
            now_us += tool.sample_period_us
            outputs += tool.sampled(force_n, now_us)
    return outputs


@given(st.lists(deeds, max_size=30))
def test_all_that_a_tool_sends_can_be_read(life: list[tuple[str, object]]) -> None:
    sequences = []
    for output in lived(life):
        match output:
            case Send(Channel.FORCE, value):
                assert len(value) <= 20, "longer than the default MTU allows"
                sequences.append(decode_force(value).sequence)
            case Send(Channel.EVENT, value):
                decode_event(value)
            case Send(Channel.CONTROL, value):
                decode_answer(value)
            case _:
                pass
    assert sequences == list(range(len(sequences)))


@given(st.lists(deeds, max_size=30))
def test_the_same_life_gives_the_same_outputs(life: list[tuple[str, object]]) -> None:
    assert lived(life) == lived(life)


@given(
    st.floats(5.0, 60.0),
    st.lists(st.tuples(st.floats(0.0, 80.0), st.integers(1, 40)), max_size=30),
)
def test_an_armed_tool_alarms_exactly_when_force_stays_above_the_limit(
    limit_n: float, loads: list[tuple[float, int]]
) -> None:
    tool = Firmware()
    tool.linked(247, 0)
    tool.subscribed(Channel.CONTROL, on=True, now_us=0)
    tool.requested(encode_request(TareRequest(100), 1), 0)
    now_us = 0
    for _ in range(15):
        now_us += PERIOD_US
        tool.sampled(0.0, now_us)
    tool.indicated(Channel.CONTROL, now_us)
    tool.requested(encode_request(ArmRequest(limit_n, 6000.0, 5000), 2), now_us)
    assert tool.is_armed
    tool.requested(b"\x05\x03", now_us)
    above = 0
    for force_n, samples in loads:
        if abs(force_n - limit_n) < 0.5:
            continue  # within the load cell's error of the limit
        for _ in range(samples):
            now_us += PERIOD_US
            tool.requested(b"\x05\x03", now_us)
            outputs = tool.sampled(force_n, now_us)
            above = above + 1 if force_n > limit_n else 0
            alarmed = any(isinstance(output, Actuate) and output.alarm for output in outputs)
            assert alarmed is (above == 6)
            if alarmed:
                assert not tool.is_armed
                return


@given(st.lists(forces, min_size=5, max_size=200), st.integers(0, 2**32 - 1))
def test_samples_come_out_in_order_none_twice_none_missing(loads: list[float], start_us: int) -> None:
    tool = Firmware()
    tool.linked(247, start_us)
    tool.subscribed(Channel.FORCE, on=True, now_us=start_us)
    tool.requested(encode_request(StartStreaming(100), 1), start_us)
    sent = []
    for k, force_n in enumerate(loads):
        sent += [o for o in tool.sampled(force_n, start_us + k * PERIOD_US) if isinstance(o, Send)]
    sent += [o for o in tool.flush(start_us + len(loads) * PERIOD_US) if isinstance(o, Send)]
    at = 0
    for block in (decode_force(send.value) for send in sent):
        assert block.first_us == (start_us + at * PERIOD_US) % 2**32
        saturated = Status.SATURATED in block.status
        for force_n in block.forces_n:
            true_n = max(-200.0, min(200.0, loads[at]))
            assert saturated or abs(force_n - true_n) <= 0.15 + 0.003 * max(map(abs, loads))
            at += 1
    assert at == len(loads)


@given(
    st.integers(0, 2**32 - 1),
    st.lists(
        st.one_of(
            st.tuples(st.just("target"), st.floats(0.0, 60.0)),
            st.tuples(st.just("cue"), st.sampled_from(Cue)),
            st.tuples(st.just("feel"), st.sampled_from(ToolCue)),
            st.tuples(st.just("ask"), st.sampled_from(Question)),
            st.tuples(st.just("close"), st.none()),
        ),
        max_size=25,
    ),
    st.integers(0, 2**40),
)
def test_a_person_depends_on_seed_and_guidance_alone_wherever_time_begins(
    seed: int, guidance: list[tuple[str, object]], offset_ns: int
) -> None:
    def run(start_ns: int) -> list[object]:
        traits = draw_traits(np.random.default_rng(seed), site=SITE)
        person = Person(traits, seed)
        now_ns = start_ns
        came: list[object] = []
        for what in guidance:
            match what:
                case ("target", float(aim_n)):
                    person.see_target(aim_n, now_ns)
                case ("cue", Cue() as cue):
                    person.cued(cue, now_ns)
                case ("feel", ToolCue() as cue):
                    person.feel(Actuate(cue, 255, 0, alarm=False, unload=False), now_ns)
                case ("ask", Question() as question):
                    person.asked(question, now_ns)
                case _:
                    person.question_closed(now_ns)
            for _ in range(60):
                now_ns += 10_000_000
                force_n = person.force_n(now_ns)
                assert force_n is not None
                assert 0.0 <= force_n < 200.0
                came.append(force_n)
                edges, replies = person.button_edges(now_ns), person.replies(now_ns)
                assert all(at_ns <= now_ns for at_ns, _ in [*edges, *replies])
                came += [(at_ns - start_ns, what) for at_ns, what in [*edges, *replies]]
        return came

    assert run(0) == run(0)
    assert run(offset_ns) == run(0)
