"""The commands about reports that were made before, as `commands.py` has the others."""

from __future__ import annotations

import os
import sys

import click

from ssmtui.cli.options import SpokenCommands, quiet_option
from ssmtui.cli.reports.options import report_options, reporting_of


@click.group("report", cls=SpokenCommands, no_args_is_help=False)
def reports() -> None:
    """Work with reports that ssmtui check wrote: --format json or ndjson."""


@reports.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True))
@report_options
@quiet_option
def merge(files: tuple[str, ...], **options: object) -> None:
    """Fold reports of many accounts into one.

    A FILE is a report, a folder of them (each .json and .ndjson below it), or - for standard input. Of two reports on
    one account and Region the newer one counts. It is written as json where no --format says otherwise.
    """
    from ssmtui.cli.reports.merging import merge_reports

    sys.exit(merge_reports(files, reporting_of(options, "json")))


@reports.command("open")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True))
@click.option("--no-color", is_flag=True, help="No colour.")
def open_reports(files: tuple[str, ...], no_color: bool) -> None:  # noqa: FBT001
    """Open reports in the app, as report merge folds them. AWS is not asked.

    Where standard output is no terminal: the report as a table.
    """
    from ssmtui.cli.reports.opening import open_reports as show

    if no_color:
        os.environ["NO_COLOR"] = "1"
    sys.exit(show(files))
