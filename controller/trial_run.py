"""A trial from its options to what is printed and drawn."""

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from controller.telling import print_json
from controller.trial_options import TrialOptions
from controller.trial_plot import write_trial_plot
from controller.trial_table import print_trial
from simulator.trial.one_person import Trial
from simulator.trial.trial import Tried, report, try_on


def run_trial(options: TrialOptions, *, json: bool) -> None:
    """Carry out a trial, print its figures and draw its picture. Raises UsageError, ProtocolsError, JournalError."""
    trial = options.trial()
    tried = _tried(trial, options, shows=sys.stdout.isatty() or not json)
    figures = report(trial, tried) | {"population": options.population}
    if json:
        print_json(figures)
    else:
        print_trial(Console(), figures)
    # Last: whatever is wrong with the file, the figures took minutes and are not lost.
    if options.plot is not None:
        write_trial_plot(options.plot, trial, tried, figures)


def _tried(trial: Trial, options: TrialOptions, *, shows: bool) -> list[Tried]:
    console = Console(stderr=True)
    columns = (TextColumn("people"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not (shows and console.is_terminal)) as progress:
        task = progress.add_task("people", total=options.people)
        return try_on(trial, options.people, options.processes, lambda: progress.advance(task))
