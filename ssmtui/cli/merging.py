"""`ssmtui report merge`: reports of many accounts folded into one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ssmtui.cli.output_file import tried
from ssmtui.cli.report_files import merged_reports, say_what_is_missing
from ssmtui.report.merging.writing import MergedFormat, written
from ssmtui.report.outcome import ExitCode, FailOn


def merge_reports(files: Sequence[str], as_: MergedFormat, output: Path | None, fail_on: FailOn) -> ExitCode:
    """Write one report of many; on standard error, which of them are none, or have no end."""
    with tried(output) as file, merged_reports(files) as merged:
        if file is not None:
            file.write_all(written(merged, as_))
        else:
            for piece in written(merged, as_):
                click.echo(piece, nl=False)
        say_what_is_missing(merged)
        return merged.exit_code(fail_on)
