import stat

import pytest

from controller.journal_errors import JournalError
from controller.places import data_folder, journal_url


def test_the_folder_is_made_for_its_owner_alone(tmp_path):
    folder = data_folder({"HOLDWELL_DATA": str(tmp_path / "deep" / "data")})
    assert folder == tmp_path / "deep" / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert data_folder({"HOLDWELL_DATA": str(folder)}) == folder


def test_the_journal_is_in_it(tmp_path):
    url = journal_url({"HOLDWELL_DATA": str(tmp_path)})
    assert url == f"sqlite:///{tmp_path}/journal.sqlite"


def test_without_the_variable_it_is_the_users_data_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path / "share" / "holdwell")
    assert data_folder({}) == tmp_path / "share" / "holdwell"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="HOLDWELL_DATA"):
        data_folder({"HOLDWELL_DATA": str(tmp_path / "file" / "data")})


def test_a_tilde_is_the_home_of_whom_it_names(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder({"HOLDWELL_DATA": "~/data"}) == tmp_path / "data"
    assert (tmp_path / "data").is_dir()
    with pytest.raises(JournalError, match=r"HOLDWELL_DATA: '~nobody-of-that-name/x' .*give the whole path"):
        data_folder({"HOLDWELL_DATA": "~nobody-of-that-name/x"})
