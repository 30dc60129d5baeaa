"""Letting a site be pressed again: for whom it was locked, and for nobody else."""

from datetime import timedelta

import pytest
from rich.console import Console

from controller.errors import UsageError
from controller.history import Whose, load_history, locked_for
from controller.journal import Journal
from controller.unlocking import unlock_site
from protocols.commands import LockSite
from protocols.events import Symptom, SymptomReported
from protocols.site import Site
from tests.journal_sessions import ORIGIN_NS, SECOND, STARTED_AT, begin, noon

SITE = Site.named("levator-scapulae-left")
OTHER = Site.named("suboccipital-left")
ME, SIMULATED = Whose("me"), Whose("me", "sim:default:4")
YEAR = timedelta(days=365)


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


@pytest.fixture
def console(monkeypatch):
    """A console on which the answer is yes unless the test says no."""
    console = Console(width=200)
    console.reply = "yes"  # type: ignore[attr-defined] # for the tests
    console.asked = []  # type: ignore[attr-defined] # for the tests

    def replied(prompt, **_):
        console.asked.append(prompt)
        return console.reply

    monkeypatch.setattr(console, "input", replied)
    return console


def lock(journal, whose=ME, site=SITE, **changes):
    """Write a session in which a symptom at a site was reported."""
    begin(journal, profile=whose.profile, person=whose.person, **({"remembered": True} | changes))
    reported = SymptomReported(ORIGIN_NS + SECOND, Symptom.NUMBNESS)
    journal.append(reported, (LockSite(site, Symptom.NUMBNESS),))
    journal.flush()


def locked(journal, whose):
    now = STARTED_AT + 20 * YEAR
    return load_history(journal.engine, whose, site=SITE, tip_diameter_mm=None, now=now, at_ns=0).locked


def test_a_site_that_is_not_locked_is_said_to_be_so(journal, console, capsys):
    lock(journal, site=OTHER)
    lock(journal, Whose("you"))
    assert unlock_site(journal.engine, "me", SITE, console)
    assert capsys.readouterr().out == "levator-scapulae-left is not locked for profile 'me'; nothing was changed.\n"
    assert console.asked == []
    lock(journal)
    assert locked(journal, ME) == (SITE, OTHER), "and nothing was declared that would open it later"


def test_a_real_person_is_asked_and_then_it_is_open(journal, console, capsys):
    lock(journal)
    assert unlock_site(journal.engine, "me", SITE, console)
    assert len(console.asked) == 1
    assert "levator-scapulae-left may be pressed again." in capsys.readouterr().out
    assert locked(journal, ME) == ()


def test_a_real_person_who_says_no_leaves_it_locked(journal, console, capsys):
    lock(journal)
    console.reply = "no"
    assert not unlock_site(journal.engine, "me", SITE, console)
    assert "It stays locked." in capsys.readouterr().out
    assert locked(journal, ME) == (SITE,)


@pytest.mark.parametrize("lasts", [timedelta(0), 10 * YEAR, -10 * YEAR])
def test_a_remembered_simulated_person_is_unlocked_on_their_own_calendar(journal, console, capsys, lasts):
    lock(journal, SIMULATED, started_at=STARTED_AT + lasts)
    assert unlock_site(journal.engine, "me", SITE, console)
    assert console.asked == []
    assert "may be pressed again by the simulated person default:4." in capsys.readouterr().out
    assert locked(journal, SIMULATED) == ()
    lock(journal, SIMULATED, started_at=STARTED_AT + lasts + timedelta(minutes=5))
    assert locked(journal, SIMULATED) == (SITE,), "another symptom, five of their minutes later, locks it anew"


def test_everybody_of_the_profile_is_unlocked_and_nobody_else(journal, console):
    others = [Whose("you"), Whose("you", "sim:default:4")]
    for whose in (ME, SIMULATED, Whose("me", "sim:tender:1"), *others):
        lock(journal, whose)
    assert unlock_site(journal.engine, "me", SITE, console)
    assert locked_for(journal.engine, "me", SITE) == []
    assert locked_for(journal.engine, "you", SITE) == others


def test_a_real_no_keeps_only_the_real_lock(journal, console):
    lock(journal)
    lock(journal, SIMULATED)
    console.reply = "n"
    assert not unlock_site(journal.engine, "me", SITE, console)
    assert locked_for(journal.engine, "me", SITE) == [ME]


def test_a_simulated_person_without_a_history_has_no_lock(journal):
    lock(journal, SIMULATED, remembered=False)
    assert locked_for(journal.engine, "me", SITE) == []


def test_a_lock_of_the_future_is_told_and_stays(journal, console):
    lock(journal, started_at=STARTED_AT + 100 * YEAR)
    with pytest.raises(UsageError, match="clock"):
        unlock_site(journal.engine, "me", SITE, console)
    assert locked_for(journal.engine, "me", SITE) == [ME]
