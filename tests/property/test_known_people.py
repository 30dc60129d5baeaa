"""Whatever a person answered, what was learned of them, if anything, can be written, read, believed and used."""

import json

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from controller.records import event_from_record, to_record
from protocols.acquaintance import HIGHEST, LOWEST, acquaintance, believable, taught
from protocols.discomfort import Discomfort
from protocols.events import HistoryLoaded
from protocols.people import strangers
from protocols.prior import prior_for
from protocols.site import ALL_SITES

ratings = st.lists(st.tuples(st.integers(0, 10), st.floats(0.6, 150.0)), min_size=1, max_size=12)


@settings(max_examples=settings.default.max_examples * 3 // 40)
@given(
    st.sampled_from(ALL_SITES),
    st.floats(2.0, 60.0),
    st.lists(ratings, min_size=1, max_size=3),
    st.floats(0.0, 4000.0),
    st.floats(2.0, 60.0),
)
def test_any_answers_in_any_sessions_teach_something_that_can_be_used(site, tip_mm, sessions, days, other_mm):
    known = None
    for answers in sessions:
        cloud = strangers(site, tip_mm) if known is None else acquaintance(known, days, site, tip_mm)
        estimate = Discomfort.begin(prior_for(site, tip_mm), cloud, 4.5, 6.5)
        for rating, force_n in answers:
            estimate = estimate.answered(rating, force_n).settled()
        known = taught(estimate.cloud, tip_mm)
        assume(known is not None)
        assert believable(known, days)
    loaded = HistoryLoaded(0, known=known, known_days=days)
    assert event_from_record(json.loads(json.dumps(to_record(loaded), allow_nan=False))) == loaded
    cloud = acquaintance(known, days, site, other_mm)
    assert cloud.size == strangers(site, tip_mm).size
    assert abs(cloud.weights.sum() - 1.0) < 1e-9
    assert (cloud.weights > 0.0).all()
    assert np.isfinite(cloud.columns).all()
    own = cloud.columns[cloud.size // 10 :]
    assert ((own >= LOWEST) & (own <= HIGHEST)).all()
