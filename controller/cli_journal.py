"""The commands that look into the journal. Each imports what it needs when it runs, as all commands do."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from controller.cli_options import JournalOption, JsonOption, OneProfileOption, WhoseOption
from controller.errors import COMPLETE, NOT_WHOLE


def sessions(
    *,
    journal: JournalOption = None,
    profile: OneProfileOption = None,
    json: JsonOption = False,
) -> int:
    """List the sessions in the journal, latest first."""
    from rich.console import Console

    from controller.opened import opened_journal
    from controller.review import list_profiles, list_sessions, report
    from controller.telling import no_session_words, print_json, sessions_table, tell_damaged

    whose = None if profile is None else profile.strip()
    with opened_journal(journal) as opened:
        found, profiles = list_sessions(opened.engine, profile=whose), list_profiles(opened.engine)
    if json:
        print_json([report(session) for session in found])
    if not found:
        Console(stderr=json).print(no_session_words(whose, profiles), markup=False, highlight=False, soft_wrap=True)
    elif not json:
        console = Console()
        console.print(sessions_table(found, console.width), highlight=False)
    tell_damaged(found)
    return COMPLETE


def show(
    session: str,
    /,
    *,
    plot: Annotated[
        Path | None, Parameter(help="FILE.png for a picture of force, shown band, estimate and answers.")
    ] = None,
    journal: JournalOption = None,
    json: JsonOption = False,
) -> int:
    """Show one session's figures, and its course as a plot. SESSION: an id, or its beginning, or last."""
    from controller.opened import opened_journal
    from controller.showing import show_one

    with opened_journal(journal) as opened:
        show_one(opened.engine, session, plot=plot, json=json)
    return COMPLETE


def export(
    session: str,
    /,
    *,
    format: Annotated[  # noqa: A002 - the option is called --format
        Literal["jsonl", "csv"], Parameter(help="jsonl: events and commands; csv: samples.")
    ] = "csv",
    output: Annotated[Path | None, Parameter(help="File to write; standard output by default.")] = None,
    journal: JournalOption = None,
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


def unlock(
    site: str,
    /,
    *,
    profile: WhoseOption = "me",
    journal: JournalOption = None,
) -> int:
    """Let a site be pressed again that a reported symptom has locked. SITE: such as levator-scapulae-right."""
    from rich.console import Console

    from controller.opened import opened_journal
    from controller.unlocking import unlock_site
    from protocols.site import Site

    where = Site.named(site)
    with opened_journal(journal) as opened:
        is_open = unlock_site(opened.engine, profile.strip(), where, Console())
    return COMPLETE if is_open else NOT_WHOLE


def replay(session: str, /, *, journal: JournalOption = None) -> int:
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
