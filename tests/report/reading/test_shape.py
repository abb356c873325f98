"""What the shipped schema promises is checked as a validator of JSON Schema checks it, but for keys that came later."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.report.reading.report_parts import LATER_KEYS, shape_check_of
from ssmtui.report.schema import Schema
from tests.report.schemas import schema_of
from tests.report.written_reports import a_finding_object, a_node_object, a_row, an_account

SCHEMA = schema_of(Schema.REPORT)
RIGHT: dict[str, Any] = {
    "scope": a_row(),
    "node": a_node_object("i-1"),
    "finding": a_finding_object("arn:aws:s3:::logs", ["i-1"], needs=["kms:DescribeKey"]),
    "summary": an_account(1, 3)["summary"],
    "report": {key: an_account(1, 0)[key] for key in ("schema", "ssmtui", "generated_at")},
}
LATER_WORD = "^[A-Za-z][A-Za-z0-9-]{0,63}$"
ODD = st.sampled_from([None, True, -1, 3, 1.5, "", "x", "ok", "proved", [], [""], {}, {"a": 1}, ["m-1"], "1" * 12])


def with_later_words(schema: Any) -> Any:
    """The schema as a reader takes it: where it lists words, a later version may say another one."""
    if isinstance(schema, list):
        return [with_later_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: with_later_words(value) for key, value in schema.items() if key != "enum"}
    if "enum" in schema:
        kept["anyOf"] = [{"enum": schema["enum"]}, {"type": "string", "pattern": LATER_WORD}]
    return kept


def is_valid(part: str, body: Any) -> bool:
    wanted = {"$ref": f"#/$defs/{part}", "$defs": with_later_words(SCHEMA["$defs"])}
    return bool(jsonschema.Draft202012Validator(wanted).is_valid(body))


def leaves(body: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places in a body where something may be put instead."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [place, *(each for key, value in inner for each in leaves(value, (*place, key)))]


@pytest.mark.parametrize("part", RIGHT)
def test_what_is_right_is_right(part: str) -> None:
    assert shape_check_of(part)(RIGHT[part]) == ""
    assert is_valid(part, RIGHT[part])


@given(st.sampled_from(sorted(RIGHT)), ODD, st.data())
def test_what_was_spoilt_is_refused_as_the_schema_refuses_it(part: str, odd: Any, data: st.DataObject) -> None:
    body = {"": copy.deepcopy(RIGHT[part])}
    way: list[Any] = ["", *data.draw(st.sampled_from(leaves(RIGHT[part])))]
    last = way.pop()
    inner: Any = body
    for each in way:
        inner = inner[each]
    inner[last] = odd
    assert (shape_check_of(part)(body[""]) == "") == is_valid(part, body[""])


@pytest.mark.parametrize("part", RIGHT)
def test_a_key_that_is_missing_is_named(part: str) -> None:
    for key in RIGHT[part]:
        body = {name: value for name, value in RIGHT[part].items() if name != key}
        grown = part == "scope" and key in LATER_KEYS
        assert shape_check_of(part)(body) == ("" if grown else f"{part} has no {key}")


def test_a_key_more_is_growth_as_long_as_it_is_not_deep() -> None:
    assert shape_check_of("node")({**RIGHT["node"], "colour": {"is": ["red"]}}) == ""
    deep: Any = "red"
    for _ in range(20):
        deep = [deep]
    assert shape_check_of("node")({**RIGHT["node"], "colour": deep}) == "node is nested too deeply for a report"


def test_it_says_where_the_promise_is_not_kept() -> None:
    finding = {**RIGHT["finding"], "evidence": [{"fact": "it is so", "source": ""}]}
    assert shape_check_of("finding")(finding) == "finding.evidence[].source is not what the schema promises"
