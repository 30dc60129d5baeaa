import pytest

from controller.errors import UsageError
from controller.options import RunOptions
from controller.simulated_tools import SIMULATED


def test_blanks_make_no_other_profile():
    assert RunOptions(profile=" me\t") == RunOptions(profile="me")


@pytest.mark.parametrize("profile", ["", "  "])
def test_a_profile_has_a_name(profile):
    with pytest.raises(UsageError, match="--profile"):
        RunOptions(profile=profile).check(SIMULATED)
