"""What `holdwell trial` was asked for, checked before anything is computed."""

import os
from dataclasses import dataclass
from pathlib import Path

from controller.errors import UsageError
from controller.png_file import check_png
from protocols.errors import PlanError
from protocols.plan import Dose
from protocols.site import Site
from simulator.population import DEFAULT_POPULATION, Population
from simulator.population_file import read_population
from simulator.trial.one_person import Trial
from simulator.trial.trial import (
    FEWEST_PEOPLE,
    MOST_PEOPLE,
    MOST_QUESTIONS_PER_MIN,
    MOST_SESSIONS,
    one_force_n,
)

MOST_JOBS = 256


@dataclass(frozen=True, slots=True)
class TrialOptions:
    """The options of `holdwell trial`, as typed; `jobs` None: one for each core."""

    people: int
    seed: int
    dose: float
    sessions: int
    questions_per_min: int
    site: str
    calibrate: bool = False
    safe_observer: bool = False
    population: str | None = None
    plot: Path | None = None
    jobs: int | None = None

    @property
    def processes(self) -> int:
        """How many processes compute."""
        return self.jobs or min(os.cpu_count() or 1, MOST_JOBS)

    def whom(self) -> Population:
        """Return the population to draw from. Raises FileError."""
        return DEFAULT_POPULATION if self.population is None else read_population(self.population)

    def check(self) -> None:
        """Raise UsageError or JournalError for what can't be meant."""
        _check("--people", self.people, FEWEST_PEOPLE, MOST_PEOPLE)
        _check("--sessions", self.sessions, 1, MOST_SESSIONS)
        _check("--questions-per-min", self.questions_per_min, 1, MOST_QUESTIONS_PER_MIN)
        if self.jobs is not None:
            _check("--jobs", self.jobs, 1, MOST_JOBS)
        if self.seed < 0:
            raise UsageError(f"--seed: {self.seed} is below 0; give 0 or more")
        if self.plot is not None:
            check_png(self.plot)

    def trial(self) -> Trial:
        """Return what is tried. Raises UsageError, ProtocolsError, JournalError."""
        self.check()
        dose, site, population = self._dose(), Site.named(self.site), self.whom()
        return Trial(
            seed=self.seed,
            dose=dose,
            site=site,
            one_force_n=one_force_n(population, site, dose, self.seed),
            population=population,
            sessions=self.sessions,
            calibrate=self.calibrate,
            questions_per_min=self.questions_per_min,
            careful=self.safe_observer,
        )

    def _dose(self) -> Dose:
        try:
            return Dose(credited_s=self.dose)
        except PlanError as error:
            raise UsageError(f"--dose: {error.problem}") from None


def _check(option: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise UsageError(f"{option}: {value} is not within {lowest} to {highest}")
