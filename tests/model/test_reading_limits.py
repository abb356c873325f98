"""How much of what others wrote is read at all, and what is said of more: never that it is broken."""

from __future__ import annotations

import pytest

from ssmtui.evidence.aws.reader_api import Answer, MalformedAnswer, document_from_answer, policy_from_answer
from ssmtui.evidence.readers.preferences import parse_stored_document
from ssmtui.model.document_text import DocumentFormat, MalformedText, is_equivalent_text, parse_document_text
from ssmtui.model.fact import ReadFailure
from ssmtui.text.json_text import MAX_LENGTH, holds_too_many_values, is_too_long

LONG = f'{{"Statement": [], "Id": "{"x" * MAX_LENGTH}"}}'
LAUGHS = "l0: &l0 [x]\n" + "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)) + "\n"


@pytest.mark.parametrize(
    "read", [policy_from_answer, document_from_answer, lambda answer, member: answer.json_part(member)]
)
def test_a_text_that_is_longer_than_any_policy_is_not_read_and_not_called_broken(read: object) -> None:
    with pytest.raises(MalformedAnswer) as refused:
        read(Answer("kms:GetKeyPolicy", {"Policy": LONG}), "Policy")  # type: ignore[operator]
    told = refused.value.unreadable
    assert told.obstacle is ReadFailure.MALFORMED
    assert told.why.endswith("Policy is too long")


@pytest.mark.parametrize("format_", DocumentFormat)
def test_a_document_that_is_longer_than_any_is_unknown(format_: DocumentFormat) -> None:
    told = parse_document_text(LONG, format_)
    assert isinstance(told, MalformedText)
    assert told.why == "is longer than the limit of ssmtui"
    with pytest.raises(MalformedAnswer, match="is too long"):
        parse_stored_document(LONG, format_)


def test_lengths() -> None:
    assert [is_too_long("x" * length) for length in (0, MAX_LENGTH, MAX_LENGTH + 1)] == [False, False, True]


def test_aliases_may_say_more_than_anybody_reads() -> None:
    laughs: object = ["x"]
    for _ in range(30):
        laughs = [laughs] * 9
    assert [holds_too_many_values(each) for each in ("x", [["x"] * 9] * 9, {"a": laughs}, laughs)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_document_of_aliases_is_compared_by_its_text() -> None:
    assert is_equivalent_text(LAUGHS, f"{LAUGHS}\n", DocumentFormat.YAML)
    assert not is_equivalent_text(LAUGHS, LAUGHS.replace("[x]", "[y]"), DocumentFormat.YAML)


@pytest.mark.parametrize(
    "text",
    ["a: !!bool 'x'", "a: !!int '_'", "a: !!float x", "a: !!timestamp x", "a: !!omap [1]", "a: !!int ''", "<<: [1]"],
)
def test_a_value_that_is_not_of_its_tag_is_a_fault_of_the_document(text: str) -> None:
    told = parse_document_text(text, DocumentFormat.YAML)
    assert isinstance(told, MalformedText)
    assert told.why.startswith("cannot be read as YAML")


@pytest.mark.heavy
def test_a_yaml_text_of_too_many_levels_is_left_as_soon_as_they_are_met() -> None:
    told = parse_document_text("a: " + "[" * 100_000, DocumentFormat.YAML)
    assert isinstance(told, MalformedText)
    assert told.nests_too_deeply
