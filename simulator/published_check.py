"""The simulated world against the published tables, all of them."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.measured_bodies import pain_at_constant_pressure, small_tip, threshold_by_sex, tolerance_on_threshold
from simulator.measured_hands import correction, sag, steadiness
from simulator.population import Population
from simulator.published import Compared

FEWEST_PEOPLE, MOST_PEOPLE = 400, 10_000
"""With 400 people chance alone puts a figure outside for one seed in 25; more than 10,000 only take long."""


@dataclass(frozen=True, slots=True)
class Table:
    """One published table. `compare(people, seed, population)` returns its figures beside the simulated ones."""

    name: str
    source: str
    compare: Callable[[int, int, Population], tuple[Compared, ...]]


TABLES = (
    Table("unguided hand", "PMC8623383", sag),
    Table("pain in 30 s", "Staud 2009", pain_at_constant_pressure),
    Table("tolerance", "Hou 2002", tolerance_on_threshold),
    Table("threshold", "UWO-Algometer norms", threshold_by_sex),
    Table("guided hand", "PMC3631578", steadiness),
    Table("its correction", "PMC6230778", correction),
    Table("size of the tip", "derived", small_tip),
)
