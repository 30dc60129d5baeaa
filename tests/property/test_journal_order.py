"""Whatever comes, in whatever batches, with whatever trouble between: what is read is what was appended."""

from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event as hooks

from controller.journal import Journal
from controller.journal_reader import read_entries
from controller.journal_rows import Entry, event_row, sampled_of
from controller.records import to_record
from protocols.commands import Command
from protocols.events import Event, Sampled
from tests.journal_sessions import begin, noon
from tests.record_strategies import commands, events, of

steps = st.tuples(events, st.lists(commands, max_size=3).map(tuple))
actions = st.lists(st.one_of(steps, st.sampled_from(["flush", "fail", "work"])))


@given(of(Sampled))
def test_a_packet_survives_its_row(packet):
    row = event_row(Entry("0", 0, packet, ()))
    assert as_records(sampled_of(row), ()) == as_records(packet, ())


class Disk:
    """Refuses every insert while it is full, in the middle of a transaction as well."""

    def __init__(self, journal: Journal) -> None:
        self.is_full = False
        hooks.listen(journal.engine, "before_cursor_execute", self.look)

    def look(self, _connection, _cursor, statement: str, *_: object) -> None:
        if self.is_full and statement.startswith("INSERT INTO blocks"):
            raise OSError("no space left on device")


@given(actions)
def test_nothing_is_lost_doubled_or_swapped(script):
    with closing(Journal.open("sqlite://", inline=True, utc_now=noon)) as journal:
        disk, session_id, appended = Disk(journal), begin(journal), []
        for action in script:
            match action:
                case "flush":
                    journal.flush()
                case "fail" | "work":
                    disk.is_full = action == "fail"
                case event, given_commands:
                    journal.append(event, given_commands)
                    appended.append((event, given_commands))
        disk.is_full = False
        assert journal.flush()
        read = [(entry.event, entry.commands) for entry in read_entries(journal.engine, session_id)]
        assert [as_records(*step) for step in read] == [as_records(*step) for step in appended]


def as_records(event: Event, given_commands: tuple[Command, ...]) -> list[dict[str, object]]:
    return [to_record(value) for value in (event, *given_commands)]
