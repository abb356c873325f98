"""The tables of failure texts: one file for each program, a line for each text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.failure_texts.found_text import INNER, FoundText, Severity

FOLDER = Path(__file__).parents[2] / "tests" / "causes" / "failure_texts"
GENERAL = "general"
"""The text fits many causes: `explain` opens with what to check, in an order."""
NONE = "none"
"""The text does not say why a session fails: it is about something else, or only the program's authors can read it."""
UNCLASSIFIED = "?"
"""A new text. A test fails until it has a class."""
_HOLE = re.compile(r"%[-+# 0]*[\d.*]*[a-zA-Z]")
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"))


@dataclass(frozen=True, slots=True)
class Row:
    """A text with its class: `none`, or the slugs of the causes of which one comes first, also after `general`.

    `frame` is what the program prints around the text, with `%w` in its place; empty if nothing.
    """

    classes: tuple[str, ...]
    file: str
    severity: Severity
    text: str
    frame: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The texts of a program at one version."""

    program: str
    version: str
    rows: Sequence[Row]


def read_table(path: Path) -> Table:
    """Read the table of one program."""
    head, *lines = path.read_text(encoding="utf-8").split("\n")
    return Table(path.stem, head.rpartition(" · ")[2], [_row(line) for line in lines if line])


def read_tables() -> Sequence[Table]:
    """Read all tables."""
    return [read_table(path) for path in sorted(FOLDER.glob("*.tsv"))]


def write_table(table: Table) -> None:
    """Write the table of one program."""
    lines = [f"# {table.program} · {table.version}", *map(_line, table.rows)]
    (FOLDER / f"{table.program}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def rows_of(texts: Iterable[FoundText], before: Mapping[str, Row]) -> Sequence[Row]:
    """Return a row for each different text, with the class that it had before, in the order of the files."""
    rows = dict[str, Row]()
    for found in texts:
        old = before.get(found.text)
        first = rows.get(found.text)
        # Of two places that print one text, the one that shows it in more words is tested.
        if first is None or len(found.frame) > len(first.frame):
            classes = old.classes if old else (UNCLASSIFIED,)
            rows[found.text] = Row(classes, found.file, found.severity, found.text, found.frame)
    return sorted(rows.values(), key=lambda row: row.file)


def without_holes(text: str) -> str:
    """Return a text that is the same whatever the format of its holes."""
    return _HOLE.sub(INNER, text)


def coverage(table: Table) -> str:
    """Return how many texts of a program have which kind of class."""
    of = [row.classes[0] for row in table.rows]
    named = len(of) - sum(map(of.count, (GENERAL, NONE, UNCLASSIFIED)))
    return (
        f"| {table.program} | {table.version} | {len(of)} | {named} | {of.count(GENERAL)} | {of.count(NONE)} "
        f"| {of.count(UNCLASSIFIED)} |"
    )


def _row(line: str) -> Row:
    classes, severity, file, text, *frame = line.split("\t")
    return Row(tuple(classes.split()), file, Severity(severity), _raw(text), _raw(frame[0]) if frame else "")


def _line(row: Row) -> str:
    fields = (" ".join(row.classes), row.severity.value, row.file, _escaped(row.text), _escaped(row.frame))
    return "\t".join(fields).rstrip("\t")


def _escaped(text: str) -> str:
    for raw, escaped in _ESCAPES:
        text = text.replace(raw, escaped)
    return text


def _raw(text: str) -> str:
    parts = text.split("\\\\")
    for raw, escaped in _ESCAPES[1:]:
        parts = [part.replace(escaped, raw) for part in parts]
    return "\\".join(parts)
