"""Populations in files: TOML with any of the keys that `population_toml` prints; what is left out is the default's.

The same text is the reference of every parameter: what it means, its bounds, and where its value comes from.
"""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict

from protocols.errors import FileError
from simulator.population import DEFAULT_POPULATION, Population
from simulator.toml_file import Section, parsed, text_of

_COMMENT_COLUMN = 42

_MEANS = (("body", "habituation", "habituation_range"), ("hand", "hand_delay_s", "hand_delay_range_s"))
"""A mean outside the bounds that its draws are kept within would make all people alike, unseen."""


def read_population(path: str) -> Population:
    """Return the population that a TOML file describes.

    Raises FileError, which names the file, the key and what is allowed.
    """
    return parse_population(text_of(path), path)


def parse_population(text: str, source: str) -> Population:
    """Return the population described by TOML `text`; `source` names it in errors. Raises FileError."""
    file = parsed(text, source, _PopulationFile)
    given: dict[str, Any] = {}
    for name in _PopulationFile.model_fields:
        given |= getattr(file, name).model_dump(exclude_unset=True)
    population = replace(DEFAULT_POPULATION, **given)
    if population.rising + population.not_habituating > 1.0:
        together = f"{population.rising:g} and not_habituating {population.not_habituating:g}"
        raise FileError(source, "body.rising", f"{together} are more than all; allowed: 1 together")
    for section, name, kept_within in _MEANS:
        (mean, _), (low, high) = getattr(population, name), getattr(population, kept_within)
        if not low <= mean <= high:
            problem = f"a mean of {mean:g} is outside {kept_within}; allowed: {low:g} to {high:g}"
            raise FileError(source, f"{section}.{name}", problem)
    return population


def population_toml(population: Population) -> str:
    """Return TOML with every parameter, its meaning and its source; `parse_population` reads it back equal."""
    lines = [
        "# A population of simulated people. What a file leaves out is as in the default population.",
        "# [a, b] is a mean and an SD where it says so, else the lowest and the highest of equally likely values,",
        "# or the bounds that a value is kept within. Shares go from 0 to 1. Forces are for a flat tip of 1 cm² at",
        "# the upper trapezius. Sources: P published, D derived from published, U unverified, C a design choice.",
    ]
    for name, field in _PopulationFile.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, Section)
        lines += ["", f"[{name}]"]
        for key, parameter in section.model_fields.items():
            setting = f"{key} = {_toml(getattr(population, key))}"
            lines.append(f"{setting:{_COMMENT_COLUMN}}# {parameter.description}")
    return "\n".join(lines) + "\n"


def _toml(value: float | tuple[float, float]) -> str:
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, tuple) else repr(float(value))


