"""All that ssmtui can say: the sentences of the compiled catalogues, in every language."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

_MAGIC = 0x950412DE
"""How a compiled catalogue begins (the GNU gettext manual, "The Format of GNU MO Files")."""


def all_sentences() -> Iterator[str]:
    """Each sentence, with its holes, in English and in every language; none where no catalogue was compiled."""
    for catalogue in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.mo")):
        yield from _sentences_of(catalogue.read_bytes())


def _sentences_of(compiled: bytes) -> Iterator[str]:
    order = "<" if struct.unpack_from("<I", compiled)[0] == _MAGIC else ">"
    count, *tables = struct.unpack_from(f"{order}3I", compiled, 8)
    for table in tables:
        for number in range(count):
            length, offset = struct.unpack_from(f"{order}2I", compiled, table + 8 * number)
            yield from compiled[offset : offset + length].decode("utf-8").split("\0")
