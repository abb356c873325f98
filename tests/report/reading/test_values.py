from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.report import report_json as module
from ssmtui.report.report_json import JsonStream, NotAReportError, TruncatedReportError, decoded

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[place : place + size] for place in range(0, len(text), size))


@given(st.lists(json_values, max_size=5), st.integers(1, 40), st.sampled_from([None, 2]))
def test_items_come_as_they_were_whatever_the_pieces(items: list[object], size: int, indent: int | None) -> None:
    text = f" {json.dumps(items, indent=indent)}\n "
    values = JsonStream(pieces(text, size))
    assert list(values.items()) == items
    assert values.next_sign() == ""


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=5), st.integers(1, 40))
def test_keys_come_with_their_values(members: dict[str, object], size: int) -> None:
    values = JsonStream(pieces(json.dumps(members, ensure_ascii=False), size))
    assert {key: values.value() for key in values.keys()} == members  # noqa: SIM118 - no dictionary


@given(st.dictionaries(st.text(max_size=5), json_values, min_size=1, max_size=3), st.data())
def test_the_beginning_of_an_object_is_cut_off_and_never_damaged(
    members: dict[str, object], data: st.DataObject
) -> None:
    text = json.dumps(members)
    with pytest.raises(TruncatedReportError):
        decoded(text[: data.draw(st.integers(1, len(text) - 1))])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{'a': 1}" + " " * 40, "is not JSON: Expecting property name enclosed in double quotes"),
        ('{"a": NaN}', "is not JSON: NaN is not a number"),
        ('{"a": 1} {}', "is not JSON: data follows the end"),
        ('{"a": "\n"}' + " " * 40, "is not JSON: Invalid control character at"),
        ("[" * 100_000 + "]" * 100_000, "has too many nested levels for a report"),
        ("1" * 5000 + " ", "contains a number that is too long"),
    ],
)
def test_what_is_no_json_is_told_in_words(text: str, why: str) -> None:
    with pytest.raises(NotAReportError) as refused:
        decoded(text)
    assert str(refused.value) == why


def test_a_value_without_an_end_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 10_000)
    endless = JsonStream(iter(lambda: "x" * 1000, None))
    with pytest.raises(NotAReportError, match="is not JSON"):
        endless.value()
    text = JsonStream(piece for piece in ('"', *["x" * 1000] * 100_000))
    with pytest.raises(NotAReportError, match="contains a value of more than"):
        text.value()
