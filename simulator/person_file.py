"""Named people and people from files: a draw from the population with some traits fixed.

A person file is TOML with any of these keys; what is missing is drawn by the seed. Forces are for a flat tip of
1 cm² at the upper trapezius: other sites and tips follow by ratio.
"""

from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from protocols.errors import FileError, UnknownNameError
from protocols.site import REFERENCE_TIP_MM, Site
from simulator.population import draw_traits, force_ratio
from simulator.toml_file import Section, parsed, text_of
from simulator.traits import BodyTraits, HandTraits, RaterTraits, Traits

DEFAULT_PERSON = "default"

TOLERANCE_RATIO = (1.05, 4.0)
"""Tolerance over threshold that a file may say: beyond it the curve of discomfort is no curve."""

_DRAW_STREAM = 0x70
"""Keeps the draw of a person apart from the streams that the same seed gives to the person's day."""


def person_names() -> tuple[str, ...]:
    """Return the names that `load_person` knows."""
    files = resources.files("simulator").joinpath("people").iterdir()
    return (DEFAULT_PERSON, *sorted(file.name.removesuffix(".toml") for file in files if _is_toml(file.name)))


def load_person(name_or_path: str, seed: int, site: Site, tip_mm: float = REFERENCE_TIP_MM) -> Traits:
    """Return the person of this name, or the one in this TOML file, with the rest drawn by `seed`.

    Raises UnknownNameError for a name that nobody has, FileError for a file that cannot be used.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_DRAW_STREAM,)))
    drawn = draw_traits(rng, site=site, tip_mm=tip_mm)
    if name_or_path == DEFAULT_PERSON:
        return drawn
    if name_or_path in person_names():
        name = name_or_path
        text = resources.files("simulator").joinpath("people", f"{name}.toml").read_text(encoding="utf-8")
    elif _is_toml(name_or_path) or Path(name_or_path).is_file():
        name = Path(name_or_path).stem
        text = text_of(name_or_path)
    else:
        raise UnknownNameError("person", name_or_path, (*person_names(), "or the path of a .toml file"))
    return _fixed(drawn, parsed(text, name_or_path, _PersonFile), name, force_ratio(site, tip_mm), name_or_path)


_Seconds = Annotated[float, Field(ge=0.1, le=10.0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
_SmallShare = Annotated[float, Field(ge=0.0, le=0.3, allow_inf_nan=False)]


class _Body(Section):
    ppt_n: Annotated[float | None, Field(ge=2.0, le=150.0, allow_inf_nan=False)] = None
    tolerance_n: Annotated[float | None, Field(ge=2.2, le=300.0, allow_inf_nan=False)] = None
    habituation: Annotated[float | None, Field(ge=-0.5, le=0.5, allow_inf_nan=False)] = None
    tau_s: Annotated[float | None, Field(ge=1.0, le=600.0, allow_inf_nan=False)] = None
    day_ln_sd: Annotated[float | None, Field(ge=0.0, le=0.5, allow_inf_nan=False)] = None
    felt_lag_s: _Seconds | None = None


class _Hand(Section):
    delay_s: _Seconds | None = None
    gain_per_s: Annotated[float | None, Field(ge=0.1, le=10.0, allow_inf_nan=False)] = None
    tremor_hz: Annotated[float | None, Field(ge=4.0, le=20.0, allow_inf_nan=False)] = None
    wander: _SmallShare | None = None
    tremor: _SmallShare | None = None
    distracted: bool | None = None
    heeds_release: bool | None = None


class _Rater(Section):
    noise_sd: Annotated[float | None, Field(ge=0.0, le=4.0, allow_inf_nan=False)] = None
    unanswered: _Share | None = None
    protests: bool | None = None


class _PersonFile(Section):
    about: str = ""
    body: _Body = _Body()
    hand: _Hand = _Hand()
    rater: _Rater = _Rater()


def _is_toml(name: str) -> bool:
    return name.endswith(".toml")


def _fixed(drawn: Traits, file: _PersonFile, name: str, ratio: float, path: str) -> Traits:
    given = file.body.model_dump(exclude_none=True)
    ppt_n = given.pop("ppt_n", drawn.body.ppt_n / ratio)
    tolerance_n = given.pop("tolerance_n", ppt_n * drawn.body.tolerance_n / drawn.body.ppt_n)
    low, high = TOLERANCE_RATIO
    if not low <= tolerance_n / ppt_n <= high:
        problem = f"{tolerance_n:g} N with a threshold of {ppt_n:.1f} N; allowed: {low:g} to {high:g} times it"
        raise FileError(path, "body.tolerance_n", problem)
    body: BodyTraits = replace(drawn.body, ppt_n=ppt_n * ratio, tolerance_n=tolerance_n * ratio, **given)
    hand: HandTraits = replace(drawn.hand, **file.hand.model_dump(exclude_none=True))
    rater: RaterTraits = replace(drawn.rater, **file.rater.model_dump(exclude_none=True))
    return Traits(name, body, hand, rater)
