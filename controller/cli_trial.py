"""The command that compares ways to lead a hold on simulated people."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from controller.cli_options import JsonOption, SiteOption, not_blank, whole_number
from controller.errors import COMPLETE


def trial(
    *,
    people: Annotated[int, Parameter(help="How many to draw, 1-10000.", converter=whole_number)] = 100,
    seed: Annotated[int, Parameter(help="Draws them, their hands and answers.", converter=whole_number)] = 1,
    dose: Annotated[float, Parameter(help="Seconds in the band, 30-90.")] = 45.0,
    sessions: Annotated[
        int, Parameter(help="Judge this one of several sessions, 3.5 days apart, 1-12.", converter=whole_number)
    ] = 1,
    calibrate: Annotated[
        bool, Parameter(help="Find first pain and 5 three times before each hold.", negative=())
    ] = False,
    questions_per_min: Annotated[
        int,
        Parameter(
            help="At most so many in any minute of a hold, 1-10; a shorter one may have as many.",
            converter=whole_number,
        ),
    ] = 4,
    site: SiteOption = "upper-trapezius-left",
    population: Annotated[
        str | None,
        Parameter(
            help="A TOML file of other people than the default ones.",
            validator=not_blank("--population", "a TOML file"),
        ),
    ] = None,
    print_population: Annotated[
        bool, Parameter(help="Print the population as a TOML file, and nothing else.", negative=())
    ] = False,
    safe_observer: Annotated[
        bool, Parameter(help="Add an ideal observer that obeys the rules of pressure.", negative=())
    ] = False,
    plot: Annotated[
        Path | None, Parameter(help="Draw one person's hold in each arm, and everybody's time in band, as PNG.")
    ] = None,
    jobs: Annotated[
        int | None, Parameter(help="Processes; by default one for each core.", converter=whole_number)
    ] = None,
    json: JsonOption = False,
) -> int:
    """Compare the engine with other ways to lead a hold, on simulated people."""
    from controller.trial_options import TrialOptions

    options = TrialOptions(
        people,
        seed,
        dose,
        sessions,
        questions_per_min,
        site,
        calibrate,
        safe_observer,
        population,
        plot,
        jobs,
    )
    if print_population:
        from simulator.population_file import population_toml

        options.check()
        sys.stdout.write(population_toml(options.whom()))
        return COMPLETE
    from controller.trial_run import run_trial

    run_trial(options, json=json)
    return COMPLETE
