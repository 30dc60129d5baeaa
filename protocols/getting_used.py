"""Getting used to a contact and recovering from it: how far each member of a cloud is, from 0 to 1."""

import numpy as np

from protocols.cloud import Cloud
from protocols.quasi import Floats

Spans = tuple[tuple[float, bool | None], ...]
"""Seconds, and whether the tool touched, in order; None: nobody saw."""


def go_on(contact: Floats, cloud: Cloud, seconds: float, *, touching: bool | None) -> Floats:
    """Return how far each is so many seconds later.

    Of what nobody saw that is believed which makes a force be felt more: touch by those who get less used to it the
    longer it lasts, none by the others.
    """
    end = cloud.habituation < 0.0 if touching is None else float(touching)
    return np.asarray(end + (contact - end) * np.exp(-seconds / cloud.tau_s), dtype=np.float64)


def after_all(spans: Spans, cloud: Cloud) -> Floats:
    """Return how far each is after all of that, rested before."""
    contact = np.zeros(cloud.size)
    for seconds, touching in spans:
        contact = go_on(contact, cloud, seconds, touching=touching)
    return contact


def longer(spans: Spans, seconds: float, *, touching: bool | None) -> Spans:
    """Return the spans with another one after them."""
    if spans and spans[-1][1] is touching:
        return (*spans[:-1], (spans[-1][0] + seconds, touching))
    return (*spans, (seconds, touching))
