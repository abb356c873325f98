"""The report for programs (`--format json`): one document, written when the diagnosis has ended."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ssmtui.report.document import report_document
from ssmtui.report.format import Report, report_format

_PIECE = 1 << 16
"""Characters that are held at once: what is said of ten thousand nodes is megabytes."""


@report_format("json")
def document_lines(report: Report) -> Iterator[str]:
    """The document, indented; many lines at a time."""
    document = report_document(report.state, report.generated_at)
    held, length = list[str](), 0
    for written in json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(document):
        if length >= _PIECE and written.startswith(("\n", ",\n")):
            comma, _, rest = written.partition("\n")
            yield "".join(held) + comma
            held, length = [rest], len(rest)
        else:
            held.append(written)
            length += len(written)
    yield "".join(held)
