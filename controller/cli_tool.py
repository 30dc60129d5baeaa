"""The commands about tools: being a simulated one, and what is kept of load cells."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from controller.cli_options import ForceFromOption, PersonOption, RadioOption, SeedOption, SiteOption, not_blank
from controller.errors import UsageError

tool = App(name="tool", help="Be a simulated tool; say what is on a load cell; calibrate it by dead weights.")

AddressArgument = Annotated[
    str,
    Parameter(
        help="The address, as holdwell scan shows it.", validator=not_blank("ADDRESS", "an address from holdwell scan")
    ),
]


@tool.default
def listen(
    *,
    listen: Annotated[str, Parameter(help="Where to offer the radio: host and port.")] = "127.0.0.1:9801",
    person: PersonOption = None,
    seed: SeedOption = None,
    force_from: ForceFromOption = None,
    site: SiteOption = "upper-trapezius-left",
) -> int:
    """Be a simulated tool, and the radio, for one app in another process."""
    import asyncio

    from rich.console import Console

    from controller.listen import serve
    from controller.options import DEFAULT_SEED
    from controller.stations import SimulatedSetup
    from protocols.site import Site

    setup = SimulatedSetup.chosen(person, DEFAULT_SEED if seed is None else seed, Site.named(site), force_from)
    return asyncio.run(serve(setup, listen, Console()))


@tool.command(name="set")
def set_(
    address: AddressArgument,
    *,
    tip_mm: Annotated[float | None, Parameter(help="Diameter of the tip, or of the ball, mm.")] = None,
    tip: Annotated[Literal["flat", "sphere"] | None, Parameter(help="Its shape.")] = None,
    invert: Annotated[bool | None, Parameter(help="Pressing reads negative: turn the sign.")] = None,
) -> int:
    """Say what somebody has put on a load cell; it is kept for every run."""
    from rich.console import Console

    from controller.tool_commands import set_tool

    return set_tool(address, Console(), tip_mm=tip_mm, tip=tip, invert=invert)


@tool.command
def show() -> int:
    """Show what is kept of load cells."""
    from rich.console import Console

    from controller.tool_commands import show_tools

    return show_tools(Console())


@tool.command
def calibrate(
    tool: Annotated[
        str, Parameter(help="A name, an address, or sim:KIND.", validator=not_blank("TOOL", "a name or an address"))
    ],
    *,
    masses_kg: Annotated[str, Parameter(help="What is put on, one after the other: kg, with commas.")] = "1,2,3,4,5",
    radio: RadioOption = None,
) -> int:
    """Put dead weights on and take them off again: the fit, what is left of it, and the hysteresis.

    What is good is kept for every run, in the app: nothing on the device is changed. Exit 1 for what is not good.
    """
    from rich.console import Console

    from controller.tool_commands import calibrate_tool
    from controller.weighing import masses_of

    if radio is not None and tool.startswith("sim"):
        raise UsageError("--radio is for a tool elsewhere, sim:KIND is one here: leave one of them out")
    return calibrate_tool(tool, radio, masses_of(masses_kg), Console())
