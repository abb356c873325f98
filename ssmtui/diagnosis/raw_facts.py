"""Everything that was read for one node, as plain data: what `y` shows beside the words."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

from ssmtui.diagnosis.inquiry import FactSeen
from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.reading import Read, Seen, sources
from ssmtui.evidence.readers.nodes.shared_listing import SharedListing
from ssmtui.evidence.recorded.scope_record import TheListing
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.document_text import DocumentText, MalformedText
from ssmtui.model.moment import Now
from ssmtui.model.plan import JSON
from ssmtui.model.policy import Policy


def facts_seen(journey: Journey) -> tuple[FactSeen, ...]:
    """The facts of a journey by name, each with the IAM actions it was read by. Moot ones and listings are left out."""
    return tuple(
        FactSeen(kind.__name__, _source(kind), json.dumps(plain(resolved.value), indent=2, ensure_ascii=False))
        for kind, resolved in sorted(journey.known.items(), key=lambda each: each[0].__name__)
        if kind is not Now and not isinstance(resolved.value, Moot | SharedListing | TheListing)
    )


def plain(value: object) -> JSON:
    """A value as JSON can hold it. A policy is shown as AWS's own document, and a document as its text."""
    if isinstance(value, DocumentText | MalformedText):
        return value.text
    if isinstance(value, Policy) and value.text:
        return _decoded(value.text)
    if isinstance(value, Absent | Unreadable):
        told = {key: each for key, each in _fields(value).items() if each is not None}
        return {type(value).__name__.lower(): {key: plain(each) for key, each in told.items()}}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {key: plain(each) for key, each in _fields(value).items()}
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, Sequence | frozenset | set) and not isinstance(value, str):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _decoded(text: str) -> JSON:
    try:
        document: JSON = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return document


def _fields(value: object) -> Mapping[str, object]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}  # type: ignore[arg-type]


def _source(kind: type) -> str:
    match sources().get(kind):
        case Read() as source:
            return ", ".join(source.actions)
        case Seen():
            return say("this computer")
        case _:
            return ""
