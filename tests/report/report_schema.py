"""The schema `ssmtui.report/1` of docs/interface.md §4, as JSON Schema."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_MAYBE = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_CONFIDENCE = {"enum": ["proved", "likely", "possible"]}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


SCOPE = _object(profile=_MAYBE, account=_MAYBE, region=_MAYBE, caller=_MAYBE, error=_MAYBE)
SUMMARY = _object(
    ok=_COUNT,
    warn=_COUNT,
    fail=_COUNT,
    unknown=_COUNT,
    stopped=_COUNT,
    api_calls={"type": "object", "additionalProperties": _COUNT, "propertyNames": {"pattern": "^[a-z0-9-]+:[A-Z]"}},
)
NODE = _object(
    id={"type": "string", "pattern": "^m?i-"},
    name={"type": "string"},
    kind={"enum": ["ec2", "hybrid"]},
    account={"type": "string", "pattern": "^[0-9]{12}$"},
    region=_TEXT,
    state=_MAYBE,
    platform={"type": "string"},
    agent_version=_MAYBE,
    managed={"type": ["boolean", "null"]},
    ping={"enum": ["Online", "ConnectionLost", "Inactive", None]},
    connection={"enum": ["connected", "notconnected", None]},
    verdict={"enum": ["ok", "warn", "fail", "unknown", "stopped"]},
    confidence=_CONFIDENCE,
    root_cause=_MAYBE,
    findings=_list(_TEXT),
)
FINDING = _object(
    id={"type": "string", "pattern": "^[a-z0-9-]+@."},
    cause={"type": "string", "pattern": "^[a-z0-9-]+$"},
    status={"enum": ["fail", "warn", "unknown", "info"]},
    confidence=_CONFIDENCE,
    subject=_object(kind=_TEXT, id=_TEXT),
    nodes=_list({"type": "string", "pattern": "^m?i-"}),
    summary=_TEXT,
    evidence=_list(_object(fact=_TEXT, source={"type": "string"})),
    needs=_list({"type": "string", "pattern": "^[a-z0-9-]+:[A-Z]"}),
    fixes=_list({"type": "string", "pattern": "^[a-z0-9-]+$"}),
)
REPORT = _object(
    schema={"const": "ssmtui.report/1"},
    ssmtui=_TEXT,
    generated_at={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    scopes=_list(SCOPE),
    summary=SUMMARY,
    nodes=_list(NODE),
    findings=_list(FINDING),
)
