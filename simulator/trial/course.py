"""What one arm did to one person: forces and feelings from the first touch on, and what the arm believed of them."""

from dataclasses import dataclass

import numpy as np

from protocols.quasi import Floats

Flags = np.ndarray[tuple[int], np.dtype[np.bool]]


@dataclass(frozen=True, slots=True)
class Course:
    """`force_n`, newtons, and true `discomfort` at each sample, 10 ms apart; `inside` are those of the hold itself.

    `touched`: number of the sample at which the approach began, None if it did not; `began`, `left`: at which the hold
    began, None if it never did, and was left for good. `credited_s`: what the arm itself counts. `believed`: a row for
    each packet of the hold, mean, SD, chance of being in band and the truth; no rows where an arm believes nothing.
    `reason`: why it ended.
    """

    force_n: Floats
    discomfort: Floats
    touched: int | None
    began: int | None
    left: int
    inside: Flags
    credited_s: float
    complete: bool
    reason: str
    questions: int
    believed: Floats
