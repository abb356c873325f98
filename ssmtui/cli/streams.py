"""What is printed, in characters that can be shown: the output's own, or ASCII alone."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

_HANDLER = "ssmtui"
_ASCII = "ssmtui_ascii"
"""An encoding of our own: click takes a stream of Python's `ascii` for a mistake, and writes UTF-8 to it."""

_NO_OTHERS = frozenset({"C", "POSIX"})
"""Locales of ASCII alone. C.UTF-8 is none of them."""


@dataclass(slots=True)
class _Chosen:
    """Whether it is ASCII alone: said once, by the environment or the configuration."""

    ascii_alone: bool = False


_chosen = _Chosen()


def fit_streams(environment: Mapping[str, str] = os.environ) -> None:
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
    from ssmtui.model.ascii_text import ascii_text

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
