"""Every operation that botocore's models know of a service, and the least parameters that each of them takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.session import Session

from ssmtui.evidence.aws.allowed_reads import CREDENTIAL_OPERATIONS
from ssmtui.evidence.facts.sources import all_reads

_READING = re.compile(r"(BatchGet|Decode|Describe|Get|Head|List|Lookup|Search|Select|Simulate|Test|Validate)[A-Z]")
_DEEPEST = 8


def services() -> tuple[str, ...]:
    """The services that the reader speaks to, the SDK's own way to credentials included."""
    return tuple(sorted({service for service, _ in (*all_reads(), *CREDENTIAL_OPERATIONS)}))


@cache
def model_of(service: str) -> Any:
    """botocore's whole model of a service."""
    return Session().get_service_model(service)


def unlisted(service: str) -> Iterator[str]:
    """The operations of a service that no reader declares."""
    listed = {*all_reads(), *CREDENTIAL_OPERATIONS}
    return (each for each in model_of(service).operation_names if (service, each) not in listed)


def is_write(operation: str) -> bool:
    """Whether an operation is none that reads by its name; in doubt it writes."""
    return _READING.match(operation) is None


def least(service: str, operation: str) -> dict[str, Any]:
    """Parameters that the SDK takes for an operation: what it needs, and no more."""
    shape = model_of(service).operation_model(operation).input_shape
    return _value(shape, 0) if shape is not None else {}


def _value(shape: Any, depth: int) -> Any:
    match shape.type_name:
        case "structure":
            if getattr(shape, "is_document_type", False) or depth > _DEEPEST:
                return {}
            needed = {name: _value(shape.members[name], depth + 1) for name in shape.required_members}
            if getattr(shape, "is_tagged_union", False) and not needed and shape.members:
                name, member = next(iter(shape.members.items()))
                return {name: _value(member, depth + 1)}
            return needed
        case "list":
            return [_value(shape.member, depth + 1)] * max(int(shape.metadata.get("min", 1)), 1)
        case "map":
            return {}
        case "blob":
            return b"x"
        case "timestamp":
            return datetime(2026, 1, 1, tzinfo=UTC)
        case "boolean":
            return False
        case "integer" | "long":
            return int(shape.metadata.get("min", 1))
        case "float" | "double":
            return float(shape.metadata.get("min", 1))
    text = shape.enum[0] if shape.enum else "x"
    return str(text).ljust(int(shape.metadata.get("min", 1)), "x")
