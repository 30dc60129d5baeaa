"""A command line that cannot be meant: one line in plain words, and where to look."""

import pytest

from tests.command_line import Here, is_one_line


@pytest.fixture
def here(monkeypatch, capsys):
    return Here(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], ["no command 'nonsense'", "holdwell --help"]),
        (["simulator", "nonsense"], ["no command 'nonsense'", "holdwell simulator --help"]),
        (["run", "extra"], ["'extra'", "holdwell run --help"]),
        (["show", "last", "more"], ["'more'"]),
        (["show"], ["SESSION is missing", "holdwell show --help"]),
        (["calibrate", "--dose", "30"], ["no option --dose", "holdwell calibrate --help"]),
        (["--nonsense"], ["no option --nonsense"]),
        (["run", "--person"], ["--person needs a value"]),
        (["run", "--dose", "x"], ["--dose", "'x' is not a number"]),
        (["run", "--json=x"], ["--json takes no value"]),
        (["export", "last", "--format", "xml"], ["--format", "'xml'", "jsonl, csv"]),
        (["run", "--protocol", "README.md"], ["README.md", "single-dose", ".toml"]),
    ],
)
def test_it_is_told_in_plain_words(here, arguments, words):
    said = here(*arguments)
    assert said.code == 2
    assert is_one_line(said), said
    assert all(word in said.err for word in words), said.err
    for raw in ("Unused", "Unknown", "Invalid", "unable", "Did you mean", "requires an argument"):
        assert raw not in said.err
