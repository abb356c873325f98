"""Raw answers against the output shapes of botocore's models: what is unknown, missing, or of another type."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

_NUMBERS = {"integer", "long", "float", "double"}
_PLUMBING = {"ResponseMetadata", "requestId"}


def violations(operation: OperationModel, body: bytes) -> list[str]:
    """Everything in an answer that the model of its operation does not allow."""
    shape = operation.output_shape
    if not isinstance(shape, StructureShape):
        return []
    protocol = operation.service_model.protocol
    if protocol == "json":
        return list(_json(json.loads(body), shape, operation.name))
    in_body = {name: m for name, m in shape.members.items() if m.serialization.get("location") is None}
    if not in_body or ("payload" in shape.serialization and not body.strip()):
        return []
    if "payload" in shape.serialization:
        payload = shape.members[shape.serialization["payload"]]
        if payload.type_name in {"string", "blob"}:
            return []
        return list(_xml(_root(body), payload, operation.name))
    root = _root(body)
    if protocol == "query":
        root = next(child for child in root if _tag(child) == f"{operation.name}Result")
    return list(_xml_members(root, in_body, shape, operation.name))


def _root(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - an answer of our own simulator


def _json(value: Any, shape: Shape, at: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        if not isinstance(value, dict):
            yield f"{at}: {value!r} is not a structure"
            return
        known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        yield from (f"{at}: unknown {name}" for name in value if name not in known)
        yield from (f"{at}: missing {name}" for name in shape.required_members if name not in value)
        for name, member in known.items():
            if name in value:
                yield from _json(value[name], member, f"{at}.{name}")
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            yield f"{at}: {value!r} is not a list"
            return
        for item in value:
            yield from _json(item, shape.member, f"{at}[]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            yield f"{at}: {value!r} is no map"
            return
        for item in value.values():
            yield from _json(item, shape.value, f"{at}{{}}")
    elif not _is_scalar(value, shape):
        yield f"{at}: {value!r} is no {shape.type_name}{_enumeration(shape)}"


def _is_scalar(value: Any, shape: Shape) -> bool:
    if shape.type_name == "boolean":
        return isinstance(value, bool)
    if shape.type_name in _NUMBERS or shape.type_name == "timestamp":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str) and value in (shape.metadata.get("enum") or [value])


def _xml(node: ET.Element, shape: Shape, at: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _xml_members(node, shape.members, shape, at)
    elif isinstance(shape, ListShape):
        item_name = shape.member.serialization.get("name", "member")
        for child in node:
            if _tag(child) == item_name:
                yield from _xml(child, shape.member, f"{at}[]")
            else:
                yield f"{at}: unknown {_tag(child)}"
    elif isinstance(shape, MapShape):
        for entry in node:
            yield from _xml(entry[1], shape.value, f"{at}{{}}")
    elif not _is_text_of(node.text or "", shape):
        yield f"{at}: {node.text!r} is no {shape.type_name}{_enumeration(shape)}"


def _xml_members(node: ET.Element, members: Mapping[str, Shape], shape: StructureShape, at: str) -> Iterator[str]:
    known = {_element_name(name, member): (name, member) for name, member in members.items()}
    seen = set()
    for child in node:
        tag = _tag(child)
        if tag in known:
            name, member = known[tag]
            seen.add(name)
            is_flat = isinstance(member, ListShape) and member.serialization.get("flattened")
            yield from _xml(child, member.member if is_flat else member, f"{at}.{name}")
        elif tag not in _PLUMBING:
            yield f"{at}: unknown {tag}"
    in_attributes = {name for name, member in members.items() if member.serialization.get("xmlAttribute")}
    required = set(shape.required_members) & set(members) - in_attributes
    yield from (f"{at}: missing {name}" for name in sorted(required - seen))


def _element_name(name: str, member: Shape) -> str:
    if isinstance(member, ListShape) and member.serialization.get("flattened"):
        return str(member.member.serialization.get("name") or member.serialization.get("name", name))
    return str(member.serialization.get("name", name))


def _is_text_of(text: str, shape: Shape) -> bool:
    if shape.type_name == "boolean":
        return text in {"true", "false"}
    if shape.type_name in _NUMBERS:
        return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None
    if shape.type_name == "timestamp":
        return re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text) is not None
    # EC2 itself writes some values in lower case that its model has in upper case (Platform, an endpoint's State).
    return text.lower() in {value.lower() for value in shape.metadata.get("enum") or [text]}


def _enumeration(shape: Shape) -> str:
    values = shape.metadata.get("enum")
    return f" of {', '.join(values)}" if values else ""


def _tag(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]
