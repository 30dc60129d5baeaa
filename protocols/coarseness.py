"""Which steps of force are fine enough to tell one point of discomfort from the next."""

from typing import Final

COARSEST_N: Final = 0.5
"""One point is 4 to 10 % of the force (docs/discomfort.md), so about 0.5 N at the weakest usual 5, 12 N. With wider
steps the band cannot be told from its outside."""


def too_coarse(resolution_n: float) -> bool:
    """Return whether a tool with steps of this many newtons can be logged but not credited."""
    return resolution_n > COARSEST_N
