"""What a calibration found: the forces of first pain and of 5 in each ramp, their means and spreads."""

from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Self

FEWEST_FOR_SPREAD = 2


@dataclass(frozen=True, slots=True)
class RampRecord:
    """A ramp that is over. Newtons, felt force; None: that tap did not come.

    `suspect`: the zero was off afterwards, so its forces may be wrong.
    """

    ppt_n: float | None
    five_n: float | None
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Calibration:
    """The ramps that are over with their answers, and how far the present one is. Newtons, nanoseconds.

    `begun_ns`: the first touch of the present or the last ramp; `open`: it is not over. `pain_n`: the force at its tap
    for first pain, at `pain_ns`, which was decided between `pain_between_n`; `pain_sure`: nothing followed so soon that
    this tap must have meant 5. `allowed_n`: up to here the last answer lets the ramp rise, whatever is believed.
    `too_much`: answers of 7 and more so far.
    """

    ramps: tuple[RampRecord, ...] = ()
    answers: tuple[int | str, ...] = ()
    open: bool = False
    begun_ns: int = 0
    pain_n: float | None = None
    pain_ns: int = 0
    pain_between_n: tuple[float, float] = (0.0, 0.0)
    pain_sure: bool = False
    five_n: float | None = None
    allowed_n: float = 0.0
    too_much: int = 0

    def begun(self, at_ns: int) -> Self:
        """Return the calibration with a ramp begun, or begun again after an interruption."""
        return replace(self, open=True, begun_ns=at_ns, pain_n=None, pain_sure=False, five_n=None, allowed_n=0.0)

    def pained(self, force_n: float, at_ns: int, *, sure: bool) -> Self:
        """Return the calibration with the force at first pain, newtons."""
        return replace(self, pain_n=force_n, pain_ns=at_ns, pain_sure=sure)

    def closed(self, answers: tuple[int | str, ...], *, suspect: bool) -> Self:
        """Return the calibration with the present ramp over, if there is one, and what was said since the last."""
        ramps = self.ramps
        if self.open:
            ramps = (*ramps, RampRecord(self.pain_n if self.pain_sure else None, self.five_n, suspect))
        return replace(self, ramps=ramps, answers=(*self.answers, *answers), open=False, pain_n=None, five_n=None)


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """Newtons, one value a ramp (None: that tap did not come), with means and standard deviations of those there are.

    `ppt_change_n`: today's mean force at first pain less that of the last calibration at this site with this tip. None:
    too few values. `suspect`: the zero was off after a ramp.
    """

    ppt_n: tuple[float | None, ...]
    five_n: tuple[float | None, ...]
    ppt_mean_n: float | None
    ppt_sd_n: float | None
    five_mean_n: float | None
    five_sd_n: float | None
    ppt_change_n: float | None
    suspect: bool


def calibration_figures(ramps: tuple[RampRecord, ...], last_ppt_n: float | None) -> CalibrationFigures:
    """Return the figures of some ramps; `last_ppt_n`: the mean force at first pain of the last calibration, newtons."""
    pains, fives = tuple(ramp.ppt_n for ramp in ramps), tuple(ramp.five_n for ramp in ramps)
    ppt_n = _mean(pains)
    return CalibrationFigures(
        ppt_n=pains,
        five_n=fives,
        ppt_mean_n=ppt_n,
        ppt_sd_n=_sd(pains),
        five_mean_n=_mean(fives),
        five_sd_n=_sd(fives),
        ppt_change_n=None if ppt_n is None or last_ppt_n is None else ppt_n - last_ppt_n,
        suspect=any(ramp.suspect for ramp in ramps),
    )


def _mean(values: tuple[float | None, ...]) -> float | None:
    found = [value for value in values if value is not None]
    return fmean(found) if found else None


def _sd(values: tuple[float | None, ...]) -> float | None:
    found = [value for value in values if value is not None]
    return stdev(found) if len(found) >= FEWEST_FOR_SPREAD else None
