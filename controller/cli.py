"""The command line. Each command imports what it needs when it runs, so that `holdwell --help` is quick."""

import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from controller.errors import COMPLETE, INTERNAL, NOT_WHOLE, TOOL, USAGE, UsageError

LONGEST_SCAN_S = 600

app = App(
    name="holdwell",
    help="Paces self-massage with a force-sensing tool: 5-6 out of 10, for 30-90 seconds, logged.",
    version=lambda: version("holdwell"),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)

_Journal = Annotated[str | None, Parameter(help="SQLAlchemy URL of the journal; by default one in your data folder.")]
_Json = Annotated[bool, Parameter(help="One JSON value on standard output, everything else on standard error.")]
_Radio = Annotated[
    str | None,
    Parameter(help="A Bumble transport instead of the system's Bluetooth: tcp-client:127.0.0.1:9801, usb:0."),
]
_Person = Annotated[str | None, Parameter(help="Who presses the simulated tool: a name, or a TOML file.")]
_Seed = Annotated[int | None, Parameter(help="Draws the simulated person, hand and answers; 4 by default.")]
_ForceFrom = Annotated[str | None, Parameter(help="A recording for the simulated tool: CSV with t_s,force_n.")]


@app.default
def welcome() -> int:
    """Say what Holdwell is, and what to try."""
    sys.stdout.write(
        "Holdwell paces self-massage with a force-sensing tool: it keeps you at the discomfort you chose,\n"
        "5-6 out of 10, for 30-90 seconds, and logs what was done. It treats nothing.\n\n"
        "Try next:\n"
        "  holdwell run --tool sim    a whole guided hold with a simulated tool and person\n"
        "  holdwell scan              which tools are in reach\n"
        "  holdwell show last         what the last session was like\n\n"
        "holdwell --help lists everything.\n"
    )
    return COMPLETE


@app.command
def run(
    *,
    tool: Annotated[
        str | None, Parameter(help="sim, a name, an address, or scan to choose; by default the last one used, or sim.")
    ] = None,
    protocol: Annotated[str, Parameter(help="Name of a protocol, or a TOML file.")] = "single-dose",
    site: Annotated[str, Parameter(help="Muscle and side, such as levator-scapulae-right.")] = "upper-trapezius-left",
    dose: Annotated[float | None, Parameter(help="Credited seconds, 30-90, instead of the protocol's.")] = None,
    profile: Annotated[str, Parameter(help="Whose history and limits.")] = "me",
    person: _Person = None,
    seed: _Seed = None,
    remember: Annotated[bool, Parameter(help="Let the simulated person have a history.", negative=())] = False,
    force_from: _ForceFrom = None,
    fast: Annotated[bool, Parameter(help="Virtual time: as fast as it can be computed.", negative=())] = False,
    radio: _Radio = None,
    journal: _Journal = None,
    json: _Json = False,
) -> int:
    """Run one session."""
    from controller.options import RunOptions
    from controller.run import run as run_session

    return run_session(
        RunOptions(tool, protocol, site, dose, profile, person, seed, remember, force_from, fast, radio, journal, json)
    )


@app.command
def scan(*, radio: _Radio = None, seconds: Annotated[float, Parameter(help="How long to listen.")] = 5.0) -> int:
    """List the tools in reach."""
    if not 0 < seconds <= LONGEST_SCAN_S:
        raise UsageError(f"--seconds: {seconds:g} is not more than 0 and at most {LONGEST_SCAN_S}")
    import asyncio

    from rich.console import Console

    from controller.scan import in_reach, table_of

    console = Console()
    with Console(stderr=True).status("listening ..."):
        found = asyncio.run(in_reach(radio, seconds))
    console.print(table_of(found))
    return COMPLETE


