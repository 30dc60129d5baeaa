"""Units of load cells, in newtons."""

from typing import Final

NEWTONS_PER_KG: Final = 9.80665
"""Standard gravity, exact by definition: CGPM 1901."""

NEWTONS_PER_LB: Final = 0.45359237 * NEWTONS_PER_KG
"""The international pound, exact by definition: 1959."""
