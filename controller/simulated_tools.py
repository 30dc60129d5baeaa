"""The tools that `--tool sim` and its kind stand for."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from controller.errors import UsageError
from firmware_bridge import capabilities
from firmware_bridge.capabilities import Capabilities
from simulator.firmware import Firmware
from simulator.force_source import ForceSource
from simulator.peripherals import SimulatedTool
from simulator.radio import Radio
from simulator.scales.force_board import SimulatedForceBoard
from simulator.scales.progressor import SimulatedProgressor
from simulator.scales.simulated_scale import SimulatedScale
from simulator.scales.whc06 import SimulatedWHC06
from simulator.tool_traits import BALL, FLAT_TOOL, ToolTraits

SIMULATED: Final = "sim"
SIMULATED_TOOL: Final = "tool"
"""The kind that `sim` alone means."""

_FIRMWARE_STREAM: Final = 0x46
"""Keeps the tool's noise apart from the person's, which the same seed draws."""

_SCALES: Final[dict[str, type[SimulatedScale]]] = {
    "progressor": SimulatedProgressor,
    "whc06": SimulatedWHC06,
    "force-board": SimulatedForceBoard,
}
_HOLDWELL: Final = {SIMULATED_TOOL: FLAT_TOOL, "ball": BALL}


def is_simulated_tool(tool: str) -> bool:
    """Return whether what was given to --tool is one that this process simulates."""
    return tool == SIMULATED or tool.startswith(f"{SIMULATED}:")


class OnAir(Protocol):
    """A simulated tool on a radio. `ended` is set when whoever presses has no more."""

    ended: asyncio.Event

    @property
    def name(self) -> str:
        """The name that it advertises."""


@dataclass(frozen=True, slots=True)
class SimulatedKind:
    """A kind of simulated tool: `tool` and `ball` speak the tool profile, the others are load cells."""

    name: str

    @classmethod
    def named(cls, tool: str) -> "SimulatedKind":
        """Return the kind that `sim` or `sim:KIND` names. Raises UsageError."""
        name = tool.removeprefix(SIMULATED).removeprefix(":") or SIMULATED_TOOL
        kinds = (*_HOLDWELL, *_SCALES)
        if name not in kinds:
            listed = ", ".join(f"{SIMULATED}:{kind}" for kind in kinds[1:])
            raise UsageError(f"--tool: there is no simulated tool '{tool}'; give {SIMULATED}, {listed}")
        return cls(name)

    @property
    def is_holdwell(self) -> bool:
        """Whether it speaks the tool profile."""
        return self.name in _HOLDWELL

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return capabilities.HOLDWELL if self.is_holdwell else capabilities.TABLE[self.name]

    @property
    def tip_diameter_mm(self) -> float:
        """The tip that touches."""
        return _HOLDWELL.get(self.name, FLAT_TOOL).tip_diameter_mm

    def firmware(self, seed: int) -> Firmware:
        """Return the logic of a tool of the profile, switched on."""
        traits = ToolTraits(features=_HOLDWELL[self.name])
        return Firmware(traits, seed=np.random.SeedSequence(seed, spawn_key=(_FIRMWARE_STREAM,)))

    def on(self, radio: Radio, force: ForceSource, seed: int) -> AbstractAsyncContextManager["OnAir"]:
        """Return one, to be entered."""
        if self.is_holdwell:
            return SimulatedTool(radio, self.firmware(seed), force)
        return _SCALES[self.name](radio, force, seed=seed)
