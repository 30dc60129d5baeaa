"""The link to the tool, lost and found again: dose.md's row "newest sample older", and "Link lost"."""

import asyncio

import pytest

from firmware_bridge.wire_control import Opcode
from protocols.commands import Arm, Cue, Disarm, EnterPhase, Message, Outcome, Phase, ShowTarget, Tare, Tell
from protocols.credit import LONGEST_GAP_NS
from protocols.events import AlarmCause, LinkLost, LinkRestored, Sampled, TareRefused, ToolAlarmed
from protocols.plan import Dose
from simulator.radio import public_address
from simulator.tool_clock import ToolClock
from simulator.tool_output import Output
from tests.actor import Actor
from tests.whole_stack import Stage, play


async def lose_for(stage: Stage, seconds: float, *, after_s: float = 0.0) -> None:
    await stage.in_hold()
    await asyncio.sleep(after_s)
    stage.note("aim")
    stage.notes["aim_n"] = stage.session.pacing.aim_n
    stage.notes["credit_s"] = stage.session.credit.seconds
    stage.lose_link()
    await asyncio.sleep(seconds)
    stage.bring_back()


def test_a_link_lost_until_the_tool_guards_no_more_pauses_and_arms_again():
    played = play(lambda stage: lose_for(stage, 1.4))
    alarmed_s = next(event.at_ns * 1e-9 for event in played.events if isinstance(event, ToolAlarmed))
    assert played.stage.notes["back"] <= alarmed_s < played.stage.notes["lost"] + 1.5
    assert played.cued(Cue.RELEASE, after_s=alarmed_s) == pytest.approx(alarmed_s, abs=0.1)
    assert played.given(Arm, alarmed_s)
    assert not any(isinstance(event, LinkLost) for event in played.events)
    assert played.phases.count(Phase.HOLD) == 2
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_while_the_link_is_away_nothing_is_earned():
    played = play(lambda stage: lose_for(stage, 1.0))
    lost_s, back_s = played.stage.notes["lost"], played.stage.notes["back"]
    credit = played.credit_over_time()
    before = max(seconds for at_s, seconds in credit if at_s <= lost_s)
    # Only what was sampled before and arrives after counts: less than one packet on either side.
    assert max(seconds for at_s, seconds in credit if at_s <= back_s) - before < LONGEST_GAP_NS * 1e-9


def test_a_link_lost_for_three_seconds_pauses_with_a_release_cue_and_resumes_lower():
    played = play(lambda stage: lose_for(stage, 3.0))
    notes = played.stage.notes
    release_s = played.cued(Cue.RELEASE, after_s=notes["lost"])
    assert release_s - notes["lost"] == pytest.approx(1.5, abs=0.15)
    assert played.first(Tell(Message.LINK_LOST)) == release_s
    back_s = played.first(Tell(Message.LINK_BACK))
    phases = played.given(EnterPhase, back_s)
    approach_s, hold_s = (
        next(at_s for at_s, entered in phases if entered.phase is phase) for phase in (Phase.APPROACH, Phase.HOLD)
    )
    aims_n = [target.aim_n for at_s, target in played.given(ShowTarget, approach_s) if at_s < hold_s]
    assert max(aims_n) <= 0.9 * notes["aim_n"] + 0.01
    assert played.phases.count(Phase.HOLD) == 2
    assert (played.figures.outcome, played.figures.credited_s, played.code) == (Outcome.COMPLETE, 30, 0)
    assert len(played.figures.holds) == 1, "credit and clocks go on"


def test_credit_is_kept_over_a_pause():
    played = play(lambda stage: lose_for(stage, 3.0))
    credit = [seconds for _, seconds in played.credit_over_time()][:-60]
    assert credit == sorted(credit)


def test_a_link_lost_for_seventy_seconds_ends_short():
    played = play(lambda stage: lose_for(stage, 70.0))
    assert (played.figures.outcome, played.figures.reason, played.code) == (Outcome.SHORT, "link", 4)
    assert 0 < played.figures.credited_s < 30
    ended_s = played.events[-1].at_ns * 1e-9
    assert ended_s - played.stage.notes["lost"] < 70


def test_the_tool_alarms_alone_when_the_app_is_out_of_reach():
    person = Actor()
    alarms = []

    async def script(stage: Stage) -> None:
        await stage.in_hold()
        person.blind = True
        stage.lose_link()
        await stage.until(lambda: stage.tool.firmware.is_alarming)
        alarms.append(stage.now_s)
        await stage.until(lambda: person._force_n < 2)
        stage.note("let go")
        await asyncio.sleep(1)
        assert not stage.tool.firmware.is_alarming
        stage.bring_back()
        await stage.until(lambda: any(isinstance(event, ToolAlarmed) for event in stage.taken))
        person.blind = False

    played = play(script, person=person)
    notes = played.stage.notes
    assert 0.9 <= alarms[0] - notes["lost"] <= 1.6, "the last heartbeat is at most 0.5 s old"
    assert notes["let go"] - alarms[0] < 1.0
    alarmed = [event for event in played.events if isinstance(event, ToolAlarmed)]
    assert [event.cause for event in alarmed] == [AlarmCause.HEARTBEAT_LOST]
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


