"""Payloads that are JSON: members are asked for by type, and whatever is not of that type is malformed."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass


class MalformedPayload(Exception):
    """A payload is not of its documented form; the message says what is wrong, without what it held."""


@dataclass(frozen=True, slots=True, repr=False)
class JsonObject:
    """A JSON object that somebody else wrote.

    Raises:
        MalformedPayload: a member is not there, or not of the type that is asked for.

    """

    members: Mapping[str, object]

    def text(self, name: str, default: str | None = None) -> str:
        """A string; `default` where it is missing or null."""
        value = self.members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise MalformedPayload(f"{name} is no text")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; `default` where it is missing or null."""
        value = self.members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise MalformedPayload(f"{name} is no whole number")
        return value

    def decoded(self, name: str) -> bytes:
        """Bytes, which JSON holds in base64."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError):
            raise MalformedPayload(f"{name} is not base64") from None

    def nested(self, name: str) -> JsonObject:
        """An object; an empty one where it is missing or null."""
        return json_object(self.members.get(name), name)

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """A list of objects; an empty one where it is missing or null."""
        value = self.members.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise MalformedPayload(f"{name} is no list")
        return tuple(json_object(each, name) for each in value)


def json_object(value: object, name: str) -> JsonObject:
    """A value that is to be an object; null is an empty one."""
    if value is None:
        return JsonObject({})
    if not isinstance(value, dict):
        raise MalformedPayload(f"{name} is no object")
    return JsonObject(value)


def parse(payload: bytes | str) -> JsonObject:
    """The object that a payload is.

    Raises:
        MalformedPayload: it is not JSON, or no object.

    """
    try:
        value: object = json.loads(payload)
    # What is nested too deeply is a RecursionError, and a number that is too long a ValueError like the rest.
    except (ValueError, RecursionError):
        raise MalformedPayload("the payload is not JSON") from None
    if not isinstance(value, dict):
        raise MalformedPayload("the payload is no object")
    return JsonObject(value)


def dump(members: Mapping[str, object]) -> bytes:
    """An object as the other side reads it."""
    return json.dumps(members, separators=(",", ":")).encode("ascii")


def in_base64(data: bytes) -> str:
    """Bytes as JSON holds them."""
    return base64.b64encode(data).decode("ascii")
