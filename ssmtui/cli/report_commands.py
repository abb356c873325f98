"""The commands about reports that were made before, as `commands.py` has the others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ssmtui.cli.options import SpokenCommands
from ssmtui.report.outcome import FailOn


@click.group("report", cls=SpokenCommands, no_args_is_help=False)
def reports() -> None:
    """Work with reports that ssmtui check wrote: --format json or ndjson."""


@reports.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True, allow_dash=True))
@click.option(
    "--format",
    "report_format",
    type=click.Choice(["json", "ndjson"]),
    default="json",
    show_default=True,
    help="How to report.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report there.")
@click.option(
    "--fail-on",
    type=click.Choice([each.value for each in FailOn]),
    default="fail",
    show_default=True,
    help="From which findings on the exit code is 3.",
)
def merge(files: tuple[str, ...], report_format: str, output: Path | None, fail_on: str) -> None:
    """Fold reports of many accounts into one.

    A FILE is a report, a folder of them (each .json and .ndjson below it), or - for standard input. Of two reports on
    one account and Region the newer one counts.
    """
    from ssmtui.cli.merging import merge_reports
    from ssmtui.report.merging.writing import MergedFormat

    sys.exit(merge_reports(files, MergedFormat(report_format), output, FailOn(fail_on)))


@reports.command("open")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(exists=True))
@click.option("--no-color", is_flag=True, help="No colour.")
def open_reports(files: tuple[str, ...], no_color: bool) -> None:  # noqa: FBT001
    """Open reports in the app, as report merge folds them. AWS is not asked.

    Where standard output is no terminal: the report as a table.
    """
    from ssmtui.cli.opening_reports import open_reports as show

    if no_color:
        os.environ["NO_COLOR"] = "1"
    sys.exit(show(files))
