import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from controller.errors import UsageError
from controller.history import (
    Whose,
    answered_before,
    clear_site,
    declare_shown,
    latest_end,
    load_history,
    past_sessions,
)
from controller.journal import Journal
from controller.journal_errors import JournalError
from controller.review import list_sessions
from controller.telling import tell_damaged
from protocols.commands import LockSite, Outcome
from protocols.events import HistoryLoaded, PastContact, Symptom, SymptomReported, ToolConnected, ToolFacts
from protocols.session import HoldRecord
from protocols.site import Site
from tests.journal_sessions import ORIGIN_NS, SECOND, SITE, STARTED_AT, TOOL, begin, noon

ME = Whose("me")
OTHER_SITE = Site.named("suboccipital-right")
DAY = timedelta(days=1)


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


def had(
    journal,
    *,
    contact_s=60.0,
    five_n=None,
    tool: ToolFacts = TOOL,
    outcome=Outcome.COMPLETE,
    reason="dose",
    suspect=False,
    known=None,
    **changes,
):
    """Write a session of 100 s with this contact."""
    begin(journal, **changes)
    journal.append(ToolConnected(ORIGIN_NS, tool), ())
    journal.append(SymptomReported(ORIGIN_NS + 100 * SECOND, Symptom.OTHER), ())
    holds = [
        asdict(HoldRecord(reason, outcome is Outcome.COMPLETE, 30.0, contact_s, 10.0, 40.0, 20.0, 22.0, (), suspect))
    ]
    summary = {"contact_s": contact_s, "force_at_five_n": five_n, "holds": holds}
    if known is not None:
        summary["known"] = known
    journal.finish(outcome, reason, summary)
    journal.flush()


def history(journal, *, whose=ME, site=SITE, tip_mm=TOOL.tip_diameter_mm, after=timedelta(hours=1)) -> HistoryLoaded:
    now = STARTED_AT + after
    return load_history(journal.engine, whose, site=site, tip_diameter_mm=tip_mm, now=now, at_ns=7)


def test_who_did_nothing_has_no_history(journal):
    begin(journal)
    assert history(journal) == HistoryLoaded(7)


def test_contact_counts_from_the_sessions_end(journal):
    had(journal, site=OTHER_SITE)
    assert history(journal).contacts == (PastContact(OTHER_SITE, 60.0, 3500.0),)


def test_interrupted_sessions_count_and_those_without_contact_do_not(journal):
    had(journal, contact_s=12.5, outcome=Outcome.INTERRUPTED)
    had(journal, contact_s=0.0)
    assert [past.contact_s for past in history(journal).contacts] == [12.5]


def test_contact_that_is_not_known_is_as_long_as_its_session(journal):
    had(journal, contact_s=None, outcome=Outcome.INTERRUPTED)
    assert history(journal).contacts == (PastContact(SITE, 100.0, 3500.0),)


@pytest.mark.parametrize(("ago_s", "contact_s"), [(90, 90.0), (900, 480.0)])
def test_a_session_without_an_end_counts_as_long_as_it_was_seen_to_last(journal, ago_s, contact_s):
    begin(journal, started_at=STARTED_AT - timedelta(seconds=ago_s))
    assert history(journal).contacts == (PastContact(SITE, contact_s, 3600.0),)


def test_a_profile_has_one_session_of_a_real_person_at_a_time(journal):
    had(journal)
    begin(journal, profile="you")
    begin(journal, person="sim:default:1")
    running = begin(journal, alone=True)
    begin(journal, alone=True, profile="she")
    with pytest.raises(UsageError, match=f"profile 'me' has a session running .{running}, started 2026.*end it first"):
        begin(journal, alone=True)
    assert list_sessions(journal.engine, profile="me")[0].id == running, "nothing was begun"


@pytest.mark.parametrize(
    "wrong", [{"suspect": True}, {"reason": "tared-under-load"}, {"reason": "sensor"}, {"reason": "saturated"}]
)
def test_forces_that_may_be_wrong_give_no_force_at_five(journal, wrong):
    had(journal, five_n=18.0)
    had(journal, five_n=44.0, **wrong)
    assert history(journal).force_at_five_n == 18.0


def test_contact_is_kept_beyond_a_day_and_dropped_after_eight(journal):
    had(journal)
    assert len(history(journal, after=2 * DAY).contacts) == 1
    assert len(history(journal, after=9 * DAY).contacts) == 0


