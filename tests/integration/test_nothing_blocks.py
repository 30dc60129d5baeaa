"""On the loop that has to let the person go, nothing blocks: no database, no file, no socket that waits."""

from unittest.mock import patch

from blockbuster import blockbuster_ctx
from rich.console import Console

from controller import run as run_module
from controller.journal import Journal
from controller.options import RunOptions
from controller.runtime import Runtime


def test_a_whole_session_blocks_nowhere(tmp_path) -> None:
    real_open, real_run = Journal.open, Runtime.run

    def on_a_thread(url: str, *, inline: bool, **options: object) -> Journal:
        return real_open(url, inline=False, **options)

    async def watched(self: Runtime, *args: object) -> object:
        with blockbuster_ctx():
            return await real_run(self, *args)

    options = RunOptions(tool="sim", json=True, fast=True, journal=f"sqlite:///{tmp_path / 'journal.sqlite'}")
    with (
        patch.object(Journal, "open", on_a_thread),
        patch.object(Runtime, "run", watched),
        patch.object(run_module, "Console", lambda **_: Console(quiet=True)),
    ):
        assert run_module.run(options) == 0
