"""The schemas that ssmtui ships: valid, closed, and telling right documents from wrong ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from ssmtui.report.schema import Schema
from tests.builders.fleet import NOON
from tests.report.fleet import the_fleet
from tests.report.schemas import hold, schema_of
from tests.report.whole_document import report_document

OPTIONAL = {"redacted", "counted", "muted", "baseline", "fixed", "unseen", "also_here", "order"} | {
    *("restricted", "source_type", "operator")
}
"""Keys that are there where an option asks for them, or where there is something to say."""


def report() -> Any:
    return json.loads(json.dumps(report_document(the_fleet(), NOON)))


def schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    """The schemas inside a schema, and itself."""
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from schemas_in(each)


@pytest.mark.parametrize("document", Schema)
def test_a_schema_is_one_and_has_room_for_nothing_else(document: Schema) -> None:
    schema = schema_of(document)
    jsonschema.Draft202012Validator.check_schema(schema)
    objects = [each for each in schemas_in(schema) if each.get("type") == "object"]
    assert objects
    for each in objects:
        if "properties" in each:
            assert each["required"] == [key for key in each["properties"] if key not in OPTIONAL]
            assert each["additionalProperties"] is False
        else:
            assert isinstance(each["additionalProperties"], dict)


def _with_a_key_more(told: Any) -> None:
    told["nodes"][0]["colour"] = "red"


def _with_a_key_less(told: Any) -> None:
    del told["findings"][0]["needs"]


def _with_evidence_of_nowhere(told: Any) -> None:
    told["findings"][0]["evidence"] = [{"fact": "it is so", "source": ""}]


def _with_a_verdict_of_its_own(told: Any) -> None:
    told["nodes"][0]["verdict"] = "green"


@pytest.mark.parametrize(
    "spoil", [_with_a_key_more, _with_a_key_less, _with_evidence_of_nowhere, _with_a_verdict_of_its_own]
)
def test_another_document_is_refused(spoil: Callable[[Any], None]) -> None:
    told = report()
    hold(told, Schema.REPORT)
    spoil(told)
    with pytest.raises(jsonschema.ValidationError):
        hold(told, Schema.REPORT)


def test_keys_in_another_order_are_refused() -> None:
    told = report()
    told["nodes"][0] = dict(reversed(told["nodes"][0].items()))
    with pytest.raises(AssertionError):
        hold(told, Schema.REPORT)
