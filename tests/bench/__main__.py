"""`make bench`: every speed figure, printed. Nothing here fails a build."""

import platform
import sys

from tests.bench import commands, decode, drivers, engine, latency, many_tools


def main() -> None:
    """Print all figures."""
    sys.stdout.write(f"Python {platform.python_version()}, {platform.machine()}\n")
    for bench in (engine, decode, drivers, latency, many_tools, commands):
        for line in bench.report():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
