"""What makes one simulated person: body, hand and the way of answering."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BodyTraits:
    """What is felt, at one site under one tip.

    `ppt_n`: force of first pain (3 of 10). `tolerance_n`: the most that is accepted (10 of 10). `habituation`: the
    share by which both rise in a long contact (negative: they fall), with the time constant `tau_s`. `day_ln_sd`:
    how much they change from day to day. `felt_lag_s`: time constant between force and feeling.
    """

    ppt_n: float
    tolerance_n: float
    habituation: float
    tau_s: float
    day_ln_sd: float = 0.15
    felt_lag_s: float = 1.0


@dataclass(frozen=True, slots=True)
class HandTraits:
    """What force comes out.

    `delay_s`: by how much it is behind what is seen or heard, as in tracking. `gain_per_s`: how fast an error is made
    up. `wander` and `tremor`: standard deviations, shares of the force. `sag_end`: the share of the force that is left
    in the end when nobody looks, approached with the time constant `sag_tau_s`. `distracted`: looks away for
    `glance_s` each `glance_every_s`. `heeds_release`: lets go when told to; a hand that does not is for trying the
    guards.
    """

    delay_s: float
    gain_per_s: float
    tremor_hz: float
    wander: float = 0.04
    tremor: float = 0.01
    distracted: bool = False
    heeds_release: bool = True
    sag_end: float = 0.82
    sag_tau_s: float = 11.8
    glance_every_s: tuple[float, float] = (26.0, 34.0)
    glance_s: tuple[float, float] = (3.0, 6.0)


@dataclass(frozen=True, slots=True)
class RaterTraits:
    """What is answered.

    `noise_sd`: points, drawn anew for every answer. `unanswered`: share of ratings that are not given. Times from
    decision to tap and from question to number, seconds. `protests`: says "too much" at 8 without being asked.
    """

    noise_sd: float
    unanswered: float = 0.08
    tap_s: tuple[float, float] = (0.5, 0.8)
    number_s: tuple[float, float] = (1.0, 2.0)
    protests: bool = True


@dataclass(frozen=True, slots=True)
class Traits:
    """One person."""

    name: str
    body: BodyTraits
    hand: HandTraits
    rater: RaterTraits
