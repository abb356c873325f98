"""Read the report files that a command was given, and merge them."""

from __future__ import annotations

import io
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ssmtui.cli.errors import UsageError
from ssmtui.cli.printing import print_message
from ssmtui.cli.progress import show_progress
from ssmtui.language import say
from ssmtui.report.merging.merge import MergedReport, ReportSource, merge
from ssmtui.report.merging.report_store import ReportStore
from ssmtui.text.printable import printable
from ssmtui.text.times import moment_in

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENDINGS = (".json", ".ndjson")


@contextmanager
def merged_reports(files: Sequence[str]) -> Iterator[MergedReport]:
    """The reports as one, for as long as it is wanted.

    Raises:
        UsageError: a folder holds none, or there is no room for what is read.

    """
    sources = [source for name in files for source in _sources(name)]
    with tempfile.TemporaryDirectory(prefix="ssmtui-reports-") as folder:
        store = ReportStore(Path(folder))
        try:
            # What is typed is not written over.
            with show_progress(say("reports are read"), lambda: not sys.stdin.isatty()):
                merged_report = merge(sources, store)
            yield merged_report
        except sqlite3.OperationalError as error:  # no room on the disk
            sentence = say("the temporary files in {folder} cannot be written: {error}", folder=folder, error=error)
            raise UsageError(sentence) from error
        finally:
            store.close()


def _sources(name: str) -> Iterator[ReportSource]:
    if name == "-":
        yield ReportSource(say("standard input"), _standard_input)
        return
    path = Path(name)
    if not path.is_dir():
        yield ReportSource(printable(path.name), partial(_opened, path))
        return
    found = sorted(
        Path(folder) / each for folder, _, names in os.walk(path) for each in names if each.endswith(_ENDINGS)
    )
    if not found:
        raise UsageError(
            say("there is no report in the folder {folder}: no .json or .ndjson file", folder=printable(name))
        )
    for each in found:
        yield ReportSource(printable(str(each.relative_to(path))), partial(_opened, each))


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _standard_input() -> BinaryIO:
    # A copy: whoever reads a report closes it.
    return io.FileIO(os.dup(sys.stdin.fileno()))


def print_unreadable_files(merged_report: MergedReport) -> None:
    """Say on standard error which of the files are no reports, or have no end."""
    for each in merged_report.told:
        if each.why_not:
            sentence = say("{file} {why_not}.", file=each.name, why_not=printable(each.why_not))
            print_message(sentence)
        elif each.cut:
            sentence = say("{file} ends before its end: what it lacks is unknown.", file=each.name)
            print_message(sentence)


def made_at(merged_report: MergedReport) -> datetime:
    """When the newest of the reports was made."""
    return moment_of(str(merged_report.head["generated_at"]))


def moment_of(text: str) -> datetime:
    """The moment that a report tells; long ago where it tells none."""
    with suppress(ValueError):  # a thirteenth month
        return moment_in(text)
    return EPOCH
