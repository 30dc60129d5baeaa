"""Who is drawn by which seed: simulated sessions, trials and journals refer to people by it."""

import numpy as np
import pytest

from protocols.site import Site
from simulator.population import draw_traits

UPPER_TRAPEZIUS = Site.named("upper-trapezius-left")

GOLDEN = {
    0: (
        (24.412401284448826, 34.30218519190568, 0.0, 32.35739318174427, 0.36520000225650684, 1.3106475926887988),
        (6.427831353248794, 12.244634913827943, 0.09070930581186193, 22.522187108090428, 0.28418499218154225,
         1.0097983233761694),
        (43.106654274692445, 61.1014543417859, 0.09026003002584766, 19.36591108087617, 0.27711370871663304,
         1.2553214933874715),
    ),
    7: (
        (21.56822350292829, 28.276850144129856, 0.08033413780014151, 28.681776364654983, 0.36701076227772667,
         1.3579486001264325),
        (18.157889557112583, 26.42572930513921, 0.06623141810859672, 23.316428682026434, 0.20493886300995778,
         1.4922721033773194),
        (19.637461613566387, 27.82445202633265, 0.09845228416613452, 27.462024746437187, 0.30566544930016537,
         1.147811404775453),
    ),
}  # fmt: skip
"""Threshold, tolerance, habituation and its time constant, delay and gain of the hand."""

TREMOR_HZ_AND_NOISE_SD = {0: (10.174499965861692, 1.1545506966514378), 7: (9.871739811374884, 0.7121226987735194)}
DRAWN_NEXT = {0: 0.13509650502241122, 7: 0.19240214398531064}


@pytest.mark.parametrize("seed", GOLDEN)
def test_a_seed_draws_the_same_people_as_ever(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = [draw_traits(rng, site=UPPER_TRAPEZIUS) for _ in GOLDEN[seed]]
    for traits, golden in zip(people, GOLDEN[seed], strict=True):
        body, hand = traits.body, traits.hand
        assert (
            body.ppt_n, body.tolerance_n, body.habituation, body.tau_s, hand.delay_s, hand.gain_per_s
        ) == pytest.approx(golden, rel=1e-12)  # fmt: skip
    first = people[0]
    assert (first.hand.tremor_hz, first.rater.noise_sd) == pytest.approx(TREMOR_HZ_AND_NOISE_SD[seed], rel=1e-12)
    assert (first.body.day_ln_sd, first.body.felt_lag_s) == (0.15, 1.0)
    assert (first.hand.wander, first.hand.tremor, first.hand.distracted) == (0.04, 0.01, False)
    assert (first.hand.sag_end, first.hand.sag_tau_s) == (0.82, 11.8)
    assert (first.hand.glance_every_s, first.hand.glance_s) == ((26.0, 34.0), (3.0, 6.0))
    assert (first.rater.unanswered, first.rater.tap_s, first.rater.number_s) == (0.08, (0.5, 0.8), (1.0, 2.0))
    assert rng.random() == DRAWN_NEXT[seed]


def test_so_it_does_at_another_site_under_another_tip() -> None:
    traits = draw_traits(np.random.default_rng(4), site=Site.named("suboccipital-right"), tip_mm=5.0)
    assert traits.body.ppt_n == pytest.approx(19.590805999465257, rel=1e-12)
    assert traits.body.tolerance_n == pytest.approx(26.843458273193907, rel=1e-12)
    assert traits.hand.delay_s == pytest.approx(0.3074315761626013, rel=1e-12)
