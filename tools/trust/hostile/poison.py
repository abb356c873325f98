"""A world with a text put behind every name, tag, reason and error that is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ssmtui.iam_policy.document import Policy
from ssmtui.model.document_text import DocumentText, MalformedText
from ssmtui.model.node import NodeKey
from ssmtui.remediation.apply.journal import FILE_NAME
from tests.ui.scripted_inquiry import ScriptedInquiry

_OURS = frozenset(
    {
        *(
            "cause",
            "root_cause",
            "fix",
            "fixes",
            "finding_ids",
            "id",
            "ids",
            "node_id",
            "region",
            "account",
            "partition",
        ),
        *("dns_suffix", "operation", "service", "path", "calls", "api_calls", "slug", "command", "nodes", "expected"),
        *(
            "action",
            "actions",
            "needs",
            "source",
            "plan",
            "kind",
            "stale",
            "way_back",
            "guards",
            "target",
            "confirmation",
        ),
    }
)
"""Members that ssmtui goes by itself, or that AWS gives a form of their own."""
_WHOLE = DocumentText | MalformedText | NodeKey | Policy | Enum | type


def poisoned(value: Any, by: str) -> Any:
    """The same value, the text behind every text of others in it; alike texts stay alike."""
    match value:
        case str():
            return value + by if value else value
        case bool() | int() | float() | None:
            return value
        case tuple() if hasattr(value, "_fields"):
            return value
        case tuple() | list() | frozenset() | set():
            return type(value)(poisoned(each, by) for each in value)
        case Mapping():
            return {
                (each if isinstance(each, str) else poisoned(each, by)): poisoned(held, by)
                for each, held in value.items()
            }
    if isinstance(value, _WHOLE) or not is_dataclass(value) or isinstance(value, type):
        return value
    told = {each.name: getattr(value, each.name) for each in fields(value) if each.init and each.name not in _OURS}
    try:
        return replace(value, **{name: poisoned(held, by) for name, held in told.items()})
    except (TypeError, ValueError):
        return value


def poisoned_inquiry(handle: ScriptedInquiry, by: str) -> ScriptedInquiry:
    """A scripted diagnosis of such a world."""
    events = handle.events
    told = [events.get_nowait() for _ in range(events.qsize())]
    handle._events = SimpleQueue()
    handle.tell(*(poisoned(each, by) for each in told))
    for name in ("plans", "regions", "facts", "pages", "unread", "ending", "known_accesses", "forecasts"):
        setattr(handle, name, poisoned(getattr(handle, name), by))
    return handle


def poison_journal(folder: Path, by: str) -> None:
    """Put it behind what the entries of a journal tell people."""
    file = folder / FILE_NAME
    if not file.exists():
        return
    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for entry in entries:
        for name in ("title", "why", "undo", "before", "after", "fix"):
            if isinstance(entry.get(name), str) and entry[name]:
                entry[name] += by
    file.write_text("".join(json.dumps(each) + "\n" for each in entries), encoding="utf-8")
