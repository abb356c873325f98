"""Whether an operation's answer holds what is nobody's business, by botocore's model of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_JUDGED: dict[tuple[str, str], str] = {}

_NO_SECRETS = frozenset({"AccountName", "Email", "IPAddress", "SSEKMSKeyId"})
"""Shapes that AWS calls sensitive and that open nothing: an account's name and owner, a node's address, a key's id."""


def gives_away(operation: Any) -> str:
    """The part of the answer that is a secret, or a stream of somebody's data; empty where there is none.

    `operation` is botocore's model of it, judged once. AWS marks what is sensitive shape by shape: a parameter's value,
    a password.
    """
    name = (operation.service_model.service_name, operation.name)
    if name not in _JUDGED:
        _JUDGED[name] = _given_away(operation)
    return _JUDGED[name]


def _given_away(operation: Any) -> str:
    if operation.has_streaming_output or operation.has_event_stream_output:
        return str(operation.output_shape.name)
    return next(_sensitive(operation.output_shape, set()), "")


def _sensitive(shape: Any, seen: set[str]) -> Iterator[str]:
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    if shape.metadata.get("sensitive") and shape.name not in _NO_SECRETS:
        yield shape.name
    match shape.type_name:
        case "structure":
            for member in shape.members.values():
                yield from _sensitive(member, seen)
        case "list":
            yield from _sensitive(shape.member, seen)
        case "map":
            yield from _sensitive(shape.key, seen)
            yield from _sensitive(shape.value, seen)
