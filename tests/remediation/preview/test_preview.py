from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.plan import Plan
from ssmtui.model.preferences import parse_preferences
from ssmtui.remediation.plans.preferences.encryption import toggle_s3_encryption
from ssmtui.remediation.preview import DiffLine, LineKind, call_lines, diff_lines, undo_lines
from ssmtui.text.printable import printable
from tests.remediation.plans.facts import SCOPE, caller, stored, text_of


def test_the_difference_shows_the_line_and_its_surroundings() -> None:
    assert diff_lines("a\nb\nc\n", "a\nB\nc\n") == (
        DiffLine(LineKind.HUNK, "@@ -1,3 +1,3 @@"),
        DiffLine(LineKind.CONTEXT, "a"),
        DiffLine(LineKind.REMOVED, "b"),
        DiffLine(LineKind.ADDED, "B"),
        DiffLine(LineKind.CONTEXT, "c"),
    )


def test_lines_are_signed_as_a_unified_diff_signs_them() -> None:
    assert [line.signed for line in diff_lines("-a\n", "+b\n")] == ["@@ -1 +1 @@", "--a", "++b"]


def test_json_in_one_line_is_compared_indented() -> None:
    before = json.dumps(json.loads(text_of(note="x" * 120)))
    after = before.replace('"s3EncryptionEnabled": true', '"s3EncryptionEnabled": false')
    lines = diff_lines(before, after)
    assert lines[0].text == "@@ indented here for reading; stored on one line @@"
    changed = [line.signed.strip() for line in lines if line.kind in (LineKind.ADDED, LineKind.REMOVED)]
    assert changed == ['-    "s3EncryptionEnabled": true,', '+    "s3EncryptionEnabled": false,']


@given(st.text(), st.text())
def test_no_line_can_move_a_cursor(before: str, after: str) -> None:
    assert all(printable(line.text) == line.text for line in diff_lines(before, after))


def test_the_calls_are_shown_with_what_is_known_of_their_parameters() -> None:
    document = stored(text_of())
    plan = toggle_s3_encryption(SCOPE, document, parse_preferences(document), caller())
    assert isinstance(plan, Plan)
    name = "Name=SSM-SessionManagerRunShell"
    assert call_lines(plan) == (
        f"ssm UpdateDocument  {name}  DocumentVersion=3  DocumentFormat=JSON  Content=(the text above)",
        f"ssm UpdateDocumentDefaultVersion  {name}  DocumentVersion=(result of call 1)",
    )
    assert undo_lines(plan) == (
        f"ssm UpdateDocument  {name}  DocumentVersion=(as read before the change)  DocumentFormat=JSON"
        "  Content=(the text before the change)",
        f"ssm UpdateDocumentDefaultVersion  {name}  DocumentVersion=(result of call 1)",
    )
