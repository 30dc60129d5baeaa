"""Getting used to a contact and recovering from it: how far each member of a cloud is, from 0 to 1."""

import numpy as np

from protocols.quasi import Floats

Spans = tuple[tuple[float, bool], ...]
"""Seconds, and whether the tool touched; in order."""


def go_on(contact: Floats, tau_s: Floats, seconds: float, *, touching: bool) -> Floats:
    """Return how far each is so many seconds later; `tau_s`: each one's own time constant."""
    end = 1.0 if touching else 0.0
    return np.asarray(end + (contact - end) * np.exp(-seconds / tau_s), dtype=np.float64)


def after_all(spans: Spans, tau_s: Floats) -> Floats:
    """Return how far each is after all of that, rested before."""
    contact = np.zeros(len(tau_s))
    for seconds, touching in spans:
        contact = go_on(contact, tau_s, seconds, touching=touching)
    return contact


def longer(spans: Spans, seconds: float, *, touching: bool) -> Spans:
    """Return the spans with another one after them."""
    if spans and spans[-1][1] is touching:
        return (*spans[:-1], (spans[-1][0] + seconds, touching))
    return (*spans, (seconds, touching))
