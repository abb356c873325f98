"""Documents held against the schemas that ssmtui ships: what is in them, and in which order."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from ssmtui.report.schema import Schema


def schema_of(document: Schema) -> dict[str, Any]:
    """The schema as it is shipped."""
    schema: dict[str, Any] = json.loads(document.text)
    return schema


def hold(told: Any, document: Schema, part: str | None = None) -> None:
    """Fail unless what was told is of the schema, or of a part of it, with its keys in the promised order."""
    schema = schema_of(document)
    wanted = schema if part is None else {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    jsonschema.validate(told, wanted, cls=jsonschema.Draft202012Validator)
    _in_order(told, wanted, schema["$defs"])


def _in_order(told: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if isinstance(told, list):
        for each in told:
            _in_order(each, schema["items"], definitions)
    if isinstance(told, dict) and "properties" in schema:
        assert list(told) == [key for key in schema["properties"] if key in told]
        for key, value in told.items():
            _in_order(value, schema["properties"][key], definitions)
