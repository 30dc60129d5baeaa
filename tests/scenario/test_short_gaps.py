"""Gaps too short to break the link, at any moment of a hold: up to 1 s nothing alarms, up to 1.5 s the app goes on."""

import asyncio
from dataclasses import dataclass
from random import Random

import pytest

from protocols.commands import Cue, EnterPhase, GiveCue, Outcome, Phase
from protocols.events import LinkLost, ToolAlarmed
from protocols.guard import LOST_NS, STALE_NS
from simulator.radio import public_address
from simulator.transmit_queue import KEPT_NOTIFICATIONS
from tests.whole_stack import Played, Stage, play

GAPS = 5
PACKET_S = 0.05
SETTLED_S = 0.1


@dataclass(frozen=True)
class Gap:
    """One gap: what was earned, and how many packets never came, from its beginning to just after its end.

    `usual_s`: what would have been earned at the rate of the seconds before it.
    """

    earned_s: float
    usual_s: float
    lost: int


async def gaps_in_hold(stage: Stage, length_s: float, rng: Random, gaps: list[Gap]) -> None:
    await stage.in_hold(1.0)
    for _ in range(GAPS):
        before_s, wait_s = stage.session.credit.seconds, rng.uniform(1.5, 4.0)
        await asyncio.sleep(wait_s)
        credit_s, lost = stage.session.credit.seconds, stage.link.packets_lost
        usual_s = (credit_s - before_s) / wait_s * (length_s + SETTLED_S)
        stage.lose_link()
        await asyncio.sleep(length_s)
        stage.bring_back()
        await asyncio.sleep(SETTLED_S)
        gaps.append(Gap(stage.session.credit.seconds - credit_s, usual_s, stage.link.packets_lost - lost))


def played_with_gaps(length_s: float, seed: int) -> tuple[Played, list[Gap]]:
    gaps: list[Gap] = []

    async def script(stage: Stage) -> None:
        await gaps_in_hold(stage, length_s, Random(seed), gaps)

    played = play(script)
    assert len(gaps) == GAPS
    return played, gaps


def assert_undisturbed(played: Played) -> None:
    assert not any(isinstance(event, ToolAlarmed | LinkLost) for event in played.events)
    assert Phase.PAUSED not in played.phases
    assert played.phases.count(Phase.HOLD) == 1
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)
    done_s = played.cued(Cue.DONE)
    assert not [at_s for at_s, cue in played.given(GiveCue) if cue.cue is Cue.RELEASE and at_s < done_s]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("length_s", [0.2, 0.5, 1.0])
def test_a_short_gap_neither_alarms_nor_pauses_and_every_packet_comes_or_is_counted(length_s, seed):
    played, gaps = played_with_gaps(length_s, seed)
    assert_undisturbed(played)
    most_lost = max(0, round(length_s / PACKET_S) - KEPT_NOTIFICATIONS)
    assert all(abs(gap.lost - most_lost) <= 1 for gap in gaps)
    if not most_lost:
        assert played.figures.packets_lost == 0
    # The device's own clock: what lies between the first sample and the last either came or was counted.
    first_ns, last_ns = played.packets[0].first_ns, played.packets[-1].first_ns
    sent = round((last_ns - first_ns) * 1e-9 / PACKET_S) + 1
    assert len(played.packets) + played.figures.packets_lost == sent
    times_ns = [packet.first_ns for packet in played.packets]
    assert times_ns == sorted(set(times_ns))


@pytest.mark.parametrize("length_s", [0.2, 0.4])
def test_a_gap_shorter_than_the_freshness_limit_costs_no_credit(length_s):
    played, gaps = played_with_gaps(length_s, seed=7)
    whole_s = play().figures.contact_s
    assert length_s < STALE_NS * 1e-9
    assert all(gap.earned_s > 0.7 * gap.usual_s > 0 for gap in gaps)
    assert played.figures.contact_s == pytest.approx(whole_s, abs=0.5)


def test_in_a_longer_gap_only_what_is_seen_in_time_earns_and_credit_goes_on_after_it():
    played, gaps = played_with_gaps(1.0, seed=7)
    # Of the packets that were kept, those that are not half a second old when they arrive.
    in_time_s = KEPT_NOTIFICATIONS * PACKET_S - (1.0 - STALE_NS * 1e-9)
    assert all(0 < gap.earned_s <= in_time_s + SETTLED_S + PACKET_S for gap in gaps)
    assert played.figures.credited_s == 30


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("length_s", [1.6, 1.9])
def test_a_gap_that_the_link_survives_but_freshness_does_not_pauses_and_resumes(length_s, seed):
    async def script(stage: Stage) -> None:
        await stage.in_hold(Random(seed).uniform(2.0, 6.0))
        stage.lose_link()
        await asyncio.sleep(length_s)
        stage.bring_back()

    played = play(script)
    lost_s = played.stage.notes["lost"]
    assert played.cued(Cue.RELEASE, after_s=lost_s) - lost_s == pytest.approx(LOST_NS * 1e-9, abs=0.12)
    assert not any(isinstance(event, LinkLost) for event in played.events)
    assert played.phases.count(Phase.HOLD) == 2
    before_s = max(credit_s for at_s, credit_s in played.credit_over_time() if at_s <= lost_s)
    paused_s = next(at_s for at_s, entered in played.given(EnterPhase, lost_s) if entered.phase is Phase.PAUSED)
    again_s = next(at_s for at_s, entered in played.given(EnterPhase, paused_s) if entered.phase is Phase.HOLD)
    earned = [credit_s for at_s, credit_s in played.credit_over_time() if paused_s <= at_s < again_s]
    assert max(earned) - before_s < 2 * PACKET_S, "what comes late earns nothing"
    assert played.figures.credited_s > max(earned) + 5, "it goes on"


def test_a_link_that_takes_every_request_late_keeps_its_tool_guarding():
    # A beat waits for at most one cue, and then for its own 0.6 s; any more would be too late.
    async def script(stage: Stage) -> None:
        app = public_address("app").to_string(with_type_qualifier=False)
        await stage.phase(Phase.TARE)
        stage.radio.faults.impair(app, delay_s=0.6)
        await stage.in_hold(20.0)

    played = play(script)
    assert not any(isinstance(event, ToolAlarmed | LinkLost) for event in played.events)
    assert played.phases.count(Phase.HOLD) == 1
    assert (played.figures.outcome, played.code) == (Outcome.COMPLETE, 0)
