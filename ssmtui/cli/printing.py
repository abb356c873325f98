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
"""Our own encoding: click takes a stream with Python's `ascii` for a mistake, and writes UTF-8 to it."""

_DIGITS = 4
"""Digits of the largest width and height of a terminal: 9,999."""

_NO_OTHERS = frozenset({"C", "POSIX"})
"""Locales with ASCII only. C.UTF-8 is not one of them."""


@dataclass(slots=True)
class _Chosen:
    """Whether the output is ASCII only: set once, from the environment or the configuration."""

    ascii_alone: bool = False


_chosen = _Chosen()


def configure_streams(environment: Mapping[str, str] = os.environ) -> None:
    """Replace characters that an output cannot encode by similar ones; in the locale C, all except ASCII.

    Python treats the locale C as UTF-8 (PEP 540) and would write unreadable characters to such a terminal.
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
    """Replace closed standard streams (`<&-`) by the null device, before any other file is opened.

    Otherwise the next file or connection would get their numbers, and errors would be written into it. A write to the
    replacement of an output fails.
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
    """Remove COLUMNS and LINES from the environment if they are too large for a terminal or not numbers.

    Libraries trust them: they would fill lines of that width, or fail at the number.
    """
    for name in ("COLUMNS", "LINES"):
        told = environment.get(name)
        if told is not None and not (told.isascii() and told.isdecimal() and len(told) <= _DIGITS):
            del environment[name]


def is_terminal(*streams: TextIO) -> bool:
    """Return whether all streams go to a terminal that supports positions and colours; a dumb terminal does not."""
    return all(each.isatty() for each in streams) and os.environ.get("TERM", "") != "dumb"


def use_signs(signs: str | None) -> None:
    """Set the kind of characters to print: `ascii` or `unicode` (setting `signs`); None changes nothing."""
    if signs is None:
        return
    _chosen.ascii_alone = signs == "ascii"
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        # Files and other programs get the unchanged text: JSON must contain what AWS sent.
        if reconfigure is not None and stream.isatty():
            reconfigure(encoding=_ASCII if _chosen.ascii_alone else "utf-8", errors=_HANDLER)


def in_signs(line: str) -> str:
    """Return a line for people, in the chosen characters."""
    return _as_ascii(line) if _chosen.ascii_alone else line


def ascii_alone() -> bool:
    """Return whether symbols are printed as ASCII. Letters may still have accents, as in Latin-1."""
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
    """A pipe whose reader may close it."""

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
    """Ignore that the reader of standard output closes the pipe."""
    try:
        number = sys.stdout.fileno()
        mode = os.fstat(number).st_mode
    except (OSError, ValueError):  # there is no stream, or it is not a stream of the operating system
        return
    if isinstance(sys.stdout, io.TextIOWrapper) and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        sys.stdout.flush()
        outlet = io.BufferedWriter(_ClosablePipe(number, "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(outlet, encoding=sys.stdout.encoding, errors=sys.stdout.errors)


def is_output_open() -> bool:
    """Return whether standard output may still have a reader."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    return not (isinstance(raw, _ClosablePipe) and raw.unread)


_QUIET = "ssmtui.quiet"
_NARROWEST = 20
"""Cells below which lines are not wrapped: the text would be unreadable."""


def terminal_width(stream: TextIO | None = None) -> int | None:
    """Return the width of a stream's terminal (default: standard output); None if it is no terminal.

    COLUMNS takes precedence, as for the help.
    """
    stream = stream or sys.stdout
    if not stream.isatty():
        return None
    asked = os.environ.get("COLUMNS", "")
    width = int(asked) if asked.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    return width if width >= _NARROWEST else None


def set_quiet(context: click.Context, _option: click.Parameter, quiet: bool) -> None:  # noqa: FBT001 - click's own
    """Store the value of `--quiet`: show no progress in this run."""
    context.meta[_QUIET] = quiet


def is_quiet() -> bool:
    """Return whether this run shows no progress."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


def print_lines(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines to standard output or standard error. Only ssmtui's own colours and links keep control sequences."""
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
        # If errors cannot be printed (2>/dev/full), the work goes on.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)


def print_json(document: object) -> None:
    """Print a JSON document to standard output."""
    from ssmtui.text.json_text import visible_json

    click.echo(visible_json(document, indent=2))


def print_data(text: str) -> None:
    """Print a text unchanged to standard output. The caller has made it printable."""
    click.echo(text, nl=False)


def print_message(sentence: str) -> None:
    """Print an error or a notice to standard error.

    Lines that are indented by four spaces are commands to copy: they are not wrapped.
    """
    from ssmtui.report.text_layout import Verbatim
    from ssmtui.text.printable import printable

    lines = (printable(line) for line in f"ssmtui: {sentence}".split("\n"))
    print_lines((Verbatim(line) if line.startswith("    ") else line for line in lines), err=True)
