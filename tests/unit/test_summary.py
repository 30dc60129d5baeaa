"""The figures of a session that was ended at once."""

from dataclasses import replace

from controller.summary import interrupted
from protocols.commands import Outcome
from protocols.figures import figures
from tests.journal_sessions import steps


def test_a_hold_that_was_under_way_ends_by_who_interrupted():
    running = figures(next(session for _, _, session in steps() if session.credit.seconds > 2))
    assert [hold.reason for hold in running.holds] == ["running"]
    result = interrupted(running, "terminated")
    assert (result.outcome, result.reason) == (Outcome.STOPPED, "terminated")
    assert [hold.reason for hold in result.holds] == ["terminated"]
    assert result.contact_s == running.contact_s


def test_an_end_that_was_reached_stays():
    ended = figures([session for _, _, session in steps()][-1])
    assert ended.outcome is Outcome.COMPLETE
    assert interrupted(ended, "ctrl-c") == ended
    failed = replace(ended, outcome=Outcome.SHORT, reason="link", tool_failed=True)
    assert interrupted(failed, "ctrl-c") == failed
