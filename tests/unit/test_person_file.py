"""Named people, and people from files."""

from pathlib import Path

import pytest

from protocols.errors import FileError, UnknownNameError
from protocols.site import Site
from simulator.person_file import load_person, person_names

SITE = Site.named("upper-trapezius-left")


def written(path: Path, text: str) -> str:
    file = path / "somebody.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_everybody_who_is_named_can_be_loaded() -> None:
    assert {"default", "rising", "no-habituation", "tender", "tough", "silent", "noisy", "distracted"} < {
        *person_names()
    }
    for name in person_names():
        assert load_person(name, 1, SITE).name == name


def test_the_seed_draws_what_is_not_fixed() -> None:
    assert load_person("default", 1, SITE) == load_person("default", 1, SITE)
    assert load_person("default", 1, SITE) != load_person("default", 2, SITE)
    assert load_person("rising", 1, SITE).body.ppt_n == load_person("default", 1, SITE).body.ppt_n


def test_names_fix_what_they_say() -> None:
    assert load_person("rising", 1, SITE).body.habituation < 0
    assert load_person("no-habituation", 1, SITE).body.habituation == 0.0
    assert load_person("tender", 1, SITE).body.ppt_n == pytest.approx(10.3)
    assert load_person("tough", 1, SITE).body.ppt_n > 60.0
    silent = load_person("silent", 1, SITE).rater
    assert silent.unanswered == 1.0
    assert not silent.protests
    assert load_person("noisy", 1, SITE).rater.noise_sd > 1.2
    assert load_person("distracted", 1, SITE).hand.distracted
    assert not load_person("unresponsive-hand", 1, SITE).hand.heeds_release


def test_a_file_fixes_any_trait(tmp_path: Path) -> None:
    file = written(tmp_path, "[body]\nppt_n = 20\ntolerance_n = 30.0\nday_ln_sd = 0\n[hand]\ngain_per_s = 1.0\n")
    traits = load_person(file, 1, SITE)
    assert traits.name == "somebody"
    assert (traits.body.ppt_n, traits.body.tolerance_n, traits.body.day_ln_sd) == (20.0, 30.0, 0.0)
    assert traits.hand.gain_per_s == 1.0
    assert traits.hand.delay_s == load_person("default", 1, SITE).hand.delay_s


def test_tolerance_follows_a_fixed_threshold(tmp_path: Path) -> None:
    body = load_person(written(tmp_path, "[body]\nppt_n = 20.0\n"), 1, SITE).body
    usual = load_person("default", 1, SITE).body
    assert body.tolerance_n / body.ppt_n == pytest.approx(usual.tolerance_n / usual.ppt_n)


def test_forces_of_a_file_follow_site_and_tip(tmp_path: Path) -> None:
    file = written(tmp_path, "[body]\nppt_n = 20.0\n")
    here = load_person(file, 1, Site.named("suboccipital-left"), tip_mm=5.0).body
    there = load_person(file, 1, SITE).body
    assert here.ppt_n == pytest.approx(20.0 * 0.7 * (5.0 / 11.3) ** 0.75)
    assert here.tolerance_n / here.ppt_n == pytest.approx(there.tolerance_n / there.ppt_n)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="there is no person 'nobody'; choose one of: default"):
        load_person("nobody", 1, SITE)


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("x =", "", "is not TOML"),
        ("[body]\nppt_n = 1000", "body.ppt_n", "must be 2.0 to 150.0$"),
        ("[body]\nppt_n = nan", "body.ppt_n", "allowed: 2.0 to 150.0"),
        ("[body]\nppt_n = 'x'", "body.ppt_n", "allowed: 2.0 to 150.0"),
        ("[body]\nfoo = 1", "body.foo", "choose from: ppt_n, tolerance_n"),
        ("[bdy]\nfoo = 1", "bdy", "choose from: about, body, hand, rater"),
        ("body = 3", "body", r"must be a table: \[body\]"),
        ("[hand]\ndistracted = 3", "hand.distracted", "boolean"),
        ("[rater]\nunanswered = 1.5", "rater.unanswered", "must be 0.0 to 1.0$"),
        ("[body]\nppt_n = 20\ntolerance_n = 19", "body.tolerance_n", "allowed: 1.05 to 4 times it"),
    ],
)
def test_what_is_wrong_with_a_file_names_file_key_and_range(tmp_path: Path, text: str, key: str, said: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(FileError, match=said) as caught:
        load_person(file, 1, SITE)
    assert caught.value.key == key
    assert str(caught.value).startswith(f"{file}: {key}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_said() -> None:
    with pytest.raises(FileError, match="cannot be read: No such file"):
        load_person("missing.toml", 1, SITE)
