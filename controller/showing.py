"""What `holdwell show` does: a session's figures and its course, on the terminal, as JSON, in a picture."""

import sys
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine

from controller.course import Course, read_course, told
from controller.journal_errors import JournalError
from controller.journal_reader import SessionRecord
from controller.learned import learned_words
from controller.plot_png import write_plot
from controller.plot_text import print_course
from controller.png_file import check_png
from controller.review import find_session, report
from controller.summary import known_of
from controller.telling import print_json, show_session, tell_damaged
from controller.words import simulated_words
from protocols.errors import FileError


def show_one(engine: Engine, session_id: str, *, plot: Path | None, json: bool) -> None:
    """Print one session; `plot`: a PNG to write first, so that nothing is printed if it cannot be.

    A session whose events this version cannot read has its figures all the same; `estimate` is None then. Raises
    UnknownSessionError, and of the picture UsageError, JournalError, FileError.
    """
    if plot is not None:
        check_png(plot)
    session = find_session(engine, session_id)
    tell_damaged([session])
    shown, course = report(session), _course(engine, session, needed=plot is not None)
    if plot is not None and course is not None:
        write_plot(plot, course, _title(session))
    if json:
        print_json(shown | {"estimate": None if course is None else told(course)})
        return
    console = Console()
    show_session(console, shown)
    known = known_of(session.summary or {})
    if known is not None:
        console.print(f"learned: {learned_words(known)}", highlight=False)
    if course is not None:
        print_course(console, course)
    if plot is not None:
        console.print(f"Plotted in {plot}", markup=False, highlight=False, soft_wrap=True)


def _course(engine: Engine, session: SessionRecord, *, needed: bool) -> Course | None:
    try:
        course = read_course(engine, session)
    except (JournalError, FileError) as error:
        if needed:
            raise
        _note(f"the course of {session.id} cannot be shown: {error}")
        return None
    if not course.same:
        _note(
            f"this version decides otherwise than the one that ran {session.id} (holdwell replay {session.id} says "
            "where): the estimate is what it would have believed"
        )
    return course


def _title(session: SessionRecord) -> str:
    simulated = simulated_words(session.person)
    return " · ".join(part for part in (f"session {session.id}", session.site.name, simulated) if part)


def _note(text: str) -> None:
    sys.stderr.write(f"holdwell: {text}\n")
