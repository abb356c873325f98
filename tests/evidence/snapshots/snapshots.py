"""Small snapshots, and files of them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ssmtui.evidence.snapshots.record import ListingReference, RecordedFact, ScopeHead, ScopeRecord
from ssmtui.evidence.snapshots.snapshot_file import Snapshot, write_snapshot
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.node_facts import ManagedFleet
from ssmtui.model.storage import Key
from tests.builders.fleet import NOON, REGION, a_node, a_scope


def a_record(
    *nodes: Node, region: str = REGION, account: str = "", at: datetime = NOON, profile: str | None = None
) -> ScopeRecord:
    """A scope with nodes and two facts."""
    scope = a_scope(region, profile)
    scope = replace(scope, account=account or scope.account)
    placed = tuple(replace(node, key=NodeKey(scope.account, region, node.id)) for node in nodes or (a_node("web-1"),))
    facts = (
        RecordedFact(Key, "alias/sessions", Key("arn:aws:kms:key/1", "Enabled", "ENCRYPT_DECRYPT", "X", None)),
        RecordedFact(
            ManagedFleet, ListingReference("ListedRegistrations"), ManagedFleet(tuple(n.id for n in placed), "3.3", {})
        ),
    )
    return ScopeRecord(ScopeHead(scope, at, ConnectionOption.ALL, (("sts:GetCallerIdentity", 1),)), placed, facts)


def a_snapshot(*records: ScopeRecord, made: datetime = NOON) -> Snapshot:
    """A snapshot of some scopes."""
    return Snapshot(made, records or (a_record(),))


def packed(snapshot: Snapshot) -> bytes:
    """The file."""
    file = io.BytesIO()
    write_snapshot(snapshot, file)
    return file.getvalue()


def lines_in(file: bytes) -> list[dict[str, Any]]:
    """What its lines say."""
    return [json.loads(line) for line in gzip.decompress(file).splitlines()]


def with_lines(change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    """A snapshot whose lines somebody has changed; the count at the end is right."""
    lines = lines_in(packed(a_snapshot()))
    change(lines)
    if lines and "parts" in lines[-1]:
        lines[-1]["parts"] = len(lines) - 1
    return gzip.compress("\n".join(map(json.dumps, lines)).encode())
