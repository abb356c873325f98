"""How deep data may nest that others wrote."""

from __future__ import annotations

import pytest

from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, parse_document_text
from ssmtui.text.json_text import MAX_DEPTH, nests_too_deeply


def lists(levels: int) -> object:
    held: list[object] = []
    for _ in range(levels - 1):
        held = [held]
    return held


def test_a_level_more_than_are_read_is_too_many() -> None:
    assert [nests_too_deeply(lists(levels)) for levels in (1, MAX_DEPTH, MAX_DEPTH + 1, 50_000)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_value_at_the_deepest_level_is_none_more() -> None:
    held: object = "kms"
    for _ in range(MAX_DEPTH):
        held = {"deeper": held}
    assert not nests_too_deeply(held)


def test_plain_values_have_no_levels() -> None:
    assert [nests_too_deeply(each) for each in ("x" * 1000, 7, None, {}, {"a": ("b", [1])})] == [False] * 5


@pytest.mark.heavy
@pytest.mark.parametrize("format_", DocumentFormat)
@pytest.mark.parametrize("levels", [200, 2_000])
def test_a_document_that_nests_deeper_is_not_told_to_be_none(format_: DocumentFormat, levels: int) -> None:
    text = f'{{"inputs": {{"kmsKeyId": {"[" * levels}{"]" * levels}}}}}'
    told = parse_document_text(text, format_)
    assert isinstance(told, MalformedText)
    assert (told.nests_too_deeply, told.why) == (True, "has more nested levels than the limit of ssmtui")


def test_what_is_no_document_at_all_does_not_nest() -> None:
    told = parse_document_text("{", DocumentFormat.JSON)
    assert isinstance(told, MalformedText)
    assert not told.nests_too_deeply


def test_aliases_are_looked_at_once_and_a_circle_is_too_deep() -> None:
    laughs = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30))
    assert isinstance(parse_document_text(f"l0: &l0 [x]\n{laughs}\n", DocumentFormat.YAML), DocumentText)
    circle: list[object] = []
    circle.append(circle)
    assert nests_too_deeply(circle)