@app.command(name="tool")
def listen(
    *,
    listen: Annotated[str, Parameter(help="Where to offer the radio: host and port.")] = "127.0.0.1:9801",
    person: _Person = None,
    seed: _Seed = None,
    force_from: _ForceFrom = None,
    site: Annotated[str, Parameter(help="Where the simulated person presses.")] = "upper-trapezius-left",
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


@app.command
def sessions(
    *,
    journal: _Journal = None,
    profile: Annotated[str | None, Parameter(help="Only this profile's.")] = None,
    json: _Json = False,
) -> int:
    """List the sessions in the journal, latest first."""
    from rich.console import Console

    from controller.opened import opened_journal
    from controller.review import list_sessions, report
    from controller.telling import print_json, sessions_table

    with opened_journal(journal) as opened:
        found = list_sessions(opened.engine, profile=None if profile is None else profile.strip())
    if json:
        print_json([report(session) for session in found])
    elif found:
        console = Console()
        console.print(sessions_table(found, console.width), highlight=False)
    else:
        Console().print("No session yet; `holdwell run --tool sim` makes one.")
    return COMPLETE


@app.command
def show(session: str, /, *, journal: _Journal = None, json: _Json = False) -> int:
    """Show one session's figures. SESSION: an id, or its beginning, or last."""
    from rich.console import Console

    from controller.opened import opened_journal
    from controller.review import find_session, report
    from controller.telling import print_json, show_session

    with opened_journal(journal) as opened:
        shown = report(find_session(opened.engine, session))
    if json:
        print_json(shown)
    else:
        show_session(Console(), shown)
    return COMPLETE


@app.command
def export(
    session: str,
    /,
    *,
    format: Annotated[  # noqa: A002 - the option is called --format
        Literal["jsonl", "csv"], Parameter(help="jsonl: events and commands; csv: samples.")
    ] = "csv",
    output: Annotated[Path | None, Parameter(help="File to write; standard output by default.")] = None,
    journal: _Journal = None,
) -> int:
    """Write one session's samples, or its events and commands. SESSION: an id, or its beginning, or last."""
    from controller.export import Format, export_lines, write_file
    from controller.opened import opened_journal
    from controller.review import find_session

    with opened_journal(journal) as opened:
        lines = export_lines(opened.engine, find_session(opened.engine, session), Format(format))
        if output is None:
            sys.stdout.writelines(f"{line}\n" for line in lines)
        else:
            write_file(output, lines)
    return COMPLETE


@app.command
def unlock(
    site: str,
    /,
    *,
    profile: Annotated[str, Parameter(help="Whose site.")] = "me",
    journal: _Journal = None,
) -> int:
    """Let a site be pressed again that a reported symptom has locked. SITE: such as levator-scapulae-right."""
    from rich.console import Console

    from controller.clock import SystemClock
    from controller.history import Whose, clear_site
    from controller.opened import opened_journal
    from controller.screening import asked
    from protocols.site import Site

    where, console = Site.named(site), Console()
    with opened_journal(journal) as opened:
        if not asked(console, f"Has a doctor or therapist looked at it, and said that {site} may be pressed again?"):
            console.print("It stays locked.")
            return NOT_WHOLE
        clear_site(opened.engine, Whose(profile.strip()), where, SystemClock().utc_now())
    console.print(f"{site} may be pressed again.")
    return COMPLETE


@app.command
def replay(session: str, /, *, journal: _Journal = None) -> int:
    """Run a session's events through the engine again; exit 1 where the commands differ. SESSION: as in show."""
    from controller.opened import opened_journal
    from controller.replay import replay as run_again
    from controller.review import find_session
    from controller.telling import difference_words

    with opened_journal(journal) as opened:
        record = find_session(opened.engine, session)
        result = run_again(opened.engine, record)
    if result.difference is None:
        sys.stdout.write(f"{record.id}: the same commands again, {result.events} events\n")
        return COMPLETE
    sys.stdout.write(f"{record.id}: {difference_words(result.difference)}\n")
    return 1


def main() -> None:
    """Run the command line; errors that somebody can mend are one line."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    # What the stack has to say of a link that broke reaches the person as the link's own news.
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    sys.exit(_run())


def _run() -> int:
    try:
        code = app(sys.argv[1:], exit_on_error=False, print_error=True)
    except UsageError as error:
        return _told(str(error), USAGE)
    except KeyboardInterrupt:
        return _told("stopped", NOT_WHOLE)
    except BrokenPipeError:
        sys.stderr.close()
        return COMPLETE
    except Exception as error:  # noqa: BLE001 - told in one line where it is known, raised again where not
        return _known(error)
    return code if isinstance(code, int) else COMPLETE


def _known(error: Exception) -> int:
    from bleak.exc import BleakError
    from cyclopts import CycloptsError

    from controller.journal_errors import JournalError
    from firmware_bridge.errors import BridgeError
    from protocols.errors import ProtocolsError
    from simulator.key_store import KeyStoreError
    from simulator.recording import RecordingError

    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    match error:
        case CycloptsError():
            return USAGE  # cyclopts has printed it
        case ProtocolsError() | RecordingError() | JournalError() | KeyStoreError():
            return _told(str(error), USAGE)
        case BridgeError() | BleakError():
            return _told(str(error), TOOL)
        case _:
            return _told(_kept(error), INTERNAL)


def _kept(error: Exception) -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="holdwell-error-", suffix=".txt", delete=False) as file:
        file.writelines(traceback.format_exception(error))
    return f"this should not have happened: {type(error).__name__}: {error}. Please report it with the file {file.name}"


def _told(message: str, code: int) -> int:
    sys.stderr.write(f"holdwell: {' '.join(message.split())}\n")
    return code


if __name__ == "__main__":
    main()
