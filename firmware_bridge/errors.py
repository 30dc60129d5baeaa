"""What goes wrong with tools, their links and their bytes.

BridgeError
├── WireError               bytes that are not what the profile says
├── RadioError              this computer's Bluetooth cannot be used
└── ToolError               carries the tool's name
    ├── ToolNotFoundError   nothing of that name or address in reach
    ├── LinkError           could not connect, or the link broke
    ├── PairingError        the tool and this computer could not bond
    ├── UnsupportedToolError    a major version that this client does not know, or a needed part is missing
    └── RefusedError        the tool answered a request with a result other than "done"
"""


class BridgeError(Exception):
    """Root of everything this package raises; the message is for the person."""


class WireError(BridgeError):
    """Bytes that no sender of this profile would send."""


class RadioError(BridgeError):
    """This computer's Bluetooth cannot be used."""


class ToolError(BridgeError):
    """Something about one tool."""

    def __init__(self, tool: str, problem: str) -> None:
        self.tool, self.problem = tool, problem
        super().__init__(f"{tool}: {problem}")


class ToolNotFoundError(ToolError):
    """Nothing of that name or address is in reach."""


class LinkError(ToolError):
    """The radio link could not be made, or broke."""


class PairingError(ToolError):
    """The tool and this computer could not bond."""


class UnsupportedToolError(ToolError):
    """This client does not know how to talk to the tool."""


class RefusedError(ToolError):
    """The tool answered, and the answer was no."""

    def __init__(self, tool: str, request: str, result: int, meaning: str) -> None:
        self.request, self.result = request, result
        super().__init__(tool, f"refused to {request}: {meaning} (result {result})")
