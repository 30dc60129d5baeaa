"""What `run` was asked for, checked before anything is opened."""

from dataclasses import dataclass, replace

from controller.errors import UsageError
from protocols.errors import PlanError
from protocols.plan import Protocol
from protocols.schema import load_protocol
from protocols.site import Site

SIMULATED = "sim"
CHOOSE = "scan"
ONE_IN_REACH = ""
"""The tool that a radio without a name means: no name is empty."""

DEFAULT_SITE = "upper-trapezius-left"
DEFAULT_SEED = 4
"""A person near the middle of the population."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of `holdwell run`, as typed, but for blanks around the profile.

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

    def __post_init__(self) -> None:
        # Frozen: this is the only way to set it. "me " is not another person than "me".
        object.__setattr__(self, "profile", self.profile.strip())

    def check(self, tool: str) -> None:
        """Raise UsageError for a profile without a name, or an option that needs another kind of tool than `tool`."""
        if not self.profile:
            raise UsageError("--profile: give a name, such as me")
        if self.force_from is not None and (self.person is not None or self.remember):
            raise UsageError("--force-from presses in place of a person: leave out --person and --remember, or it")
        if tool == SIMULATED:
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
        """Return the protocol with the dose asked for. Raises ProtocolsError."""
        protocol = load_protocol(self.protocol)
        if self.dose is None:
            return protocol
        try:
            steps = tuple(
                replace(step, dose=replace(step.dose, credited_s=self.dose, time_at_pressure_s=None))
                for step in protocol.steps
            )
        except PlanError as error:
            raise UsageError(f"--dose: {error.problem}") from None
        return replace(protocol, steps=steps)

    def where(self) -> Site:
        """Return the site. Raises UnknownNameError."""
        return Site.named(self.site)
