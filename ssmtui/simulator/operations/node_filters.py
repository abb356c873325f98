"""Filters of the operations that list nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.node_rows import NodeRow

_MEMBERS: Final = {
    "InstanceIds": "InstanceId",
    "AgentVersion": "AgentVersion",
    "PingStatus": "PingStatus",
    "PlatformTypes": "PlatformType",
    "ActivationIds": "ActivationId",
    "IamRole": "IamRole",
    "ResourceType": "ResourceType",
    "AssociationStatus": "AssociationStatus",
    "SourceIds": "SourceId",
    "SourceTypes": "SourceType",
}

_OPERATORS: Final[dict[str, Callable[[str, str], bool]]] = {
    "Equal": lambda actual, wanted: actual == wanted,
    "NotEqual": lambda actual, wanted: actual != wanted,
    "BeginWith": lambda actual, wanted: actual.startswith(wanted),
    "LessThan": lambda actual, wanted: _numbers(actual) < _numbers(wanted),
    "GreaterThan": lambda actual, wanted: _numbers(actual) > _numbers(wanted),
}


def filters_of(parameters: Mapping[str, Any], *names: str) -> list[dict[str, Any]]:
    """The filters of a call, whatever the parameter and its members are called; lists of two kinds do not mix."""
    given = [parameters[name] for name in names if parameters.get(name)]
    if len(given) > 1:
        raise AwsError("InvalidFilterKey", f"{' and '.join(names)} cannot be used together.")
    return [{name.lower(): value for name, value in entry.items()} for entry in (given[0] if given else [])]


def matching(rows: Iterable[NodeRow], filters: Sequence[Mapping[str, Any]]) -> list[NodeRow]:
    """The rows that every filter lets through."""
    return [row for row in rows if all(_passes(row, entry) for entry in filters)]


def wanted_ids(filters: Sequence[Mapping[str, Any]]) -> set[str]:
    """The node ids that the filters name."""
    return {value for entry in filters if entry["key"] == "InstanceIds" for value in _wanted(entry)}


def _wanted(entry: Mapping[str, Any]) -> Sequence[str]:
    values: Sequence[str] = entry.get("values") or entry.get("valueset") or ()
    return values


def _passes(row: NodeRow, entry: Mapping[str, Any]) -> bool:
    key, values = str(entry["key"]), _wanted(entry)
    if key == "tag-key":
        return any(value in row.tags for value in values)
    if key.startswith("tag:"):
        actual = row.tags.get(key.removeprefix("tag:"))
    elif key in _MEMBERS:
        actual = row.shared_members().get(_MEMBERS[key])
    else:
        raise AwsError("InvalidFilterKey", f"The specified filter key {key} isn't valid.")
    compare = _OPERATORS[str(entry.get("operator", "Equal"))]
    outcomes = [actual is not None and compare(str(actual), value) for value in values]
    return all(outcomes) if entry.get("operator") == "NotEqual" else any(outcomes)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
