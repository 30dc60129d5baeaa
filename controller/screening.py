"""What is asked in the terminal before a tool that is not simulated is used."""

from dataclasses import replace
from datetime import datetime

from rich.console import Console
from sqlalchemy import Engine

from controller.errors import UsageError
from controller.history import Whose, declare_shown
from firmware_bridge.tool import Features
from protocols.events import HistoryLoaded
from protocols.history import DAY_S, SAME_SITE_S, contact_left_s
from protocols.screening import RED_FLAGS
from protocols.site import NEEDS_SHOWING, Site

SIMULATED_INSTEAD = ", or use the simulated tool (--tool sim)"
_YES = frozenset({"y", "yes"})
_NO = frozenset({"n", "no"})


class RedFlagError(UsageError):
    """The person should see somebody first."""


def screen(
    console: Console,
    engine: Engine,
    whose: Whose,
    site: Site,
    features: Features,
    history: HistoryLoaded,
    now: datetime,
) -> HistoryLoaded:
    """Ask the red flags, show the caps, ask about the site; return the history with the answers in it.

    Raises RedFlagError when a flag is raised, UsageError when nobody answers.
    """
    console.print("Before you press, please answer for yourself, today. Do you have, or have you had:")
    raised = [flag for flag in RED_FLAGS if asked(console, f"  {flag.words}?", instead=SIMULATED_INSTEAD)]
    if raised:
        raise RedFlagError(
            "please see a doctor or a physical therapist first, and tell them: "
            + "; ".join(flag.words for flag in raised)
            + ". Nothing was started."
        )
    if site.muscle in NEEDS_SHOWING and site not in history.shown:
        question = f"Did a clinician show you how to hold {site.name} in a pinch grip, never pressed against the neck?"
        if asked(console, question, instead=SIMULATED_INSTEAD):
            declare_shown(engine, whose, site, now)
            history = replace(history, shown=(*history.shown, site))
    if any(past.site == site and past.ended_ago_s < SAME_SITE_S for past in history.contacts):
        question = f"Is {site.name} more tender, bruised or numb since the last time?"
        tender = asked(console, question, instead=SIMULATED_INSTEAD)
        history = replace(history, tender_since=tender)
    _show_caps(console, site, features, history)
    return history


def asked(console: Console, question: str, *, instead: str = "") -> bool:
    """Ask until the answer is yes or no.

    Raises UsageError where nobody can answer; `instead`: what else can be done then, from a comma on.
    """
    while True:
        try:
            answer = console.input(f"{question} [dim](y/n)[/dim] ").strip().lower()
        except EOFError:
            raise UsageError(f"the safety questions need an answer: run it in a terminal{instead}") from None
        if answer in _YES:
            return True
        if answer in _NO:
            return False
        console.print("Please type y or n.")


def _show_caps(console: Console, site: Site, features: Features, history: HistoryLoaded) -> None:
    cap_n = min(site.cap_n(features.tip_diameter_mm), features.capacity_n)
    console.print(
        f"Never more than {cap_n:.0f} N at {site.name} with this tip of {features.tip_diameter_mm:.1f} mm; "
        f"{contact_left_s(history):.0f} s of contact are left of 8 minutes in {DAY_S / 3600:.0f} hours. "
        "Never the front of the neck, never both sides at once. The app can only ask you to let go: you are the one "
        "who does.",
        highlight=False,
    )
