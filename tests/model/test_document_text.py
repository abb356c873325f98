"""The text of a stored document, parsed."""

from __future__ import annotations

import pytest

from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, parse_document_text
from ssmtui.text.json_text import MAX_DEPTH

YAML = DocumentFormat.YAML


def test_many_collections_beside_each_other_are_not_deep() -> None:
    read = parse_document_text("".join(f"key{number}: [1]\n" for number in range(2 * MAX_DEPTH)), YAML)
    assert isinstance(read, DocumentText)
    assert read.said == {f"key{number}": [1] for number in range(2 * MAX_DEPTH)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [1\nb: }", "cannot be read as YAML: expected ',' or ']', but got ':' (line 2)"),
        ("a: !!bool x", "cannot be read as YAML: 'x'"),
    ],
)
def test_a_malformed_text_says_what_is_wrong_and_where_the_parser_tells_it(text: str, why: str) -> None:
    assert parse_document_text(text, YAML) == MalformedText(text, YAML, why)