def test_a_session_that_ends_after_now_counts_as_just_ended(journal):
    had(journal)
    assert history(journal, after=timedelta(0)).contacts[0].ended_ago_s == 0.0


def test_profiles_and_persons_are_apart(journal):
    had(journal, contact_s=1.0)
    had(journal, contact_s=2.0, profile="you")
    had(journal, contact_s=3.0, person="sim:default:1", remembered=True)
    had(journal, contact_s=4.0, person="sim:default:1", remembered=False)
    had(journal, contact_s=5.0, person="sim:default:2", remembered=True)

    def contacts(whose):
        return [past.contact_s for past in history(journal, whose=whose).contacts]

    assert contacts(ME) == [1.0]
    assert contacts(Whose("you")) == [2.0]
    assert contacts(Whose("me", "sim:default:1")) == [3.0]
    assert contacts(Whose("me", "sim:default:3")) == []


def test_the_force_at_five_is_that_of_the_latest_session_that_found_it_here(journal):
    ball = ToolFacts("Holdwell Ball 1", 100.0, 40.0, 0.01, 10_000_000)
    had(journal, five_n=18.0)
    had(journal, five_n=20.0)
    had(journal, five_n=None)
    had(journal, five_n=30.0, tool=ball)
    had(journal, five_n=40.0, site=OTHER_SITE)
    assert history(journal).force_at_five_n == 20.0
    assert history(journal, tip_mm=40.0).force_at_five_n == 30.0
    assert history(journal, tip_mm=None).force_at_five_n == 30.0
    assert history(journal, tip_mm=5.0).force_at_five_n is None


def taught_at(tip_mm):
    """What a session taught, as the journal has it: somebody of whom little is known."""
    mean, spread = (3.0, 0.0, 0.8, 0.1, 3.3, -0.2, 0.0), (0.04, 0.01, 0.05, 0.002, 0.1, 0.05, 0.1)
    covariance = [[var if row == column else 0.0 for column in range(7)] for row, var in enumerate(spread)]
    return {"tip_diameter_mm": tip_mm, "kinds": [{"weight": 1.0, "mean": list(mean), "covariance": covariance}]}


def test_what_was_learned_is_that_of_the_latest_session_here_that_found_5_under_whatever_tip(journal):
    assert history(journal).known is None
    had(journal, known=taught_at(5.0))
    had(journal, known=taught_at(6.0), started_at=STARTED_AT + DAY)
    had(journal, known=taught_at(7.0), started_at=STARTED_AT + DAY, site=OTHER_SITE)
    had(journal, known=taught_at(8.0), started_at=STARTED_AT + DAY, profile="you")
    had(journal, known=taught_at(9.0), started_at=STARTED_AT + DAY, suspect=True)
    had(journal, started_at=STARTED_AT + 2 * DAY)
    loaded = history(journal, after=4 * DAY + timedelta(seconds=100))
    assert loaded.known is not None
    assert (loaded.known.tip_diameter_mm, loaded.known_days) == (6.0, 3.0)
    assert history(journal, after=timedelta(0)).known_days == 0.0


@pytest.mark.parametrize("broken", [3, "me", {"kinds": 1}, {**taught_at(11.3), "tip_diameter_mm": -1}])
def test_what_was_learned_but_cannot_be_read_is_passed_over(journal, broken):
    had(journal, known=taught_at(5.0))
    had(journal, known=broken)
    loaded = history(journal)
    assert loaded.known is not None
    assert loaded.known.tip_diameter_mm == 5.0


def test_a_symptom_locks_its_site_until_it_is_cleared(journal):
    begin(journal)
    reported = SymptomReported(ORIGIN_NS + SECOND, Symptom.NUMBNESS)
    journal.append(reported, (LockSite(OTHER_SITE, Symptom.NUMBNESS),))
    journal.flush()
    assert history(journal).locked == (OTHER_SITE,)
    assert history(journal, whose=Whose("you")).locked == ()
    clear_site(journal.engine, ME, OTHER_SITE, STARTED_AT)
    assert history(journal).locked == (OTHER_SITE,)
    clear_site(journal.engine, ME, OTHER_SITE, STARTED_AT + DAY)
    assert history(journal).locked == ()
    begin(journal, started_at=STARTED_AT + 2 * DAY)
    journal.append(reported, (LockSite(OTHER_SITE, Symptom.NUMBNESS),))
    journal.flush()
    assert history(journal).locked == (OTHER_SITE,)


