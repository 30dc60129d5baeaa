"""`holdwell scan`, and choosing a tool from what is in reach."""

from rich.console import Console
from rich.table import Table

from controller.errors import UsageError
from controller.places import data_folder
from controller.simulated_tools import SIMULATED
from controller.stations import BONDS, opened_radio
from firmware_bridge.capabilities import HOLDWELL, Capabilities
from firmware_bridge.discovery import SCAN_S, FoundTool, scan
from firmware_bridge.errors import ToolNotFoundError

LOOK_S = 2.5
"""Long enough to hear twice of a tool that advertises each second; somebody waits."""


async def in_reach(radio_spec: str | None, seconds: float = SCAN_S) -> list[FoundTool]:
    """Return the tools in reach, nearest first. Raises RadioError."""
    async with opened_radio(radio_spec, data_folder() / BONDS) as radio:
        return await scan(radio, seconds)


def table_of(found: list[FoundTool]) -> Table:
    """Return what was found as a table."""
    table = Table("name", "address", "signal", "is a", "can")
    for tool in found:
        able = tool.driver.capabilities
        table.add_row(tool.name, tool.address, f"{tool.rssi_dbm} dBm", able.title, ability_words(able))
    table.add_row(SIMULATED, "-", "-", "simulated tool, always there", ability_words(HOLDWELL))
    return table


def ability_words(able: Capabilities) -> str:
    """Return what a kind of tool can do."""
    if not able.credits:
        return f"log alone: steps of {able.resolution_n:.1f} N"
    extras = {"guards by itself": able.own_guard, "cues": able.own_cues, "has a button": able.own_button}
    measures = f"measures {able.rate_hz} times a second"
    return ", ".join((measures, *(word for word, has in extras.items() if has)))


async def the_one(radio_spec: str | None, last_used: str | None, console: Console) -> str:
    """Return the address of the only tool in reach, or of the one last used.

    Raises ToolNotFoundError when there is none, UsageError when it could be several.
    """
    with console.status("looking for tools ..."):
        found = await in_reach(radio_spec, LOOK_S)
    if not found:
        raise ToolNotFoundError("--radio", "no tool is in reach there; switch one on, and bring it near")
    known = [tool for tool in found if last_used in {tool.name, tool.device.name, tool.address}]
    (one, *others) = known or found
    if others:
        listed = ", ".join(f"{tool.name} ({tool.address})" for tool in found)
        raise UsageError(f"several tools are in reach: {listed}; give the one you mean with --tool")
    return one.address


async def choose(radio_spec: str | None, console: Console) -> str:
    """Let the person choose among the tools in reach; return an address. Raises UsageError."""
    with console.status("looking for tools ..."):
        found = await in_reach(radio_spec)
    if not found:
        raise UsageError("no tool is in reach; switch it on, bring it near, or use --tool sim")
    for number, tool in enumerate(found, start=1):
        console.print(f"  {number}  {tool.name}  {tool.address}  {tool.rssi_dbm} dBm", highlight=False)
    try:
        answer = console.input(f"Which one? [1-{len(found)}] ").strip()
    except EOFError:
        raise UsageError("nobody chose a tool; give its name with --tool") from None
    if not answer.isdecimal() or not 1 <= int(answer) <= len(found):
        raise UsageError(f"'{answer}' is not one of 1 to {len(found)}")
    return found[int(answer) - 1].address
