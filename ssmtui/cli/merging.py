"""`ssmtui report merge`: reports of many accounts folded into one."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from ssmtui.cli.output_file import tried
from ssmtui.cli.refusals import UsageError
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.report.merging.merge import Merged, merge
from ssmtui.report.merging.spool import Spool
from ssmtui.report.merging.told import Source
from ssmtui.report.merging.writing import MergedFormat, written
from ssmtui.report.outcome import ExitCode, FailOn

_ENDINGS = (".json", ".ndjson")


def merge_reports(files: Sequence[str], as_: MergedFormat, output: Path | None, fail_on: FailOn) -> ExitCode:
    """Write one report of many; on standard error, which of them are none, or have no end."""
    sources = [source for name in files for source in _sources(name)]
    with tried(output) as file, tempfile.TemporaryDirectory(prefix="ssmtui-merge-") as folder:
        spool = Spool(Path(folder))
        try:
            merged = merge(sources, spool)
            if file is not None:
                file.write_all(written(merged, as_))
            else:
                for piece in written(merged, as_):
                    click.echo(piece, nl=False)
            _say_what_is_missing(merged)
            return merged.exit_code(fail_on)
        except sqlite3.OperationalError as error:  # no room on the disk
            raise UsageError(
                say("the temporary files in {folder} cannot be written: {error}", folder=folder, error=error)
            ) from error
        finally:
            spool.close()


def _sources(name: str) -> Iterator[Source]:
    if name == "-":
        yield Source(say("standard input"), _standard_input)
        return
    path = Path(name)
    if not path.is_dir():
        yield Source(printable(path.name), partial(_opened, path))
        return
    found = sorted(
        Path(folder) / each for folder, _, names in os.walk(path) for each in names if each.endswith(_ENDINGS)
    )
    if not found:
        raise UsageError(
            say("there is no report in the folder {folder}: no .json or .ndjson file", folder=printable(name))
        )
    for each in found:
        yield Source(printable(str(each.relative_to(path))), partial(_opened, each))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _standard_input() -> BinaryIO:
    # A copy: whoever reads a report closes it.
    return io.FileIO(os.dup(sys.stdin.fileno()))


def _say_what_is_missing(merged: Merged) -> None:
    for each in merged.told:
        if each.why_not:
            click.echo(f"ssmtui: {say('{file} {why_not}.', file=each.name, why_not=each.why_not)}", err=True)
        elif each.cut:
            sentence = say("{file} ends before its end: what it lacks is unknown.", file=each.name)
            click.echo(f"ssmtui: {sentence}", err=True)
