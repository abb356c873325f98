"""The parts of a finding."""

from __future__ import annotations

import pytest

from ssmtui.model.finding import Confidence, Finding, Status, Subject, SubjectKind


@pytest.mark.parametrize("name", ["web\n1", "web\r\n1", "web\u20281"])
def test_a_summary_is_one_line_also_if_a_name_has_several(name: str) -> None:
    node = Subject(SubjectKind.NODE, "i-1")
    finding = Finding("not-registered", Status.FAIL, Confidence.PROVED, node, f"{name} is not registered.", ())
    assert finding.summary == "web 1 is not registered."
