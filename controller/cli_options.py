"""Options that several commands have, and what is refused before a command runs."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from cyclopts import Parameter, Token

from controller.errors import UsageError


def not_blank(option: str, wanted: str) -> Callable[[Any, Any], None]:
    """Return a validator for an option's text: nothing but blanks is refused, saying what is wanted instead.

    An empty variable in a script is a mistake there; taken for "not given", it would choose something else unseen.
    """

    def validate(_type: Any, text: Any) -> None:
        if isinstance(text, str) and not text.strip():
            raise UsageError(f"{option} is empty; give {wanted}, or leave {option} out")

    return validate


def whole_number(_type: Any, tokens: Sequence[Token]) -> int:
    """Convert an option's text; only digits will do. Raises UsageError."""
    (token,) = tokens
    text = token.value.strip()
    if not (text.isascii() and text.removeprefix("-").isdecimal()):
        raise UsageError(f"{token.keyword}: '{token.value}' is not a whole number; give one such as 4")
    return int(text)


ToolOption = Annotated[
    str | None,
    Parameter(
        help="sim, a name, an address, or scan to choose; by default the last one used, or sim; "
        "with --radio the one in reach.",
        validator=not_blank("--tool", "sim, a name, an address, or scan"),
    ),
]
SiteOption = Annotated[
    str,
    Parameter(
        help="Muscle and side, such as levator-scapulae-right.",
        validator=not_blank("--site", "a muscle and side, such as levator-scapulae-right"),
    ),
]
WhoseOption = Annotated[
    str, Parameter(help="Whose history and limits.", validator=not_blank("--profile", "a name, such as me"))
]
OneProfileOption = Annotated[
    str | None, Parameter(help="Only this profile's.", validator=not_blank("--profile", "a name, such as me"))
]
JournalOption = Annotated[
    str | None,
    Parameter(
        help="SQLAlchemy URL of the journal; by default one in your data folder.",
        validator=not_blank("--journal", "a database URL, such as sqlite:///FILE"),
    ),
]
HeartRateOption = Annotated[
    str | None,
    Parameter(
        help="A heart-rate strap or watch beside the tool: its name, its address, any, or sim.",
        validator=not_blank("--heart-rate", "a name, an address, any, or sim"),
    ),
]
WatchOption = Annotated[
    str | None,
    Parameter(
        help="A watch for cues on the wrist: its name or address, sim:infinitime or sim:bangle.",
        validator=not_blank("--watch", "a name, an address, sim:infinitime or sim:bangle"),
    ),
]
JsonOption = Annotated[bool, Parameter(help="One JSON value on standard output, everything else on standard error.")]
RadioOption = Annotated[
    str | None,
    Parameter(help="A Bumble transport instead of the system's Bluetooth: tcp-client:127.0.0.1:9801, usb:0."),
]
PersonOption = Annotated[
    str | None,
    Parameter(
        help="Who presses the simulated tool: a name, or a TOML file.",
        validator=not_blank("--person", "a name, or a TOML file"),
    ),
]
SeedOption = Annotated[
    int | None,
    Parameter(help="Draws the simulated person, hand and answers; 4 by default.", converter=whole_number),
]
RememberOption = Annotated[bool, Parameter(help="Let the simulated person have a history.", negative=())]
FastOption = Annotated[bool, Parameter(help="Virtual time: as fast as it can be computed.", negative=())]
ForceFromOption = Annotated[
    str | None,
    Parameter(
        help="A recording for the simulated tool: CSV with t_s,force_n.",
        validator=not_blank("--force-from", "a CSV file with the columns t_s,force_n"),
    ),
]