def _in_order(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError(f"{pair[0]:g} comes after {pair[1]:g}; the lowest must come first")
    return pair


_Force = Annotated[float, Field(ge=2.0, le=150.0, allow_inf_nan=False)]
_LnSd = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
_SmallShare = Annotated[float, Field(ge=0.0, le=0.3, allow_inf_nan=False)]
_Ratio = Annotated[float, Field(ge=0.1, le=3.0, allow_inf_nan=False)]
_ToleranceRatio = Annotated[float, Field(ge=1.05, le=4.0, allow_inf_nan=False)]
_Falling = Annotated[float, Field(ge=0.0, le=0.5, allow_inf_nan=False)]
_Rising = Annotated[float, Field(ge=-0.5, le=0.0, allow_inf_nan=False)]
_Points = Annotated[float, Field(ge=0.0, le=4.0, allow_inf_nan=False)]
_Seconds = Annotated[float, Field(ge=0.1, le=10.0, allow_inf_nan=False)]
_LongSeconds = Annotated[float, Field(ge=1.0, le=600.0, allow_inf_nan=False)]
_PerSecond = Annotated[float, Field(ge=0.1, le=10.0, allow_inf_nan=False)]
_TremorHz = Annotated[float, Field(ge=4.0, le=20.0, allow_inf_nan=False)]
# TOML has arrays, not tuples: the pair itself is converted, its numbers are not.
_AsPair = Strict(strict=False)
_Ordered = AfterValidator(_in_order)
_NORMS = "P UWO-Algometer norms"


def _means(text: str) -> Any:
    return Field(default=0.0, description=text)


class _Body(Section):
    ppt_median_men_n: _Force = _means(f"N, median pressure-pain threshold of men; {_NORMS}")
    ppt_median_women_n: _Force = _means(f"N, of women; {_NORMS}")
    ppt_ln_sd: _LnSd = _means("SD of its logarithm between people; P 0.38 (n = 125) to 0.45 (n = 72)")
    men: _Share = _means("share of men; C")
    active_point: _Share = _means("share of people with an active trigger point; C")
    active_point_factor: Annotated[float, Field(ge=0.1, le=2.0, allow_inf_nan=False)] = _means(
        "threshold there, times; D from 105 kPa less (doi 10.3390/jcm11237243)"
    )
    tolerance_slope: Annotated[float, Field(ge=0.0, le=4.0, allow_inf_nan=False)] = _means(
        "N of tolerance per N of threshold; P Hou 2002"
    )
    tolerance_intercept_n: Annotated[float, Field(ge=0.0, le=50.0, allow_inf_nan=False)] = _means(
        "N, added to it; P Hou 2002, 0.48 kg/cm²"
    )
    tolerance_sd_of_ppt: _LnSd = _means("SD around that line, as a share of the threshold; C")
    tolerance_ratio: Annotated[tuple[_ToleranceRatio, _ToleranceRatio], _AsPair, _Ordered] = _means(
        "tolerance over threshold is kept within; C"
    )
    felt_lag_s: _Seconds = _means("s, time constant between force and feeling; C")
    rising: _Share = _means("share of people whose discomfort rises at constant force; D Staud 2009")
    not_habituating: _Share = _means("share of people whose discomfort stays; C. In all others it falls")
    habituation: Annotated[tuple[_Falling, _Falling], _AsPair] = _means(
        "mean, SD: share by which the threshold of those others rises; D Staud 2009"
    )
    habituation_range: Annotated[tuple[_Falling, _Falling], _AsPair, _Ordered] = _means("is kept within; C")
    sensitising_range: Annotated[tuple[_Rising, _Rising], _AsPair, _Ordered] = _means(
        "share by which it changes where discomfort rises; D Staud 2009"
    )
    tau_median_s: _LongSeconds = _means("s, time constant of both, median; D Staud 2009, 7-14 % in 30 s")
    tau_ln_sd: _LnSd = _means("SD of its logarithm between people; C")
    day_ln_sd: Annotated[float, Field(ge=0.0, le=0.5, allow_inf_nan=False)] = _means(
        "SD of the threshold's logarithm between days; D Walton 2011"
    )


class _Place(Section):
    levator_scapulae_ratio: _Ratio = _means("threshold against the upper trapezius; U")
    suboccipital_ratio: _Ratio = _means("the same; U")
    sternocleidomastoid_ratio: _Ratio = _means("the same; U")
    tip_exponent: Annotated[float, Field(ge=0.0, le=2.0, allow_inf_nan=False)] = _means(
        "force grows with tip diameter to this power; D 3.3 x pressure at 5 mm"
    )


class _Rater(Section):
    answer_noise_range: Annotated[tuple[_Points, _Points], _AsPair, _Ordered] = _means(
        "points, SD of one answer, by person; D SPARS model, 0.8-1.5"
    )
    unanswered: _Share = _means("share of questions without an answer; C")
    tap_s: Annotated[tuple[_Seconds, _Seconds], _AsPair, _Ordered] = _means("s, from deciding to the tap; C")
    number_s: Annotated[tuple[_Seconds, _Seconds], _AsPair, _Ordered] = _means("s, from the question to a number; C")


class _Hand(Section):
    hand_delay_s: Annotated[tuple[_Seconds, _Share], _AsPair] = _means(
        "mean, SD: s behind what is seen; P 0.264-0.341 (PMID 12529214)"
    )
    hand_delay_range_s: Annotated[tuple[_Seconds, _Seconds], _AsPair, _Ordered] = _means("s, is kept within; C")
    hand_gain_range_per_s: Annotated[tuple[_PerSecond, _PerSecond], _AsPair, _Ordered] = _means(
        "share of an error made up per second; C"
    )
    wander: _SmallShare = _means("SD as a share of the force; P PMC3631578, CV 4.1-4.5 % with tremor")
    tremor: _SmallShare = _means("of the tremor; C")
    tremor_range_hz: Annotated[tuple[_TremorHz, _TremorHz], _AsPair, _Ordered] = _means("Hz, its frequency; C")
    sag_end: _Share = _means("share of the force left in the end when nobody looks; D fit to PMC8623383")
    sag_tau_s: _LongSeconds = _means("s, time constant of sagging to it; D the same fit")
    distracted: _Share = _means("share of people who look away now and then; C")
    glance_every_s: Annotated[tuple[_LongSeconds, _LongSeconds], _AsPair, _Ordered] = _means(
        "s, from one look away to the next, twice a minute; C"
    )
    glance_s: Annotated[tuple[_Seconds, _Seconds], _AsPair, _Ordered] = _means("s, how long they look away; C")


class _PopulationFile(Section):
    body: _Body = _Body()
    site_and_tip: _Place = _Place()
    answers: _Rater = _Rater()
    hand: _Hand = _Hand()
