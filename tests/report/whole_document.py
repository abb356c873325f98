"""The whole report as one value: what `--format json` writes piece by piece."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.model import DiagnosisReport, ReportModel
from ssmtui.report.report_json import part_to_json


def report_document(state: FleetState, generated_at: datetime) -> dict[str, Any]:
    return document_of(DiagnosisReport(state, generated_at))


def document_of(report_model: ReportModel) -> dict[str, Any]:
    return {
        **part_to_json(report_model.head),
        "scopes": [part_to_json(each) for each in report_model.scopes],
        "summary": part_to_json(report_model.summary),
        "nodes": [part_to_json(each) for each in report_model.nodes],
        "findings": [part_to_json(each) for each in report_model.findings],
    }
