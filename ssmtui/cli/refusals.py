"""What a command cannot do, each kind with its exit code (docs/interface.md §3) and one sentence on standard error."""

from __future__ import annotations

import click

from ssmtui.report.outcome import ExitCode


class UsageError(click.ClickException):
    """A command line that cannot be carried out: one sentence, exit code 2."""

    exit_code = ExitCode.USAGE


class CouldNotTell(click.ClickException):
    """What was asked could not be told: one sentence, exit code 4."""

    exit_code = ExitCode.COULD_NOT_TELL


class NothingToDo(click.ClickException):
    """There is nothing to fix or undo, or it may not be done: one sentence, exit code 5."""

    exit_code = ExitCode.REFUSED
