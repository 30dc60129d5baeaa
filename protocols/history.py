"""What earlier sessions allow today: the day's contact, the rest between sessions at one site, locks and limits."""

from dataclasses import dataclass
from math import ceil, isfinite
from typing import assert_never

from protocols.contact import CONTACT_N
from protocols.events import HistoryLoaded, ToolFacts
from protocols.plan import Calibrate, Compress, Dose, Step
from protocols.prior import Prior
from protocols.site import NEEDS_SHOWING, Site

DAY_S = 24 * 3600.0
CONTACT_PER_DAY_S = 8 * 60.0
"""Contact in any 24 h, all sites. A design choice."""

SAME_SITE_S = 24 * 3600.0
"""The same site again after this, or earlier if it is not more tender, bruised or numb."""

APPROACH_TAKES_S = 30.0
KNOWN_APPROACH_TAKES_S = 15.0
"""What an approach usually takes; with a force at 5 that is known. A hold that has no more than its dose left, besides
this, would be cut off before its end. Design choices."""

LIMIT_SPREADS = 0.674
"""Without history the limit is the prior's 75th percentile of the force at 8 (z = 0.674)."""

LIMIT_OVER_FIVE = 1.25
"""From the first "5" on the limit is this times its force. A design choice."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a session must not begin now; `reason` is the word that the journal keeps.

    `again_s`: in how many seconds it may, as far as time decides; None where it does not. `used_s`: seconds of contact
    in the last 24 h.
    """

    reason: str
    again_s: float | None = None
    used_s: float = 0.0


def contact_left_s(history: HistoryLoaded) -> float:
    """Return the seconds of contact that the last 24 h leave."""
    return _left_s(history, 0.0)


def hold_needs_s(dose: Dose, *, known: bool) -> float:
    """Return the seconds of contact without which a hold is not begun; `known`: its force at 5 was found before."""
    return dose.credited_s + _approach_needs_s(dose, known=known)


def refusal(site: Site, steps: tuple[Step, ...], history: HistoryLoaded) -> Refusal | None:
    """Return why this site must not be pressed now with these steps, or None."""
    if site in history.locked:
        return Refusal("locked")
    if site.muscle in NEEDS_SHOWING and site not in history.shown:
        return Refusal("not-shown")
    reason = _too_early(site, steps, history, 0.0)
    if reason is None:
        return None
    # Nothing changes but when a past contact gets old enough for one of the rules.
    changes_s = (age_s - past.ended_ago_s for past in history.contacts for age_s in (DAY_S, SAME_SITE_S))
    times_s = sorted({float(ceil(at_s)) for at_s in changes_s if isfinite(at_s)})
    again_s = next((at_s for at_s in times_s if at_s > 0 and _too_early(site, steps, history, at_s) is None), None)
    return Refusal(reason, again_s, CONTACT_PER_DAY_S - contact_left_s(history))


def cap_n(site: Site, dose: Dose, tool: ToolFacts) -> float:
    """Return what no force may exceed here: the site's cap for this tip, the tool's capacity, the plan's own limit."""
    return min(site.cap_n(tool.tip_diameter_mm), tool.capacity_n, dose.force_limit_n or tool.capacity_n)


def first_limit_n(prior: Prior, cap: float) -> float:
    """Return the force limit before anything is known of today, newtons."""
    return min(cap, prior.force_n(8, LIMIT_SPREADS))


def found_limit_n(five_n: float, cap: float) -> float:
    """Return the force limit once a force was called 5, newtons; no limit is below what counts as contact."""
    return min(cap, max(LIMIT_OVER_FIVE * five_n, CONTACT_N))


def _needs_s(steps: tuple[Step, ...], *, known: bool) -> float:
    needs_s = 0.0
    for step in steps:
        match step:
            case Compress(dose):
                needs_s += hold_needs_s(dose, known=known) + (dose.holds - 1) * hold_needs_s(dose, known=True)
            case Calibrate(dose, ramps):
                needs_s += _approach_needs_s(dose, known=known) + (ramps - 1) * _approach_needs_s(dose, known=True)
            case _:
                assert_never(step)
        known = True
    return needs_s


def _approach_needs_s(dose: Dose, *, known: bool) -> float:
    return min(KNOWN_APPROACH_TAKES_S if known else APPROACH_TAKES_S, dose.approach_s)


def _left_s(history: HistoryLoaded, at_s: float) -> float:
    """Return what the 24 h before `at_s` seconds from now will leave; nothing if that is not known."""
    used_s = sum(max(past.contact_s, 0.0) for past in history.contacts if past.ended_ago_s + at_s < DAY_S)
    return max(0.0, CONTACT_PER_DAY_S - used_s)


def _too_early(site: Site, steps: tuple[Step, ...], history: HistoryLoaded, at_s: float) -> str | None:
    """Return why it is still too early for this in `at_s` seconds, or None."""
    if _left_s(history, at_s) < _needs_s(steps, known=history.force_at_five_n is not None):
        return "day-limit"
    lately = any(past.site == site and past.ended_ago_s + at_s < SAME_SITE_S for past in history.contacts)
    return "same-site" if lately and history.tender_since is not False else None
