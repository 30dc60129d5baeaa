"""How the command line ends, and the one error that carries a code.

0  complete
1  a replay that differs, a simulated figure that is not as published, or an error of the program itself
2  usage: options, files, names; an output that cannot be written
3  ended without the whole dose
4  the tool, or the link to it
"""

COMPLETE = 0
INTERNAL = 1
DIFFERS = 1
USAGE = 2
NOT_WHOLE = 3
TOOL = 4


class UsageError(Exception):
    """Something in what was asked for; the message says what to do."""
