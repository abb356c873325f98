"""The whole report as one value: what `--format json` writes piece by piece."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.model import DiagnosisReport


def report_document(state: FleetState, generated_at: datetime) -> dict[str, Any]:
    report_model = DiagnosisReport(state, generated_at)
    return {
        **report_model.head,
        "scopes": list(report_model.scopes),
        "summary": report_model.summary,
        "nodes": list(report_model.nodes),
        "findings": list(report_model.findings),
    }
