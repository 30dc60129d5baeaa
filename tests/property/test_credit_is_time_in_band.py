"""Over many people the expected credit is the expected time in band. The engine and simulated people, no radio."""

from protocols.commands import Arm, Ask, CloseQuestion, Command, Cue, GiveCue, Phase, ShowTarget, Tare
from protocols.engine import step
from protocols.events import (
    Answered,
    Armed,
    Event,
    HistoryLoaded,
    Press,
    Pressed,
    Sampled,
    Tared,
    Ticked,
    ToolConnected,
    WentOn,
)
from protocols.plan import Compress, Dose, Protocol
from protocols.session import Session
from simulator.person import Person
from simulator.person_file import load_person
from tests.engine_sessions import SITE, TOOL

PEOPLE = 40
PERIOD_NS = TOOL.sample_period_ns
LONG_NS = 800_000_000
TOLERANCE = 0.12
"""One draw of 40 people varies by some 5 %, and what is believed is careful by as much."""


def test_expected_credit_is_expected_time_in_band():
    credited = in_band = held = 0.0
    for seed in range(PEOPLE):
        figures = _hold(seed)
        credited, in_band, held = credited + figures[0], in_band + figures[1], held + figures[2]
    assert held > PEOPLE * 25
    assert abs(credited / in_band - 1.0) < TOLERANCE, (credited, in_band, held)


def _hold(seed: int) -> tuple[float, float, float]:
    """Return seconds credited, seconds truly in band and seconds in all, of the holds of one person's session."""
    person = Person(load_person("default", seed, SITE), seed)
    session = Session.begin(Protocol("one", "One", (Compress(Dose(credited_s=45)),)), SITE)
    now_ns, down_ns, in_band_s, held_s, credit_s = 0, 0, 0.0, 0.0, 0.0
    due: list[Event] = [HistoryLoaded(0), ToolConnected(0, TOOL)]
    while now_ns < 200_000_000_000 and not session.ended:
        forces = []
        for _ in range(5):
            now_ns += PERIOD_NS
            forces.append(round(person.force_n(now_ns), 2))
            if session.phase is Phase.HOLD:
                held_s += PERIOD_NS * 1e-9
                in_band_s += PERIOD_NS * 1e-9 * (4.5 <= person.discomfort < 6.5)
        if session.phase is not Phase.TARE:
            due.append(Sampled(now_ns, now_ns - 4 * PERIOD_NS, PERIOD_NS, tuple(forces)))
        for at_ns, is_down in person.button_edges(now_ns):
            if is_down:
                down_ns = at_ns
            else:
                due.append(Pressed(now_ns, down_ns, Press.LONG if at_ns - down_ns >= LONG_NS else Press.SHORT, "tool"))
        for at_ns, reply in person.replies(now_ns):
            due.append(WentOn(now_ns, "app") if isinstance(reply, str) else Answered(now_ns, at_ns, reply, "keys"))
        due.append(Ticked(now_ns))
        while due:
            session, commands = step(session, due.pop(0))
            credit_s = max(credit_s, session.credit.seconds)
            due += [event for command in commands for event in _carried_out(command, person, now_ns)]
    return credit_s, in_band_s, held_s


def _carried_out(command: Command, person: Person, now_ns: int) -> list[Event]:
    match command:
        case Tare():
            return [Tared(now_ns, 0.0)]
        case Arm():
            return [Armed(now_ns, command.force_limit_n, command.hold_limit_s)]
        case ShowTarget():
            person.see_target(command.aim_n, now_ns)
        case GiveCue() if command.cue is not Cue.NONE:
            person.cued(command.cue, now_ns)
        case Ask():
            person.asked(command.question, now_ns)
        case CloseQuestion():
            person.question_closed(now_ns)
        case _:
            pass
    return []
