"""What nodes present to the checks: all of it, but for what is each one's own."""

from __future__ import annotations

import re
import typing
from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from functools import cache

from ssmtui.model.node import Instance, Node, Registration

OWN_FIELDS: dict[type, frozenset[str]] = {
    Node: frozenset({"key", "name", "tags"}),
    Instance: frozenset({"id", "launched", "image_id", "private_ip", "public_ip", "ipv6_addresses"}),
    Registration: frozenset({"node_id", "last_ping", "computer_name", "ip_address", "registered"}),
}
"""The fields in which nodes that are judged together may differ. Any other tells them apart, new ones too."""

_WORDS = re.compile(r"\w+")

_SHARED = {of: tuple(each.name for each in fields(of) if each.name not in own) for of, own in OWN_FIELDS.items()}


def likeness(node: Node) -> Hashable:
    """Equal for nodes that differ in nothing but what is their own."""
    instance = node.instance
    return (
        node.kind,
        _shared(instance),
        isinstance(instance, Instance) and instance.has_public_ip,
        _shared(node.registration),
    )


@cache
def holds_a_node(kind: type) -> bool:
    """Whether values of a kind hold a node, or one of the parts that tell it from others."""
    return kind in OWN_FIELDS or (is_dataclass(kind) and any(map(_mentions_a_node, _hints_of(kind))))


def _hints_of(kind: type) -> tuple[object, ...]:
    try:
        return tuple(typing.get_type_hints(kind).values())
    except NameError:
        return tuple(kind.__annotations__.values())  # a library's names, imported for the type checker alone


def _mentions_a_node(hint: object) -> bool:
    if isinstance(hint, str):
        return any(of.__name__ in _WORDS.findall(hint) for of in OWN_FIELDS)
    if isinstance(hint, type) and not typing.get_args(hint):
        return holds_a_node(hint)
    return any(map(_mentions_a_node, typing.get_args(hint)))


def _shared(part: object) -> Hashable:
    names = _SHARED.get(type(part))
    if names is None:
        return part  # Absent or Unreadable: what it says is the same for all
    return tuple([getattr(part, name) for name in names])
