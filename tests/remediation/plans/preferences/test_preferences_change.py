from __future__ import annotations

from ssmtui.model.document_text import DocumentFormat
from ssmtui.model.fact import Absent
from ssmtui.remediation.plans.preferences.document_plan import preferences_change
from tests.remediation.plans.documents import read
from tests.remediation.plans.facts import SCOPE, text_of


def test_an_absent_document_is_created_and_undone_only_while_it_is_untouched() -> None:
    text = text_of()
    change = preferences_change(SCOPE, Absent("the document", "ssm:GetDocument"), read(text, DocumentFormat.JSON))
    assert [(call.operation, call.action) for call in change.calls] == [("CreateDocument", "ssm:CreateDocument")]
    assert dict(change.calls[0].parameters) == {
        "Name": "SSM-SessionManagerRunShell",
        "DocumentType": "Session",
        "DocumentFormat": "JSON",
        "Content": text,
    }
    assert [(guard.name, guard.expected) for guard in change.guards] == [("the document", None)]
    assert [call.operation for call in change.way_back.calls] == ["DeleteDocument"]
    assert [(guard.name, guard.expected) for guard in change.way_back.guards] == [
        ("the text of the newest version", text),
        ("the newest version", "1"),
    ]
