"""Any event and any command: every field, those with defaults too, and integers as long as a database's."""

from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from protocols.commands import Command
from protocols.events import Event

INT64 = st.integers(-(2**63), 2**63 - 1)


def of(kind: type) -> st.SearchStrategy:
    """Any value of a type that events and commands are made of."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: of(hints[field.name]) for field in fields(kind)})
    if isinstance(kind, UnionType):
        return st.one_of([of(member) for member in get_args(kind)])
    if get_origin(kind) is tuple:
        return st.lists(of(get_args(kind)[0]), max_size=5).map(tuple)
    return st.none() if kind is NoneType else INT64 if kind is int else st.from_type(kind)


events = st.one_of([of(kind) for kind in get_args(Event)])
commands = st.one_of([of(kind) for kind in get_args(Command)])
