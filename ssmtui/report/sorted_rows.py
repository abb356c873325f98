"""Sort the rows of a report by rank, outside memory: a report can have hundreds of thousands of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_OFFSET = 2**40
"""Added to numbers, so that negative numbers also sort as text. No report has so many nodes."""


def sorted_rows(rows: Iterable[tuple[tuple[int | str, ...], str]]) -> Iterator[str]:
    """Yield the texts in the order of their ranks. All ranks have the same form; equal ranks keep their order."""
    import sqlite3  # noqa: PLC0415 - it takes 2 MB, and only the HTML page sorts rows

    # SQLite keeps a database without a name in a temporary file, and deletes it when it is closed.
    base = sqlite3.connect("", isolation_level=None)
    try:
        base.executescript("pragma journal_mode = off; pragma temp_store = file; create table line (rank, body); begin")
        base.executemany("insert into line values (?, ?)", ((_key(rank), _bytes(text)) for rank, text in rows))
        for (body,) in base.execute("select body from line order by rank, rowid"):
            yield body.decode("utf-8", "surrogatepass")
    finally:
        base.close()


def _key(rank: tuple[int | str, ...]) -> bytes:
    return b"\0".join(_bytes(part if isinstance(part, str) else f"{part + _OFFSET:013d}") for part in rank)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
