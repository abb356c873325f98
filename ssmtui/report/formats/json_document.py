"""The report for programs (`--format json`): one document, written when the diagnosis has ended."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ssmtui.report.document import report_document
from ssmtui.report.format import Report, report_format


@report_format("json")
def document_lines(report: Report) -> Iterator[str]:
    """The document, indented."""
    yield json.dumps(report_document(report.state, report.generated_at), ensure_ascii=False, indent=2)
