from dataclasses import replace
from math import inf, nan

import pytest

from protocols.errors import UnknownNameError
from protocols.events import HistoryLoaded, PastContact, ToolFacts
from protocols.history import Refusal, cap_n, contact_left_s, first_limit_n, found_limit_n, refusal
from protocols.plan import Compress, Dose
from protocols.prior import prior_for
from protocols.site import ALL_SITES, Site, tip_factor

LEFT, RIGHT = Site.named("upper-trapezius-left"), Site.named("upper-trapezius-right")
DAY_S = 86_400.0


@pytest.mark.parametrize(
    ("name", "cap"),
    [
        ("upper-trapezius-left", 60),
        ("levator-scapulae-right", 60),
        ("suboccipital-left", 35),
        ("sternocleidomastoid-left", 20),
    ],
)
def test_caps_with_a_flat_tip_of_1_cm2(name, cap):
    site = Site.named(name)
    assert site.cap_n(11.3) == cap
    assert site.cap_n(30.0) == cap
    assert site.cap_n(5.0) == pytest.approx(cap * (5 / 11.3) ** 0.75)


def test_larger_tips_get_no_more():
    assert tip_factor(40.0) == 1.0
    assert tip_factor(11.3) == 1.0


def test_names_go_there_and_back_and_unknown_ones_list_the_known():
    assert all(Site.named(site.name) == site for site in ALL_SITES)
    with pytest.raises(UnknownNameError, match="upper-trapezius-left"):
        Site.named("throat-left")


def test_the_cap_is_never_above_the_tools_capacity_or_the_plans_limit():
    weak = ToolFacts("weak", 25.0, 11.3, 0.01, 10_000_000)
    assert cap_n(LEFT, Dose(), weak) == 25.0
    assert cap_n(LEFT, Dose(force_limit_n=18.0), weak) == 18.0


def test_without_history_the_limit_is_the_priors_75th_percentile_of_the_force_at_8():
    prior = prior_for(LEFT, 11.3)
    assert first_limit_n(prior, 60.0) == pytest.approx(prior.force_n(8, 0.674))
    assert first_limit_n(prior, 20.0) == 20.0


def test_from_the_first_five_on_the_limit_is_1_25_times_its_force():
    assert found_limit_n(20.0, 60.0) == 25.0
    assert found_limit_n(55.0, 60.0) == 60.0


def test_contact_of_the_last_24_hours_counts_wherever_it_was():
    past = (PastContact(LEFT, 100.0, 3600.0), PastContact(RIGHT, 50.0, DAY_S - 1), PastContact(LEFT, 300.0, DAY_S))
    assert contact_left_s(HistoryLoaded(0, contacts=past)) == 480 - 150
    assert contact_left_s(HistoryLoaded(0, contacts=(PastContact(LEFT, nan, 0.0),))) == 0.0
    assert contact_left_s(HistoryLoaded(0, contacts=(PastContact(LEFT, -600.0, 0.0),))) == 480.0


@pytest.mark.parametrize(
    ("ago_s", "tender", "refused"),
    [(DAY_S - 1, None, True), (DAY_S, None, False), (3600.0, False, False), (3600.0, True, True)],
)
def test_the_same_site_waits_24_hours_unless_it_is_not_more_tender(ago_s, tender, refused):
    history = HistoryLoaded(0, contacts=(PastContact(LEFT, 60.0, ago_s),), tender_since=tender)
    assert (refusal(LEFT, (Compress(),), history) is not None) is refused
    assert refusal(RIGHT, (Compress(),), history) is None


def test_a_refusal_says_when_it_is_possible_again():
    history = HistoryLoaded(0, contacts=(PastContact(LEFT, 60.0, 3600.0), PastContact(LEFT, 60.0, 7200.5)))
    assert refusal(LEFT, (Compress(),), history) == Refusal("same-site", DAY_S - 3600, 120.0)
    used = HistoryLoaded(0, contacts=(PastContact(RIGHT, 200.0, 3600.0), PastContact(RIGHT, 240.0, 7200.5)))
    # Without the older one 280 s are left, which are enough.
    assert refusal(LEFT, (Compress(),), used) == Refusal("day-limit", DAY_S - 7200, 440.0)
    assert refusal(LEFT, (Compress(Dose(credited_s=90, holds=3)),), used) == Refusal("day-limit", DAY_S - 3600, 440.0)


def test_after_a_day_without_contact_left_the_same_site_still_waits_for_its_own_24_hours():
    history = HistoryLoaded(0, contacts=(PastContact(RIGHT, 440.0, 7200.0), PastContact(LEFT, 20.0, 600.0)))
    assert refusal(LEFT, (Compress(),), history) == Refusal("day-limit", DAY_S - 600, 460.0)
    fine = replace(history, tender_since=False)
    assert refusal(LEFT, (Compress(),), fine) == Refusal("day-limit", DAY_S - 7200, 460.0)


def test_what_time_alone_does_not_allow_again_has_no_time():
    assert refusal(LEFT, (Compress(),), HistoryLoaded(0, locked=(LEFT,))).again_s is None
    assert refusal(LEFT, (Compress(),), HistoryLoaded(0, contacts=(PastContact(RIGHT, nan, inf),))) is None
    never = HistoryLoaded(0, contacts=(PastContact(RIGHT, 480.0, -inf),))
    assert refusal(LEFT, (Compress(),), never) == Refusal("day-limit", None, 480.0)


def test_the_muscle_at_the_side_of_the_neck_waits_until_it_was_shown():
    site = Site.named("sternocleidomastoid-left")
    assert refusal(site, (Compress(),), HistoryLoaded(0)).reason == "not-shown"
    assert refusal(site, (Compress(),), HistoryLoaded(0, shown=(site,))) is None
