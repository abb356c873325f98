"""Diagnosing every node by itself, as if it were like no other: what judging by classes is held against."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import FleetFinding, Verdict
from ssmtui.model.node import ConnectionStatus, NodeKey

_WHEN_READ = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@contextmanager
def each_alone() -> Iterator[None]:
    """Meanwhile no two nodes are judged together."""
    with patch.object(FactStore, "is_singled_out", lambda _store, _key: True):
        yield


def told(
    state: FleetState,
) -> tuple[dict[NodeKey, Verdict], dict[str, FleetFinding], dict[NodeKey, ConnectionStatus | Unreadable | None]]:
    """All that a report says of nodes, but for the times at which the simulated AWS says that it was asked."""
    connections = {key: state.connections.get(key) for key in state.nodes}
    return dict(state.verdicts), {id_: _timeless(held) for id_, held in state.findings.items()}, connections


def _timeless(held: FleetFinding) -> FleetFinding:
    evidence = tuple(replace(each, fact=_WHEN_READ.sub("now", each.fact)) for each in held.finding.evidence)
    return replace(held, finding=replace(held.finding, evidence=evidence))
