"""The report as a document, `ssmtui.report/1` (docs/interface.md §4): keys in its order, lists sorted by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ssmtui import __version__
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.answers import Unreadable
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.moment import utc_text
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import JSON
from ssmtui.model.scope import ScopeName

SCHEMA = "ssmtui.report/1"

VERDICTS = (VerdictStatus.OK, VerdictStatus.WARN, VerdictStatus.FAIL, VerdictStatus.UNKNOWN, VerdictStatus.STOPPED)
"""In the order in which the summary counts them."""


def report_head(generated_at: datetime) -> Mapping[str, JSON]:
    """By which schema and version it was made, and when."""
    return {
        "schema": SCHEMA,
        "ssmtui": __version__,
        "generated_at": utc_text(generated_at),
    }


def scope_names(state: FleetState) -> list[ScopeName]:
    """The scopes of a report, in their order."""
    names = {*state.scopes, *state.errors}
    return sorted(names, key=lambda name: name.order)


def scope_object(state: FleetState, name: ScopeName) -> Mapping[str, JSON]:
    """One scope; `error` is a sentence, null where there is none; it was looked at when the report was made."""
    scope, error = state.scopes.get(name), state.errors.get(name)
    return {
        "profile": name.profile,
        "account": scope.account if scope else name.role_account or None,
        "region": name.region or None,
        "caller": scope.caller if scope else None,
        "error": error.message if error else None,
        "role": name.role,
        "generated_at": None,
    }


def summary_object(state: FleetState) -> Mapping[str, JSON]:
    """Nodes by verdict, and the API calls made."""
    counts = state.counts()
    return {
        **{status.value: counts[status] for status in VERDICTS},
        "api_calls": dict(sorted(state.api_calls().items())),
    }


def node_object(state: FleetState, key: NodeKey) -> Mapping[str, JSON]:
    """One node with its verdict."""
    node, verdict = state.nodes[key], state.verdict(key)
    connection = state.connections.get(key)
    return {
        "id": node.id,
        "name": node.name,
        "kind": node.kind.value,
        "account": key.account,
        "region": key.region,
        "state": node.state.value if node.state else None,
        "platform": node.platform,
        "agent_version": node.agent_version,
        "managed": None if isinstance(node.registration, Unreadable) else node.managed,
        "ping": node.ping.value if node.ping else None,
        "connection": None if connection is None or isinstance(connection, Unreadable) else connection.value,
        "verdict": verdict.status.value,
        "confidence": verdict.confidence.value,
        "root_cause": verdict.root_cause,
        "findings": list(verdict.finding_ids),
    }


def finding_object(held: FleetFinding) -> Mapping[str, JSON]:
    """One finding with the nodes it holds down."""
    finding = held.finding
    return {
        "id": held.id,
        "cause": finding.cause,
        "status": finding.status.value,
        "confidence": finding.confidence.value,
        "subject": {"kind": finding.subject.kind.value, "id": finding.subject.id},
        "nodes": sorted(key.id for key in held.nodes),
        "summary": finding.summary,
        "evidence": [{"fact": each.fact, "source": each.source} for each in finding.evidence],
        "needs": list(finding.needs),
        "fixes": list(finding.fixes),
    }
