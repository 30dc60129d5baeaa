import json
import struct

import pytest
from sqlalchemy import select, update

from controller.journal import Journal
from controller.journal_errors import RecordError
from controller.journal_schema import blocks, records
from controller.replay import replay
from controller.review import find_session
from protocols.commands import ShowTarget
from tests.journal_sessions import noon, write_session


@pytest.fixture
def journal():
    journal = Journal.open("sqlite://", inline=True, utc_now=noon)
    yield journal
    journal.close()


def run(journal):
    return replay(journal.engine, find_session(journal.engine, "last"))


def test_the_same_events_give_the_same_commands(journal):
    _, written = write_session(journal)
    found = run(journal)
    assert found.difference is None
    assert found.events == len(written)
    assert found.commands == sum(len(commands) for _, commands, _ in written)


def test_a_changed_sample_is_found(journal):
    write_session(journal)
    with journal.engine.begin() as connection:
        seq = connection.scalar(select(blocks.c.seq).order_by(blocks.c.seq).offset(400).limit(1))
        samples = struct.pack("<5d", *(150.0,) * 5)
        connection.execute(update(blocks).where(blocks.c.seq == seq).values(samples=samples))
    difference = run(journal).difference
    assert difference is not None
    assert difference.seq == seq
    assert difference.event == "Sampled"


def test_a_changed_command_is_shown_where_it_is(journal):
    _, written = write_session(journal)
    with journal.engine.begin() as connection:
        row = connection.execute(
            select(records).where(records.c.kind == "ShowTarget").order_by(records.c.seq).offset(20)
        ).first()
        body = json.loads(row.body) | {"aim_n": 99.0}
        connection.execute(update(records).where(records.c.seq == row.seq).values(body=json.dumps(body)))
    difference = run(journal).difference
    assert difference.event in {"Sampled", "Ticked"}
    assert difference.seq < row.seq
    assert difference.at_s == pytest.approx((row.at_ns - written[0][0].at_ns) / 1e9)
    assert 99.0 in {command.aim_n for command in difference.expected if isinstance(command, ShowTarget)}
    assert difference.expected != difference.got


DEEP = '{"rating": ' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize("body", ["{", "[]", "7", DEEP, '{"rating": "high"}'])
def test_an_event_that_nobody_wrote_so_is_told_in_a_line(journal, body):
    write_session(journal)
    with journal.engine.begin() as connection:
        connection.execute(update(records).where(records.c.kind == "Answered").values(body=body))
    with pytest.raises(RecordError) as caught:
        run(journal)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("count", [1, 5])
def test_a_lost_event_is_told_as_what_is_missing(journal, count):
    session_id, _ = write_session(journal)
    with journal.engine.begin() as connection:
        seq = connection.scalar(select(records.c.seq).where(records.c.kind == "Answered").limit(1))
        for table in (records, blocks):
            connection.execute(table.delete().where(table.c.seq >= seq, table.c.seq < seq + count))
    which = f"entry {seq} is" if count == 1 else f"entries {seq} to {seq + count - 1} are"
    with pytest.raises(RecordError, match=f"^{which} missing of session {session_id} .* bring back a copy"):
        run(journal)
