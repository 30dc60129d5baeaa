"""What `run` was asked for, checked before anything is opened."""

from dataclasses import dataclass, replace

from controller.errors import UsageError
from controller.simulated_tools import SIMULATED, is_simulated_tool
from controller.watch_companion import check_watch
from protocols.errors import PlanError
from protocols.plan import Calibrate, Compress, Protocol
from protocols.schema import load_protocol
from protocols.site import Site

CHOOSE = "scan"
ONE_IN_REACH = ""
"""The tool that a radio without a name means: no name is empty."""

CALIBRATION = "calibration"
"""The protocol of `holdwell calibrate`."""

DEFAULT_SITE = "upper-trapezius-left"
DEFAULT_SEED = 4
"""A person near the middle of the population."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of `holdwell run` and `holdwell calibrate`, as typed, but for blanks around the profile.

    `tool` None: the one last used, or the simulated one; with `radio` the one in reach there.
    """

    tool: str | None = None
    protocol: str = "single-dose"
    site: str = DEFAULT_SITE
    dose: float | None = None
    profile: str = "me"
    person: str | None = None
    seed: int | None = None
    remember: bool = False
    force_from: str | None = None
    fast: bool = False
    radio: str | None = None
    journal: str | None = None
    json: bool = False
    calibrate: bool = False
    heart_rate: str | None = None
    watch: str | None = None

    def __post_init__(self) -> None:
        # Frozen: this is the only way to set it. "me " is not another person than "me".
        object.__setattr__(self, "profile", self.profile.strip())

    def check(self, tool: str) -> None:
        """Raise UsageError for a profile without a name, or an option that needs another kind of tool than `tool`."""
        if not self.profile:
            raise UsageError("--profile: give a name, such as me")
        if self.force_from is not None and (self.person is not None or self.remember):
            raise UsageError("--force-from presses in place of a person: leave out --person and --remember, or it")
        if self.watch is not None:
            check_watch(self.watch, fast=self.fast)
        if self.fast and self.heart_rate not in {None, SIMULATED}:
            raise UsageError(
                "--heart-rate: on virtual time only a simulated heart beats: give sim, or leave --fast out"
            )
        if self.force_from is not None and self.calibrate:
            raise UsageError("--force-from cannot follow a ramp: leave out --calibrate, or it")
        if is_simulated_tool(tool):
            if self.radio is not None:
                raise UsageError("--radio is for a tool elsewhere, --tool sim is one here: leave one of them out")
            return
        given = {
            "--person": self.person is not None,
            "--seed": self.seed is not None,
            "--force-from": self.force_from is not None,
            "--fast": self.fast,
            "--remember": self.remember,
        }
        for option, is_given in given.items():
            if is_given:
                instead = "--tool sim" if self.radio is None else "--tool sim in place of --radio"
                raise UsageError(f"{option} needs the simulated tool: give {instead}, or leave {option} out")

    def plan(self) -> Protocol:
        """Return the protocol with the dose and the calibration asked for. Raises ProtocolsError, UsageError."""
        protocol = load_protocol(self.protocol)
        holds = [step for step in protocol.steps if isinstance(step, Compress)]
        if self.dose is not None and not holds:
            raise UsageError(f"--dose: there is no hold in protocol '{protocol.name}': leave one of them out")
        steps = tuple(self._dosed(step) if isinstance(step, Compress) else step for step in protocol.steps)
        if self.calibrate and len(holds) == len(steps):
            steps = (self._calibration(holds[0]), *steps)
        return replace(protocol, steps=steps)

    def where(self) -> Site:
        """Return the site. Raises UnknownNameError."""
        return Site.named(self.site)

    def _dosed(self, step: Compress) -> Compress:
        if self.dose is None:
            return step
        try:
            return Compress(replace(step.dose, credited_s=self.dose, time_at_pressure_s=None))
        except PlanError as error:
            raise UsageError(f"--dose: {error.problem}") from None

    def _calibration(self, step: Compress) -> Calibrate:
        try:
            return Calibrate.before(step)
        except PlanError as error:
            raise UsageError(f"--calibrate: {error.problem}; leave it out, or choose another protocol") from None
