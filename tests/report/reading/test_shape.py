"""What the shipped schema promises is checked as a validator of JSON Schema checks it, but for keys that came later."""

from __future__ import annotations

import copy
import json
from dataclasses import MISSING, fields
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.report.model import ReportFinding, ReportHead, ReportNode, ReportPart, ReportScope, ReportSummary
from ssmtui.report.report_json import MalformedPart, part_from_json, part_to_json
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
KINDS: dict[str, type[ReportPart]] = {
    "scope": ReportScope,
    "node": ReportNode,
    "finding": ReportFinding,
    "summary": ReportSummary,
    "report": ReportHead,
}
LATER_KEYS = {("scope", "role"), ("scope", "generated_at"), ("node", "links")}
"""Members that came later: reports of before are still reports."""

LATER_WORD = "^[A-Za-z][A-Za-z0-9-]{0,63}$"
ODD = st.sampled_from([None, True, -1, 3, 1.5, "", "x", "ok", "proved", [], [""], {}, {"a": 1}, ["m-1"], "1" * 12])


def fault(part: str, body: Any) -> str:
    """Return why a part cannot be read; nothing if it can."""
    try:
        part_from_json(KINDS[part], body)
    except MalformedPart as malformed:
        return str(malformed)
    return ""


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
    assert json.loads(json.dumps(part_to_json(part_from_json(KINDS[part], RIGHT[part])))) == RIGHT[part]
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
    assert (fault(part, body[""]) == "") == is_valid(part, body[""])


@pytest.mark.parametrize("part", RIGHT)
def test_a_key_that_is_missing_is_named(part: str) -> None:
    for key in RIGHT[part].keys() - {"schema"}:
        body = {name: value for name, value in RIGHT[part].items() if name != key}
        grown = (part, key) in LATER_KEYS
        assert fault(part, body) == ("" if grown else f"{part} has no {key}")


def test_a_key_more_is_growth() -> None:
    deep: Any = "red"
    for _ in range(200):
        deep = [deep]
    assert part_from_json(ReportNode, {**RIGHT["node"], "colour": deep}) == part_from_json(ReportNode, RIGHT["node"])


@pytest.mark.parametrize("part", KINDS)
def test_the_types_have_the_members_of_the_schema_in_its_order(part: str) -> None:
    members = fields(KINDS[part])
    assert [each.name for each in members] == list(SCHEMA["$defs"][part]["properties"])
    required = [each for each in SCHEMA["$defs"][part]["required"] if (part, each) not in LATER_KEYS]
    assert [each.name for each in members if each.default is MISSING or each.name == "schema"] == required


def test_it_says_where_the_promise_is_not_kept() -> None:
    finding = {**RIGHT["finding"], "evidence": [{"fact": "it is so", "source": ""}]}
    assert fault("finding", finding) == "finding.evidence[].source does not match the schema"
