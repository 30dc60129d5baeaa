"""What earlier sessions allow today: the day's contact, the rest between sessions at one site, locks and limits."""

from dataclasses import dataclass

from protocols.contact import CONTACT_N
from protocols.events import HistoryLoaded, ToolFacts
from protocols.plan import Dose
from protocols.prior import Prior
from protocols.site import NEEDS_SHOWING, Site

DAY_S = 24 * 3600.0
CONTACT_PER_DAY_S = 8 * 60.0
"""Contact in any 24 h, all sites. A design choice."""

SAME_SITE_S = 24 * 3600.0
"""The same site again after this, or earlier if it is not more tender, bruised or numb."""

LIMIT_SPREADS = 0.674
"""Without history the limit is the prior's 75th percentile of the force at 8 (z = 0.674)."""

LIMIT_OVER_FIVE = 1.25
"""From the first "5" on the limit is this times its force. A design choice."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a session must not begin now; `reason` is the word that the journal keeps."""

    reason: str


def contact_left_s(history: HistoryLoaded) -> float:
    """Return the seconds of contact that the last 24 h leave."""
    used = sum(max(past.contact_s, 0.0) for past in history.contacts if past.ended_ago_s < DAY_S)
    return max(0.0, CONTACT_PER_DAY_S - used)


def refusal(site: Site, dose: Dose, history: HistoryLoaded) -> Refusal | None:
    """Return why this site must not be pressed now, or None."""
    if site in history.locked:
        return Refusal("locked")
    if site.muscle in NEEDS_SHOWING and site not in history.shown:
        return Refusal("not-shown")
    if contact_left_s(history) < dose.credited_s * dose.holds:
        return Refusal("day-limit")
    lately = any(past.site == site and past.ended_ago_s < SAME_SITE_S for past in history.contacts)
    if lately and history.tender_since is not False:
        return Refusal("same-site")
    return None


def cap_n(site: Site, dose: Dose, tool: ToolFacts) -> float:
    """Return what no force may exceed here: the site's cap for this tip, the tool's capacity, the plan's own limit."""
    return min(site.cap_n(tool.tip_diameter_mm), tool.capacity_n, dose.force_limit_n or tool.capacity_n)


def first_limit_n(prior: Prior, cap: float) -> float:
    """Return the force limit before anything is known of today, newtons."""
    return min(cap, prior.force_n(8, LIMIT_SPREADS))


def found_limit_n(five_n: float, cap: float) -> float:
    """Return the force limit once a force was called 5, newtons; no limit is below what counts as contact."""
    return min(cap, max(LIMIT_OVER_FIVE * five_n, CONTACT_N))
