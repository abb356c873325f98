"""Print to standard output and standard error: encoding, terminal width, closed pipes."""

from __future__ import annotations

import codecs
import io
import os
import stat
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

_HANDLER = "ssmtui"
_ASCII = "ssmtui_ascii"
"""An encoding of our own: click takes a stream of Python's `ascii` for a mistake, and writes UTF-8 to it."""

_DIGITS = 4
"""Of the largest width and height of a terminal: 9,999."""

_NO_OTHERS = frozenset({"C", "POSIX"})
"""Locales of ASCII alone. C.UTF-8 is none of them."""


@dataclass(slots=True)
class _Chosen:
    """Whether it is ASCII alone: said once, by the environment or the configuration."""

    ascii_alone: bool = False


_chosen = _Chosen()


def configure_streams(environment: Mapping[str, str] = os.environ) -> None:
    """Replace what an output cannot encode by a sign alike; in the locale C, all that is no ASCII.

    Python takes the locale C for UTF-8 (PEP 540), and writes on such a terminal what nobody can read.
    """
    codecs.register_error(_HANDLER, _replaced)
    codecs.register(_ascii_codec)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)
    named = next(filter(None, (environment.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    if named in _NO_OTHERS or codecs.lookup(sys.stdout.encoding or "ascii").name == "ascii":
        use_signs("ascii")


def open_missing_streams() -> None:
    """Put something in the place of the standard streams that are closed (`<&-`), before anything else is opened.

    Else the next file or connection would take their numbers, and whoever writes an error would write it there. Nothing
    can be written to what stands for a closed output: who tries is told.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, flags), True)  # noqa: FBT003 - the lowest number that is free
    sys.stdin = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def forget_impossible_size(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take COLUMNS and LINES out of the environment if no terminal is so large, or they are no numbers.

    Libraries believe them: they would fill lines of that width, or fail at the number.
    """
    for name in ("COLUMNS", "LINES"):
        told = environment.get(name)
        if told is not None and not (told.isascii() and told.isdecimal() and len(told) <= _DIGITS):
            del environment[name]


def is_terminal(*streams: TextIO) -> bool:
    """Whether all of these streams go to a terminal that knows places and colours: a dumb one shows what moves it."""
    return all(each.isatty() for each in streams) and os.environ.get("TERM", "") != "dumb"


def use_signs(signs: str | None) -> None:
    """Print signs of a kind: `ascii` or `unicode`, as the `signs` of the configuration says; None for as it is."""
    if signs is None:
        return
    _chosen.ascii_alone = signs == "ascii"
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        # What goes into a file or another program is told whole: JSON must say what AWS said.
        if reconfigure is not None and stream.isatty():
            reconfigure(encoding=_ASCII if _chosen.ascii_alone else "utf-8", errors=_HANDLER)


def in_signs(line: str) -> str:
    """A line for people, wherever it goes, in the signs that are used."""
    return _as_ascii(line) if _chosen.ascii_alone else line


def ascii_alone() -> bool:
    """Whether signs are drawn in ASCII alone: letters may still have their accents, as in Latin-1."""
    try:
        "⏎".encode(sys.stderr.encoding or "ascii")
    except UnicodeEncodeError:
        return True
    return _chosen.ascii_alone


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return _as_ascii(error.object[error.start : error.end]), error.end


def _as_ascii(text: str) -> str:
    from ssmtui.text.printable import ascii_text

    return ascii_text(text)


class _Encoder(codecs.IncrementalEncoder):
    def encode(self, text: str, final: bool = False) -> bytes:  # noqa: ARG002, FBT001, FBT002 - the standard library's
        return _as_ascii(text).encode("ascii")


def _ascii_codec(name: str) -> codecs.CodecInfo | None:
    if name != _ASCII:
        return None
    return codecs.CodecInfo(
        name=_ASCII,
        encode=lambda text, _errors="strict": (_as_ascii(text).encode("ascii"), len(text)),
        decode=codecs.ascii_decode,
        incrementalencoder=_Encoder,
        incrementaldecoder=codecs.getincrementaldecoder("ascii"),
    )


class _ClosablePipe(io.FileIO):
    """A pipe that may be closed at its other end."""

    unread = False

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - what a buffer is has no name before Python 3.12
        try:
            return super().write(data)
        except BrokenPipeError:
            self.unread = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return super().write(data)


def ignore_closed_output() -> None:
    """Have printing outlive whoever reads it, where standard output is a pipe."""
    try:
        number = sys.stdout.fileno()
        mode = os.fstat(number).st_mode
    except (OSError, ValueError):  # there is none, or it is none of the system's
        return
    if isinstance(sys.stdout, io.TextIOWrapper) and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        sys.stdout.flush()
        outlet = io.BufferedWriter(_ClosablePipe(number, "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(outlet, encoding=sys.stdout.encoding, errors=sys.stdout.errors)


def is_output_open() -> bool:
    """Whether anybody may read what is printed on standard output."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return not (isinstance(raw, _ClosablePipe) and raw.unread)


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


def set_quiet(context: click.Context, _option: click.Parameter, quiet: bool) -> None:  # noqa: FBT001 - click's own
    """Show no progress in this run: what `--quiet` does."""
    context.meta[_QUIET] = quiet


def is_quiet() -> bool:
    """Whether this run is to show no progress."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines on standard output, or standard error; of control sequences ssmtui's own colours and links alone."""
    from ssmtui.report.text_layout import folded
    from ssmtui.text.printable import printable_styled

    width = terminal_width(sys.stderr if err else sys.stdout)
    for line in lines:
        for each in folded(line, width):
            _print(in_signs(printable_styled(each)), err=err)


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
    from ssmtui.text.json_text import visible_json

    click.echo(visible_json(document, indent=2))


def print_data(text: str) -> None:
    """Print a text as it stands on standard output: one that was made fit to print where it was made."""
    click.echo(text, nl=False)


def print_message(sentence: str) -> None:
    """Say on standard error what is wrong, or what somebody should know.

    Lines of it that are indented by four are commands for somebody to copy, and stay whole.
    """
    from ssmtui.report.text_layout import Verbatim
    from ssmtui.text.printable import printable

    lines = (printable(line) for line in f"ssmtui: {sentence}".split("\n"))
    print_lines((Verbatim(line) if line.startswith("    ") else line for line in lines), err=True)
