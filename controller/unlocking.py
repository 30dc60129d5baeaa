"""`holdwell unlock`: letting a site be pressed again, after somebody has looked at it."""

from rich.console import Console
from sqlalchemy import Engine

from controller.clock import SystemClock
from controller.errors import UsageError
from controller.history import clear_site, locked_for
from controller.screening import asked
from protocols.site import Site


def unlock_site(engine: Engine, profile: str, site: Site, console: Console) -> bool:
    """Unlock a site for all of a profile's persons for whom it is locked; return whether none is left.

    A real person is asked first, a simulated one has nobody to ask. Raises UsageError, JournalError.
    """
    locked = locked_for(engine, profile, site)
    if not locked:
        _say(console, f"{site.name} is not locked for profile '{profile}'; nothing was changed.")
    is_open = True
    # The simulated first: they need no answer.
    for whose in sorted(locked, key=lambda each: each.person is None):
        if whose.person is None:
            question = f"Has a doctor or therapist looked at it, and said that {site.name} may be pressed again?"
            if not asked(console, question):
                _say(console, "It stays locked.")
                is_open = False
                continue
        clear_site(engine, whose, site, SystemClock().utc_now())
        by = "" if whose.person is None else f" by the simulated person {whose.person.removeprefix('sim:')}"
        if whose in locked_for(engine, profile, site):
            raise UsageError(f"{site.name} was locked at a time still to come: set this computer's clock right first")
        _say(console, f"{site.name} may be pressed again{by}.")
    return is_open


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
