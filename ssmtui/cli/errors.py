"""The errors that end a command, each kind with its exit code."""

from __future__ import annotations

import click

from ssmtui.report.exit_code import ExitCode


class UsageError(click.ClickException):
    """A command line that cannot be executed: one sentence, exit code 2."""

    exit_code = ExitCode.USAGE


class UndeterminedError(click.ClickException):
    """The question could not be answered: one sentence, exit code 4."""

    exit_code = ExitCode.COULD_NOT_TELL


class NothingToDo(click.ClickException):
    """There is nothing to fix or undo, or it is not allowed: one sentence, exit code 5."""

    exit_code = ExitCode.REFUSED
