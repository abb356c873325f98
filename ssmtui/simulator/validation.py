"""The checks that AWS makes on the parameters of a call before anything else, by the constraints of its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from moto.core.model import OperationModel, Shape, StructureShape

from ssmtui.simulator.errors import AwsError

# Of these the services themselves word the refusal, and the models say nothing of the bounds.
_UNCHECKED: Final = frozenset({"ec2", "s3"})


def validate(model: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Raise AwsError for what is missing, too small, too big, or no value of its enumeration."""
    shape = model.input_shape
    if not isinstance(shape, StructureShape) or str(model.service_model.service_name) in _UNCHECKED:
        return
    found = [
        f"Value null at '{_spelled(name)}' failed to satisfy constraint: Member must not be null"
        for name in shape.required_members
        if name not in parameters
    ]
    for name, value in parameters.items():
        member = shape.members.get(name)
        if member is not None:
            found += _violations(_spelled(name), value, member)
    if found:
        problems = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise AwsError("ValidationException", f"{problems} detected: {'; '.join(found)}")


def _violations(name: str, value: object, shape: Shape) -> list[str]:
    smallest, biggest, allowed = (shape.metadata.get(key) for key in ("min", "max", "enum"))
    failed = f"Value '{value}' at '{name}' failed to satisfy constraint: Member must"
    if isinstance(value, int) and shape.type_name in {"integer", "long"}:
        measure, words = value, "have value"
    elif isinstance(value, (str, list)) and shape.type_name in {"list", "string"}:
        measure, words = len(value), "have length"
    else:
        return []
    if allowed and value not in allowed:
        return [f"{failed} satisfy enum value set: [{', '.join(allowed)}]"]
    if smallest is not None and measure < smallest:
        return [f"{failed} {words} greater than or equal to {smallest}"]
    if biggest is not None and measure > biggest:
        return [f"{failed} {words} less than or equal to {biggest}"]
    return []


def _spelled(name: str) -> str:
    return name[:1].lower() + name[1:]
