"""All people of a trial, on all cores. The same trial gives the same figures, on however many."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Any

import numpy as np

from protocols.plan import Dose
from protocols.site import Site
from simulator.body import Body
from simulator.population import Population, draw_traits
from simulator.trial.measures import Measures, measure, summary
from simulator.trial.one_person import ENGINE, Trial, one_person

FEWEST_PEOPLE, MOST_PEOPLE = 1, 10_000
MOST_SESSIONS = 12
MOST_QUESTIONS_PER_MIN = 10

ONE_FORCE_PEOPLE = 4000
_ONE_FORCE_STREAM = 2_000_000

IDEAL = "ideal_observer"
COMPARED = ("in_band", "strict", "people_over_8")


@dataclass(frozen=True, slots=True)
class Tried:
    """One person in all arms, by name."""

    arms: dict[str, Measures]
    before_over_8: bool


def one_force_n(population: Population, site: Site, dose: Dose, seed: int) -> float:
    """Return the mean force in the middle of the band of such people, on a day of theirs, fresh: newtons."""
    rng = np.random.default_rng([seed, _ONE_FORCE_STREAM])
    forces = []
    for _ in range(ONE_FORCE_PEOPLE):
        traits = draw_traits(rng, site=site, population=population).body
        day = float(np.exp(rng.normal(0.0, traits.day_ln_sd)))
        forces.append(Body(traits, day).force_at_n(dose.band.aim))
    return float(np.mean(forces))


def try_on(trial: Trial, people: int, jobs: int, progress: Callable[[], None] = lambda: None) -> list[Tried]:
    """Return what each of so many people got; `progress` is called after each of them."""
    if jobs == 1 or people == 1:
        tried = []
        for number in range(people):
            tried.append(_try_one(trial, number))
            progress()
        return tried
    # Fresh processes: a copy of this one would have copies of its threads' locks.
    pool = ProcessPoolExecutor(min(jobs, people), get_context("spawn"), initializer=_end_with_parent)
    try:
        with _deaf_children():
            futures: list[Future[Tried]] = [pool.submit(_try_one, trial, number) for number in range(people)]
        for done in as_completed(futures):
            done.result()
            progress()
        return [future.result() for future in futures]
    finally:
        pool.shutdown(cancel_futures=True)


def report(trial: Trial, tried: Sequence[Tried]) -> dict[str, Any]:
    """Return the figures of a trial as plain values, by arm."""
    arms = {name: summary([one.arms[name] for one in tried]) for name in trial.arms}
    result: dict[str, Any] = {
        "people": len(tried),
        "seed": trial.seed,
        "dose_s": trial.dose.credited_s,
        "sessions": trial.sessions,
        "calibrate": trial.calibrate,
        "questions_per_min": trial.questions_per_min,
        "site": trial.site.name,
        "one_force_n": round(trial.one_force_n, 2),
        "held": sum(one.arms[ENGINE].in_band is not None for one in tried),
        "arms": arms,
        "against_ideal": {name: _against(arms, name) for name in COMPARED},
    }
    if trial.calibrate:
        result["people_over_8_in_calibration"] = round(sum(one.before_over_8 for one in tried) / len(tried), 4)
    return result


def _try_one(trial: Trial, number: int) -> Tried:
    person = one_person(trial, number)
    band = trial.dose.band
    return Tried({name: measure(course, band) for name, course in person.courses.items()}, person.before_over_8)


def _end_with_parent() -> None:
    """End this process when the one that started it does, however that was: it would wait for work for ever."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _against(arms: dict[str, Any], name: str) -> float | None:
    ours, ideal = (arms[arm][name] for arm in (ENGINE, IDEAL))
    ours, ideal = (value["mean"] if isinstance(value, dict) else value for value in (ours, ideal))
    return round(ours / ideal, 4) if ours is not None and ideal else None


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Let processes that are started meanwhile not hear Ctrl-C, which goes to all of a terminal: this one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
