"""The command line. Each command imports what it needs when it runs, so that `holdwell --help` is quick."""

import logging
import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

from cyclopts import App, Parameter

from controller.cli_journal import export, replay, sessions, show, unlock
from controller.cli_options import (
    FastOption,
    ForceFromOption,
    HeartRateOption,
    JournalOption,
    JsonOption,
    PersonOption,
    RadioOption,
    RememberOption,
    SeedOption,
    SiteOption,
    ToolOption,
    WatchOption,
    WhoseOption,
)
from controller.cli_simulator import simulator
from controller.cli_tool import tool as tool_app
from controller.cli_trial import trial
from controller.errors import COMPLETE, INTERNAL, NOT_WHOLE, TOOL, USAGE, UsageError
from controller.output import OutputError, flush_output, give_up_output, make_output_safe

LONGEST_SCAN_S = 600

app = App(
    name="holdwell",
    help="Paces self-massage with a force-sensing tool: 5-6 out of 10, for 30-90 seconds, logged.",
    version=lambda: version("holdwell"),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


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
    tool: ToolOption = None,
    protocol: Annotated[str, Parameter(help="Name of a protocol, or a TOML file.")] = "single-dose",
    site: SiteOption = "upper-trapezius-left",
    dose: Annotated[float | None, Parameter(help="Credited seconds, 30-90, instead of the protocol's.")] = None,
    calibrate: Annotated[
        bool, Parameter(help="Find first pain and 5 three times before the hold.", negative=())
    ] = False,
    profile: WhoseOption = "me",
    person: PersonOption = None,
    seed: SeedOption = None,
    remember: RememberOption = False,
    force_from: ForceFromOption = None,
    fast: FastOption = False,
    heart_rate: HeartRateOption = None,
    watch: WatchOption = None,
    radio: RadioOption = None,
    journal: JournalOption = None,
    json: JsonOption = False,
) -> int:
    """Run one session."""
    from controller.options import RunOptions
    from controller.run import run as run_session

    return run_session(
        RunOptions(
            tool,
            protocol,
            site,
            dose,
            profile,
            person,
            seed,
            remember,
            force_from,
            fast,
            radio,
            journal,
            json,
            calibrate,
            heart_rate,
            watch,
        )
    )


@app.command
def calibrate(
    *,
    tool: ToolOption = None,
    site: SiteOption = "upper-trapezius-left",
    profile: WhoseOption = "me",
    person: PersonOption = None,
    seed: SeedOption = None,
    remember: RememberOption = False,
    fast: FastOption = False,
    heart_rate: HeartRateOption = None,
    watch: WatchOption = None,
    radio: RadioOption = None,
    journal: JournalOption = None,
    json: JsonOption = False,
) -> int:
    """Find the forces of first pain and of 5, three times each, and nothing else."""
    from controller.options import CALIBRATION, RunOptions
    from controller.run import run as run_session

    return run_session(
        RunOptions(
            tool,
            CALIBRATION,
            site,
            profile=profile,
            person=person,
            seed=seed,
            remember=remember,
            fast=fast,
            radio=radio,
            journal=journal,
            json=json,
            heart_rate=heart_rate,
            watch=watch,
        )
    )


@app.command
def scan(*, radio: RadioOption = None, seconds: Annotated[float, Parameter(help="How long to listen.")] = 5.0) -> int:
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


for _command in (sessions, show, export, replay, unlock, trial):
    app.command(_command)
app.command(simulator)
app.command(tool_app)


def main() -> None:
    """Run the command line; errors that somebody can mend are one line."""
    make_output_safe()
    logging.basicConfig(level=logging.WARNING, format="holdwell: %(message)s")
    # What the stack has to say of a link that broke reaches the person as the link's own news.
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    sys.exit(_run())


def _run() -> int:
    try:
        _check_readable(sys.argv[1:])
        code = app(sys.argv[1:], exit_on_error=False, print_error=False)
        flush_output()
    except UsageError as error:
        return _told(str(error), USAGE)
    except KeyboardInterrupt:
        return _told("stopped", NOT_WHOLE)
    except Exception as error:  # noqa: BLE001 - told in one line where it is known, raised again where not
        return _known(error)
    return code if isinstance(code, int) else COMPLETE


def _known(error: Exception) -> int:
    from bleak.exc import BleakError
    from cyclopts import CycloptsError

    from controller.cli_errors import command_line_words
    from controller.journal_errors import JournalError
    from firmware_bridge.errors import BridgeError
    from protocols.errors import ProtocolsError
    from simulator.key_store import KeyStoreError
    from simulator.recording import RecordingError

    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    match error:
        case CycloptsError():
            return _told(command_line_words(error), USAGE)
        case OutputError():
            give_up_output()
            if error.is_unread:
                return COMPLETE
            why = error.strerror or "it is gone"
            return _told(f"standard output cannot be written: {why}. Send it elsewhere; what was logged is safe", USAGE)
        case ProtocolsError() | RecordingError() | JournalError() | KeyStoreError():
            return _told(str(error), USAGE)
        case BridgeError() | BleakError():
            return _told(str(error), TOOL)
        case _:
            return _told(_kept(error), INTERNAL)


def _kept(error: Exception) -> str:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="holdwell-error-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        file.writelines(traceback.format_exception(error))
    return f"this should not have happened: {type(error).__name__}: {error}. Please report it with the file {file.name}"


def _told(message: str, code: int) -> int:
    with suppress(OSError):
        sys.stderr.write(f"holdwell: {' '.join(message.split())}\n")
    return code


def _check_readable(arguments: list[str]) -> None:
    for argument in arguments:
        raw = argument.encode(errors="surrogateescape")
        try:
            raw.decode()
        except UnicodeDecodeError:
            shown = raw.decode(errors="backslashreplace")
            raise UsageError(f"'{shown}' is not UTF-8 text: type it again, or rename the file") from None


if __name__ == "__main__":
    main()
