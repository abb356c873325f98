"""The parts of a report as formats write them, and the objects of the JSON report, `ssmtui.report/1`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ssmtui import __version__
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import FleetFinding, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import JSON
from ssmtui.model.scope import ScopeName
from ssmtui.text.times import utc_text

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


Body = Mapping[str, JSON]
"""A scope, a node or a finding, as docs/interface.md §4 has it."""


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """Against which report it was compared: when that one was made, and its findings that are not in this one.

    `fixed` are those of which a node was looked at again; of `unseen` none was, so that nobody knows.
    """

    generated_at: str
    fixed: Sequence[Body]
    unseen: Sequence[Body]


class ReportModel(Protocol):
    """The parts. Nodes and findings come in the order of their ids, each time that they are asked for."""

    @property
    def head(self) -> Body:
        """By which schema and version it was made, and when."""

    @property
    def scopes(self) -> Sequence[Body]:
        """What was looked at."""

    @property
    def summary(self) -> Body:
        """Nodes by verdict, and the API calls made."""

    @property
    def nodes(self) -> Iterable[Body]:
        """The nodes."""

    @property
    def findings(self) -> Iterable[Body]:
        """The findings."""

    @property
    def compared(self) -> BaselineComparison | None:
        """What it was compared with; None where with nothing."""

    def finding(self, id_: str) -> Body | None:
        """The finding of that id."""


@dataclass(frozen=True, slots=True)
class DiagnosisReport:
    """The report of a diagnosis that has ended."""

    state: FleetState
    generated_at: datetime

    @property
    def head(self) -> Body:
        """By which schema and version it was made, and when."""
        return report_head(self.generated_at)

    @property
    def scopes(self) -> Sequence[Body]:
        """What was looked at."""
        return [scope_object(self.state, name) for name in scope_names(self.state)]

    @property
    def summary(self) -> Body:
        """Nodes by verdict, and the API calls made."""
        return summary_object(self.state)

    @property
    def nodes(self) -> Iterator[Body]:
        """The nodes, sorted."""
        for key in sorted(self.state.nodes, key=lambda each: (each.id, each.region, each.account)):
            yield node_object(self.state, key)

    @property
    def findings(self) -> Iterator[Body]:
        """The findings, sorted."""
        for _, finding in sorted(self.state.findings.items()):
            yield finding_object(finding)

    @property
    def compared(self) -> None:
        """It is as it was found."""

    def finding(self, id_: str) -> Body | None:
        """The finding of that id."""
        return finding_object(self.state.findings[id_]) if id_ in self.state.findings else None