@pytest.mark.parametrize("phase", [Phase.CONTACT, Phase.APPROACH])
def test_a_link_lost_before_the_hold_comes_back_too(phase):
    async def script(stage: Stage) -> None:
        await stage.phase(phase)
        await asyncio.sleep(0.5)
        stage.lose_link()
        await asyncio.sleep(4)
        stage.bring_back()

    played = play(script)
    assert Phase.PAUSED in played.phases
    assert (played.figures.outcome, played.figures.credited_s, played.code) == (Outcome.COMPLETE, 30, 0)


def test_a_link_lost_while_the_zero_is_set_comes_back_too():
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.TARE)
        await asyncio.sleep(0.2)
        stage.lose_link()
        await asyncio.sleep(4)
        stage.bring_back()

    played = play(script)
    assert len(played.given(Tare)) >= 2
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_tool_that_was_armed_just_before_the_link_went_is_disarmed_before_its_zero_is_set_again():
    asked: list[tuple[Opcode, bool]] = []
    app = public_address("app").to_string(with_type_qualifier=False)

    async def script(stage: Stage) -> None:
        # The tool is armed, but its answer does not come any more: an armed tool would refuse to tare.
        stage.radio.faults.impair(stage.tool.address, delay_s=0.4)
        await stage.until(lambda: stage.tool.firmware.is_armed)
        assert stage.session.phase is Phase.TARE
        stage.note("lost")
        stage.radio.faults.disconnect(app)
        stage.radio.faults.impair(stage.tool.address)
        requested = stage.tool.firmware.requested

        def noted(data: bytes, now_us: int) -> list[Output]:
            asked.append((Opcode(data[0]), stage.tool.firmware.is_armed))
            return requested(data, now_us)

        stage.tool.firmware.requested = noted

    played = play(script)
    lost_s = played.stage.notes["lost"]
    steps = [(opcode, armed) for opcode, armed in asked if opcode in {Opcode.DISARM, Opcode.TARE, Opcode.ARM}]
    assert steps[:3] == [(Opcode.DISARM, True), (Opcode.TARE, False), (Opcode.ARM, False)]
    assert any(isinstance(event, LinkLost) for event in played.events)
    assert not any(isinstance(event, TareRefused | ToolAlarmed) for event in played.events)
    assert played.given(Disarm, lost_s)[0][0] == played.given(Tare, lost_s)[0][0]
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_reboot_of_the_tool_in_a_hold_tares_arms_and_resumes():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.note("off")
        await stage.tool.reboot(off_s=2.0)

    played = play(script)
    off_s = played.stage.notes["off"]
    restored = [event for event in played.events if isinstance(event, LinkRestored) and event.at_ns * 1e-9 > off_s]
    assert [event.rebooted for event in restored] == [True]
    tared_s = [at_s for at_s, _ in played.given(Tare, off_s)]
    armed_s = [at_s for at_s, _ in played.given(Arm, off_s)]
    assert tared_s
    assert armed_s
    assert tared_s[0] < armed_s[0]
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_an_orderly_disconnect_in_a_hold_comes_back():
    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.radio.faults.disconnect(stage.tool.address)

    played = play(script)
    assert any(isinstance(event, LinkLost) for event in played.events)
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)


def test_a_tenth_of_the_packets_lost_earns_no_more():
    whole = play()

    async def script(stage: Stage) -> None:
        stage.radio.faults.impair(stage.tool.address, lost_share=0.1)

    lossy = play(script)
    assert lossy.figures.packets_lost > 30
    assert lossy.figures.outcome is Outcome.COMPLETE
    assert lossy.figures.contact_s > whole.figures.contact_s, "the same dose takes longer"
    before_s = 0.0
    for (_, credit_s), event in zip(lossy.credit_over_time(), lossy.events, strict=True):
        if isinstance(event, Sampled) and event.lost:
            assert credit_s - before_s <= (len(event.forces_n) - 1) * event.period_ns * 1e-9 + 1e-9
        before_s = credit_s


def test_packets_that_come_twice_or_late_change_little():
    async def script(stage: Stage) -> None:
        stage.radio.faults.impair(stage.tool.address, doubled_share=0.3, delay_s=0.08)

    played = play(script)
    assert (played.figures.outcome, played.figures.packets_lost) == (Outcome.COMPLETE, 0)
    numbers = [packet.first_ns for packet in played.packets]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("ppm", [-150.0, 150.0])
def test_a_tool_clock_that_drifts_and_wraps(ppm):
    played = play(tool_clock=ToolClock(offset_us=2**32 - 40_000_000, ppm=ppm), dose=Dose(credited_s=45))
    assert (played.figures.outcome, played.figures.packets_lost) == (Outcome.COMPLETE, 0)
    ages_s = [(packet.at_ns - packet.first_ns) * 1e-9 for packet in played.packets]
    assert max(ages_s) < 0.25
    assert min(ages_s) >= 0.0


def test_a_tool_that_never_answers_again_while_the_person_presses_is_told():
    person = Actor()

    async def script(stage: Stage) -> None:
        await stage.in_hold()
        stage.radio.faults.power_cut(stage.tool.address)
        stage.note("off")

    played = play(script, person=person)
    release_s = next(at_ns * 1e-9 for at_ns, cue in person.heard if cue is Cue.RELEASE)
    assert release_s - played.stage.notes["off"] < 1.7
    assert (played.figures.reason, played.code) == ("link", 4)