def test_what_a_clinician_showed_is_remembered(journal):
    declare_shown(journal.engine, ME, OTHER_SITE, STARTED_AT)
    assert history(journal).shown == (OTHER_SITE,)
    assert history(journal, whose=Whose("me", "sim:default:1")).shown == ()


def test_a_simulated_clock_can_go_on_from_the_latest_end(journal):
    simulated = Whose("me", "sim:default:1")
    assert latest_end(journal.engine, simulated) is None
    had(journal, person="sim:default:1", remembered=True)
    assert latest_end(journal.engine, simulated) == STARTED_AT + timedelta(seconds=100)


def test_a_session_that_has_begun_is_not_its_own_history(journal):
    had(journal)
    own = begin(journal, started_at=STARTED_AT + timedelta(seconds=-30))
    loaded = load_history(
        journal.engine, ME, site=SITE, tip_diameter_mm=None, now=STARTED_AT + DAY / 24, at_ns=7, but=own
    )
    assert loaded.contacts == (PastContact(SITE, 60.0, 3500.0),)


def test_what_was_said_on_tenderness_counts_unless_the_site_was_pressed_since():
    here, elsewhere = PastContact(SITE, 60.0, 3500.0), PastContact(OTHER_SITE, 60.0, 10.0)
    screened = HistoryLoaded(7, contacts=(here,), tender_since=False)
    assert answered_before(screened, HistoryLoaded(8, contacts=(here, elsewhere)), SITE).tender_since is False
    assert answered_before(screened, HistoryLoaded(8, contacts=(here, here)), SITE).tender_since is None


def change_summary(journal, **changed) -> None:
    with journal.engine.begin() as connection:
        (text,) = connection.exec_driver_sql("SELECT summary FROM sessions").scalars()
        values = (json.dumps(json.loads(text) | changed),)
        connection.exec_driver_sql("UPDATE sessions SET summary = ?", values)


@pytest.mark.parametrize(
    "changed",
    [
        {"contact_s": "60"},
        {"contact_s": -60.0},
        {"contact_s": float("nan")},
        {"force_at_five_n": "20"},
        {"force_at_five_n": -1.0},
        {"holds": None},
        {"holds": [7]},
        {"holds": [{"reason": "dose"}]},
        {"calibration": "none"},
        {"calibration": {"ppt_mean_n": [1]}},
        {"answers": 5},
    ],
)
def test_figures_that_somebody_changed_are_left_out_and_all_of_the_session_is_contact(journal, changed, capsys):
    had(journal, contact_s=60.0, five_n=20.0)
    change_summary(journal, **changed)
    loaded = history(journal)
    assert [past.contact_s for past in loaded.contacts] == [100.0]
    assert (loaded.force_at_five_n, loaded.ppt_n, loaded.known) == (None, None, None)
    tell_damaged(past_sessions(journal.engine, ME))
    said = capsys.readouterr().err
    assert f"{next(iter(changed))}" in said
    assert "are damaged" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("protocol", "{"),
        ("protocol", "[]"),
        ("protocol", '{"name": "mine", "steps": []}'),
        ("site", "the moon"),
        ("started_at", "yesterday"),
        ("ended_at", "noon"),
        ("flushed_at", 12),
        ("started_at", "2026-03-01T10:00:00"),
        ("ended_at", "2026-03-01T10:00:00"),
        ("flushed_at", "2026-03-01T10:00:00"),
        ("reason", b"dose"),
        ("tool", b"HW-1"),
        ("summary", b"{}"),
        ("protocol", b"{}"),
        ("owner_pid", "none"),
        ("protocol", '{"name": "mine", "steps": [{}], "more": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("outcome", "splendid"),
        ("dose_s", "much"),
        ("tip_diameter_mm", "thin"),
        ("origin_ns", "first"),
        ("locked_site", "the moon"),
    ],
)
def test_a_row_that_nobody_wrote_so_is_one_clear_line(journal, column, value):
    had(journal)
    with journal.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE sessions SET {column} = ?", (value,))
    with pytest.raises(JournalError, match=r"is damaged .* bring back a copy") as caught:
        history(journal)
    assert "\n" not in str(caught.value)
