"""The commands about the simulated world itself."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from controller.cli_options import JsonOption, not_blank, whole_number
from controller.errors import COMPLETE, DIFFERS, UsageError

if TYPE_CHECKING:
    from rich.table import Table as Grid

    from simulator.published import Compared
    from simulator.published_check import Table

simulator = App(name="simulator", help="About the simulated person and tool.")


@simulator.command
def check(
    *,
    people: Annotated[int, Parameter(help="How many to draw, 400-10000.", converter=whole_number)] = 1000,
    seed: Annotated[int, Parameter(help="Draws them.", converter=whole_number)] = 1,
    population: Annotated[
        str | None,
        Parameter(
            help="A TOML file of other people than the default ones.",
            validator=not_blank("--population", "a TOML file"),
        ),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Compare the simulated people with the published tables; exit 1 where one is outside what is allowed."""
    from rich.console import Console

    from controller.telling import print_json
    from simulator.population import DEFAULT_POPULATION
    from simulator.population_file import read_population
    from simulator.published_check import FEWEST_PEOPLE, MOST_PEOPLE, TABLES

    if not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
        raise UsageError(f"--people: {people} is not within {FEWEST_PEOPLE} to {MOST_PEOPLE}")
    if seed < 0:
        raise UsageError(f"--seed: {seed} is below 0; give 0 or more")
    whom = DEFAULT_POPULATION if population is None else read_population(population)
    with Console(stderr=True).status("measuring ..."):
        compared = [(table, one) for table in TABLES for one in table.compare(people, seed, whom)]
    outside = sum(not one.is_within for _, one in compared)
    if json:
        figures = [_plain(table, one) for table, one in compared]
        print_json({"people": people, "seed": seed, "within": not outside, "figures": figures})
    else:
        console = Console()
        console.print(_grid(compared), highlight=False)
        console.print(_verdict(len(compared), outside), highlight=False)
    return DIFFERS if outside else COMPLETE


def _plain(table: "Table", one: "Compared") -> dict[str, Any]:
    figure = one.published
    is_number = figure.low == figure.high
    return {
        "table": table.name,
        "source": table.source,
        "quantity": figure.quantity,
        "unit": figure.unit,
        "published": figure.low if is_number else [figure.low, figure.high],
        "simulated": round(one.simulated, 4),
        "difference": round(one.difference, 4),
        "allowed": round(figure.allowed, 4),
        "within": one.is_within,
    }


def _grid(compared: list[tuple["Table", "Compared"]]) -> "Grid":
    from rich.table import Table as Grid

    grid = Grid(box=None, pad_edge=False, padding=(0, 1))
    grid.add_column("figure")
    for heading in ("published", "simulated", "difference", "allowed"):
        grid.add_column(heading, justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True)
    before: Table | None = None
    for table, one in compared:
        if table is not before:
            grid.add_row(f"[bold]{table.name}[/] ({table.source})")
            before = table
        figure = one.published
        unit = f" ({figure.unit})" if figure.unit else ""
        is_number = figure.low == figure.high
        grid.add_row(
            f"  {figure.quantity}{unit}",
            _number(figure.low) if is_number else f"{_number(figure.low)}-{_number(figure.high)}",
            _number(one.simulated),
            _difference(one.difference),
            f"{figure.allowed:.2f}" if figure.allowed else "range",
            "" if one.is_within else "[bold red]OUTSIDE[/]",
        )
    return grid


def _verdict(count: int, outside: int) -> str:
    if outside:
        return f"[bold red]{outside} of {count} figures are outside what is allowed.[/]"
    return f"All {count} figures are within what is allowed. They are about the simulator, not about you."


def _difference(value: float) -> str:
    return "0" if round(value, 2) == 0.0 else f"{value:+.2f}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100.0 else f"{value:.2f}"  # noqa: PLR2004 - two decimals are enough
