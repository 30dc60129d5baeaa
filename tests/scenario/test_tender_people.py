"""People whose 5 lies far below the population's: the fast beginning of an approach must not carry them to 8."""

from dataclasses import replace

import pytest

from protocols.commands import Phase
from protocols.events import Press
from protocols.pacing import LIGHT_N
from protocols.turn import IN_TOUCH
from simulator.traits import BodyTraits
from tests.actor import STEADY, Actor
from tests.whole_stack import Stage, play


class Feeling(Actor):
    """Remembers the worst that was felt."""

    worst = 0.0

    def force_n(self, now_ns: int) -> float | None:
        force_n = super().force_n(now_ns)
        self.worst = max(self.worst, self.discomfort)
        return force_n


def person(ppt_n: float, seed: int) -> Feeling:
    """Return somebody with this threshold and the population's tolerance for it (1.2 x threshold + 4.7 N)."""
    ratio = min(1.2 + 4.7 / ppt_n, 2.2)
    body = BodyTraits(ppt_n=ppt_n, tolerance_n=ratio * ppt_n, habituation=0.0, tau_s=28.0, day_ln_sd=0.0)
    return Feeling(replace(STEADY, body=body), seed)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("ppt_n", [4.0, 5.0, 7.0])
def test_a_tender_person_is_neither_carried_to_8_nor_stopped_at_a_limit(ppt_n, seed):
    tender = person(ppt_n, seed)
    played = play(person=tender)
    assert tender.worst < 8.0
    assert played.figures.reason == "dose"


@pytest.mark.parametrize("seconds", [0.8, 1.6, 2.4, 3.2, 5.0])
@pytest.mark.parametrize("answer", ["7", Press.LONG])
def test_too_much_in_the_first_seconds_eases_off_and_ends_nothing(seconds, answer):
    async def script(stage: Stage) -> None:
        await stage.phase(Phase.APPROACH)
        begun_s = stage.now_s
        await stage.until(lambda: stage.now_s - begun_s >= seconds)
        stage.note("said")
        stage.notes["force_n"] = stage.session.force_n
        if isinstance(answer, Press):
            stage.person.press(answer, stage.now_ns + 10_000_000)
        else:
            stage.keys.press(answer)
        await stage.until(lambda: stage.now_s - stage.notes["said"] >= 6.0)
        stage.notes["later_n"] = stage.session.force_n
        stage.notes["aim_n"] = stage.session.pacing.aim_n
        stage.notes["goes_on"] = stage.session.phase in IN_TOUCH and stage.session.strikes == ()

    played = play(script)
    assert played.figures.answers[0] in {7, "too-much"}
    assert played.stage.notes["goes_on"]
    assert played.stage.notes["later_n"] < max(played.stage.notes["force_n"], 8.0)
    # "Too much" of a light force leaves a target so light that the hand may slip off.
    assert played.stage.notes["aim_n"] < 2 * LIGHT_N or Phase.PAUSED not in played.phases
    assert played.figures.reason not in {"force-limit", "too-much"}
