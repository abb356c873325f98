"""What commands print: on a terminal folded to its width, elsewhere every line whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from ssmtui.cli.streams import in_signs

_QUIET = "ssmtui.quiet"
_NARROWEST = 20
"""Cells below which nothing is folded: no text is readable then, and none is lost."""


def terminal_width(stream: TextIO | None = None) -> int | None:
    """How wide the terminal is that a stream (standard output) goes to; None where it goes to none.

    COLUMNS outranks it, as it does for the help.
    """
    stream = stream or sys.stdout
    if not stream.isatty():
        return None
    asked = os.environ.get("COLUMNS", "")
    width = int(asked) if asked.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    return width if width >= _NARROWEST else None


def keep_quiet(context: click.Context, _option: click.Parameter, quiet: bool) -> None:  # noqa: FBT001 - click's own
    """Show no progress in this run: what `--quiet` does."""
    context.meta[_QUIET] = quiet


def is_quiet() -> bool:
    """Whether this run is to show no progress."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines on standard output, or standard error; of control sequences ssmtui's own colours and links alone."""
    from ssmtui.model.plain_text import printable_painted
    from ssmtui.report.folding import folded

    width = terminal_width(sys.stderr if err else sys.stdout)
    for line in lines:
        for each in folded(line, width):
            _print(in_signs(printable_painted(each)), err=err)


def _print(line: str, *, err: bool) -> None:
    try:
        click.echo(line, err=err)
    except OSError:
        if not err:
            raise
        # Errors that nobody can be told (2>/dev/full) change nothing of what is done.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)


def print_json(document: object) -> None:
    """Print a document of JSON on standard output."""
    from ssmtui.model.seen_json import seen_json

    click.echo(seen_json(document, indent=2))


def print_data(text: str) -> None:
    """Print a text as it stands on standard output: one that was made fit to print where it was made."""
    click.echo(text, nl=False)


def complain(sentence: str) -> None:
    """Say on standard error what is wrong, or what somebody should know.

    Lines of it that are indented by four are commands for somebody to copy, and stay whole.
    """
    from ssmtui.model.plain_text import printable
    from ssmtui.report.folding import Verbatim

    lines = (printable(line) for line in f"ssmtui: {sentence}".split("\n"))
    print_lines((Verbatim(line) if line.startswith("    ") else line for line in lines), err=True)
