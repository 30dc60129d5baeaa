import pytest

from protocols.errors import FileError, UnknownNameError
from protocols.schema import library_names, load_protocol, parse_protocol, protocol_from_dict, protocol_to_dict

HEAD = 'name = "x"\n[[steps]]\nkind = "compress"\n'


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (HEAD + "dose_s = 120", ["steps[1].dose_s", "120", "30 to 90"]),
        (HEAD + "band = [2, 9]", ["steps[1].band", "2", "3 to 6"]),
        (HEAD + "pressure = 3", ["steps[1].pressure", "not a key"]),
        (HEAD + 'dose_s = "long"', ["steps[1].dose_s", "number"]),
        (HEAD + "dose_s = nan", ["steps[1].dose_s"]),
        (HEAD + "holds = 2.5", ["steps[1].holds"]),
        (HEAD + "band = [5]", ["steps[1].band"]),
        ("name = ", ["TOML"]),
        ('name = "x"', ["steps", "missing"]),
        ('name = "x"\nsteps = []', ["steps"]),
        ('name = "x"\n[[steps]]\nkind = "stretch"', ["steps[1].kind", "compress"]),
        (HEAD + '[[steps]]\nkind = "compress"', ["steps", "2"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_file_key_and_range(text, parts):
    with pytest.raises(FileError) as refused:
        parse_protocol(text, "mine.toml")
    message = str(refused.value)
    assert message.startswith("mine.toml: ")
    assert "\n" not in message
    for part in parts:
        assert part in message, message


def test_every_protocol_of_the_library_is_read_and_written_back():
    assert "single-dose" in library_names()
    for name in library_names():
        protocol = load_protocol(name)
        assert protocol_from_dict(protocol_to_dict(protocol), name) == protocol


def test_a_file_is_read_by_its_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + "dose_s = 60", encoding="utf-8")
    assert load_protocol(str(path)).steps[0].dose.credited_s == 60


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        load_protocol(str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="text"):
        load_protocol(str(tmp_path / "bad.toml"))


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="single-dose"):
        load_protocol("double-dose")
