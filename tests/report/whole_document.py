"""The whole report as one value: what `--format json` writes piece by piece."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.paper import StatePaper


def report_document(state: FleetState, generated_at: datetime) -> dict[str, Any]:
    paper = StatePaper(state, generated_at)
    return {
        **paper.head,
        "scopes": list(paper.scopes),
        "summary": paper.summary,
        "nodes": list(paper.nodes),
        "findings": list(paper.findings),
    }
