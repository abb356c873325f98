"""The text of a file as it comes, in pieces of bounded size, whatever wrote it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from ssmtui.language import say
from ssmtui.report.reading.refusals import CutOff, NotAReport

_AT_ONCE = 1 << 16
"""Bytes read at once."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What a file may begin with, and the encoding that it tells: a redirection in PowerShell writes UTF-16."""


def pieces_of(file: BinaryIO) -> Iterator[str]:
    """The text, decoded piece by piece.

    Raises:
        NotAReport: it is no text.
        CutOff: it ends in the middle of a character.

    """
    read = file.read(_AT_ONCE)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if read.startswith(mark)), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)()
    read = read[len(mark) :]
    while read:
        try:
            yield decoder.decode(read)
        except UnicodeDecodeError as error:
            raise NotAReport(say("is no text in UTF-8")) from error
        read = file.read(_AT_ONCE)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise CutOff from error
