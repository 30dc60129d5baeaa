"""What earlier sessions at one site taught about a person, as plain numbers: events and the journal carry it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of person that they may be, and how likely.

    `mean` and `covariance` are of the seven values of a member of the cloud, in the order of `Cloud.columns`.
    """

    weight: float
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the latest session left them: somebody who habituates, or somebody who does not, or either.

    `tip_diameter_mm` is that of the tool which taught it: thresholds are forces under that tip.
    """

    tip_diameter_mm: float
    kinds: tuple[Kind, ...]
