"""What was wrong with a command line, in words for whoever typed it."""

from typing import get_args

from cyclopts import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

_WANTED = {int: "a whole number", float: "a number"}


def command_line_words(error: CycloptsError) -> str:
    """Return what was wrong, and where to look."""
    command = " ".join(error.command_chain or ())
    return f"{_problem(error)}; see {f'holdwell {command}'.strip()} --help"


def _problem(error: CycloptsError) -> str:
    match error:
        case UnusedCliTokensError() if error.unused_tokens and not error.command_chain:
            return f"there is no command '{error.unused_tokens[0]}'"
        case UnusedCliTokensError() if error.unused_tokens:
            return f"'{error.unused_tokens[0]}' is one word too many"
        case UnknownCommandError() if error.unused_tokens:
            return f"there is no command '{error.unused_tokens[0]}' there"
        case UnknownOptionError():
            return f"there is no option {error.token.keyword or error.token.value} here"
        case MissingArgumentError() if error.argument is not None:
            name = error.argument.name
            return f"{name} needs a value" if name.startswith("-") else f"{name.upper()} is missing"
        case CoercionError() if error.token is not None and error.token.keyword and error.target_type is bool:
            return f"{error.token.keyword} takes no value"
        case CoercionError() if error.token is not None and error.token.keyword:
            choices = ", ".join(map(str, get_args(error.target_type)))
            wanted = f"one of: {choices}" if choices else _WANTED.get(error.target_type or str, "understood")
            return f"{error.token.keyword}: '{error.token.value}' is not {wanted}"
        case _:
            return str(error).rstrip(".")
