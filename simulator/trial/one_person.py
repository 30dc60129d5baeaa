"""One person through a trial: earlier sessions, today's approach, and from its end on every arm by itself.

Earlier sessions, calibration and approach are the real engine's. Where the hold begins the world is copied for each
arm, so that body, hand and approach are the same in all.
"""

import copy
import math
from dataclasses import dataclass, replace

import numpy as np

from protocols.commands import Outcome
from protocols.events import HistoryLoaded, PastContact
from protocols.figures import figures
from protocols.plan import FIVE, Calibrate, Compress, Dose, Protocol
from protocols.session import Session
from protocols.site import Site
from simulator.population import DEFAULT_POPULATION, Population, draw_traits
from simulator.traits import Traits
from simulator.trial.arms import Arm, OneForce, Oracle, Unguided, hold, most_n
from simulator.trial.course import Course
from simulator.trial.guided import Guided
from simulator.trial.ideal_observer import IdealObserver, first_ceiling_n
from simulator.trial.listener import Listener
from simulator.trial.measures import EIGHT
from simulator.trial.world import PACKET, PERIOD_S, World

ENGINE = "holdwell"
ARMS = ("unguided", "one_force", "calibrated_once", ENGINE, "ideal_observer", "oracle")
CAREFUL = "ideal_observer_safe"

DAYS_BETWEEN = 3.5
"""Two sessions a week."""

USUAL_SLOPE = 4.0
"""d ln(discomfort) / d ln(force) of the middle of the default population, for a first answer other than 5."""


UNENDING = "unending"
_LISTENER_STREAM = 1_000_000


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried on whom; `one_force_n` is the one force of the arm of that name, newtons."""

    seed: int
    dose: Dose
    site: Site
    one_force_n: float
    population: Population = DEFAULT_POPULATION
    sessions: int = 1
    calibrate: bool = False
    questions_per_min: int = 4
    careful: bool = False

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms, in the order of a table."""
        return (*ARMS[:-1], CAREFUL, ARMS[-1]) if self.careful else ARMS


@dataclass(frozen=True, slots=True)
class OnePerson:
    """The courses of one person by arm; `before_over_8`: 8 or more was reached in a calibration before the approach."""

    courses: dict[str, Course]
    before_over_8: bool


def one_person(trial: Trial, number: int) -> OnePerson:
    """Return what every arm does to one person; the same trial and number give the same."""
    traits = draw_traits(
        np.random.default_rng([trial.seed, number]), site=trial.site, population=trial.population, name=str(number)
    )
    listener = Listener(trial.population, trial.site, np.random.default_rng([trial.seed, number, _LISTENER_STREAM]))
    history = HistoryLoaded(0, shown=(trial.site,))
    for session in range(trial.sessions - 1):
        guided = _begun(trial, traits, [trial.seed, number, session], history, listener)
        while not guided.over:
            guided.advance()
        history = history_after(guided.session, history, trial.site)
        listener.wake_up()
    guided = _begun(trial, traits, [trial.seed, number, trial.sessions - 1], history, listener)
    while guided.began is None and not guided.over:
        guided.advance()
    before = guided.world.discomfort[: guided.touched]
    return OnePerson(_all_arms(trial, guided, listener), any(felt >= EIGHT for felt in before))


def routine_of(dose: Dose, *, calibrate: bool) -> Protocol:
    """Return what is done in one session."""
    compress = Compress(dose)
    return Protocol("trial", "Trial", (Calibrate.before(compress), compress) if calibrate else (compress,))


def five_n(guided: Guided) -> float:
    """Return the felt force at which this person said 5, newtons: in a calibration, the mean of all ramps."""
    ramps = [math.log(ramp.five_n) for ramp in guided.session.calibration.ramps if ramp.five_n is not None]
    if ramps:
        return math.exp(sum(ramps) / len(ramps))
    assert guided.found is not None
    felt_n, rating = guided.found
    return float(felt_n * (FIVE / max(rating, 1)) ** (1 / USUAL_SLOPE))


def history_after(session: Session, history: HistoryLoaded, site: Site) -> HistoryLoaded:
    """Return the history with which the next session begins, after this one, which began with `history`."""
    found = figures(session)
    contact = PastContact(site, found.contact_s, DAYS_BETWEEN * 24 * 3600)
    after = replace(history, contacts=(contact,), known_days=history.known_days + DAYS_BETWEEN)
    if found.known is None:
        return after
    return replace(after, force_at_five_n=found.force_at_five_n, known=found.known, known_days=DAYS_BETWEEN)


def _begun(trial: Trial, traits: Traits, seed: list[int], history: HistoryLoaded, listener: Listener) -> Guided:
    world = World(traits, np.random.SeedSequence(seed))
    routine = routine_of(trial.dose, calibrate=trial.calibrate)
    return Guided(world, routine, trial.site, history, trial.questions_per_min, listener)


def _all_arms(trial: Trial, guided: Guided, listener: Listener) -> dict[str, Course]:
    touched = guided.touched
    if guided.began is None or touched is None:
        course = _of_engine(guided)
        return dict.fromkeys(trial.arms, course)
    copies = {name: (guided.world.copied(), copy.deepcopy(listener)) for name in trial.arms if name != ENGINE}
    courses = {}
    for name in trial.arms:
        if name == ENGINE:
            guided.witness = None
            while not guided.over:
                guided.advance()
            courses[name] = _of_engine(guided)
        else:
            world, heard = copies[name]
            courses[name] = hold(world, _arm(name, trial, guided, heard), touched)
    return courses


def _arm(name: str, trial: Trial, guided: Guided, listener: Listener) -> Arm:
    dose, highest_n = trial.dose, most_n(trial.site)
    match name:
        case "unguided":
            return Unguided(dose, min(five_n(guided), highest_n))
        case "one_force":
            return OneForce(dose, min(trial.one_force_n, highest_n))
        case "calibrated_once":
            return OneForce(dose, min(five_n(guided), highest_n))
        case "oracle":
            return Oracle(dose, highest_n)
        case _:
            assert guided.began is not None
            assert guided.touched is not None
            return IdealObserver(
                listener,
                dose,
                highest_n=highest_n,
                wander=trial.population.wander,
                questions_per_min=trial.questions_per_min,
                touched_s=(guided.began - guided.touched) * PERIOD_S,
                ceiling_n=first_ceiling_n(five_n(guided)) if name == CAREFUL else None,
            )


def _of_engine(guided: Guided) -> Course:
    world, session = guided.world, guided.session
    force_n, discomfort = world.truth()
    inside = np.zeros(len(force_n), dtype=np.bool)
    for packet in guided.holding:
        inside[packet * PACKET : (packet + 1) * PACKET] = True
    found = figures(session)
    return Course(
        force_n,
        discomfort,
        guided.touched,
        guided.began,
        len(force_n) if guided.left is None else guided.left,
        inside,
        found.credited_s,
        found.outcome is Outcome.COMPLETE,
        found.reason or UNENDING,
        guided.questions,
        np.array(guided.believed).reshape(-1, 4),
    )
