"""What goes wrong in plans.

ProtocolsError
├── UnknownNameError    a name that is not in the list
└── PlanError           a value outside its bounds: names the field and the range
└── FileError       the same in a file: names the file too
"""


class ProtocolsError(Exception):
    """Something about a plan that its author can mend; the message says how."""


class UnknownNameError(ProtocolsError):
    """A name that nothing has; lists those there are."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        self.kind, self.name, self.known = kind, name, known
        super().__init__(f"there is no {kind} '{name}'; choose one of: {', '.join(known)}")


class PlanError(ProtocolsError):
    """A value outside its bounds."""

    def __init__(self, key: str, problem: str) -> None:
        self.key, self.problem = key, problem
        super().__init__(f"{key}: {problem}")


class FileError(PlanError):
    """A protocol file that cannot be used."""

    def __init__(self, path: str, key: str, problem: str) -> None:
        super().__init__(key, problem)
        self.path = path
        self.args = (f"{path}: {key}: {problem}" if key else f"{path}: {problem}",)
