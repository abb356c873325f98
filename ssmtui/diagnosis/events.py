"""The events of a running diagnosis: the only stream that screens and reports read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.model.fact import Unreadable
    from ssmtui.model.finding import FleetFinding, InspectionResult, Verdict
    from ssmtui.model.node import ConnectionStatus, Node, NodeKey
    from ssmtui.model.probe import Probes
    from ssmtui.model.scope import Scope, ScopeError, ScopeName


@dataclass(frozen=True, slots=True)
class ScopeOpened:
    """Credentials work; the nodes of the scope are being listed."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class ScopeFailed:
    """A scope could not be opened, or a part of its nodes could not be listed. The other scopes continue."""

    error: ScopeError


@dataclass(frozen=True, slots=True)
class ScopeClosed:
    """A scope was closed, until `ScopeOpened` names it again: its nodes are then as before.

    This includes a scope in error that is no longer requested: the scope of all Regions could not list them, and now
    each Region has its own scope.
    """

    scope: ScopeName


@dataclass(frozen=True, slots=True)
class ScopeQueued:
    """A scope waits until another scope is finished."""

    scope: ScopeName


@dataclass(frozen=True, slots=True)
class ScopeDelayed:
    """A scope is being opened, and these calls are slow to answer; empty: they have answered.

    `throttled`: AWS asks for slower requests.
    """

    scope: ScopeName
    waiting_for: tuple[str, ...]
    throttled: bool


@dataclass(frozen=True, slots=True)
class NodeListed:
    """A node was listed, or more is known about it (the same key again)."""

    scope: Scope
    node: Node


@dataclass(frozen=True, slots=True)
class NodesNotFound:
    """The requested nodes of a scope are listed, and these requested words match none of them.

    `others` are the IDs and names of nodes in the scope that were not requested: of all if `listed_all`, else only
    names that resemble the words.
    """

    scope: ScopeName
    missing: tuple[str, ...]
    others: tuple[str, ...]
    listed_all: bool = True


@dataclass(frozen=True, slots=True)
class NodeGone:
    """A listed node no longer exists."""

    key: NodeKey


@dataclass(frozen=True, slots=True)
class ConnectionRead:
    """The result of GetConnectionStatus, or why it failed; None if it is not read."""

    key: NodeKey
    connection: ConnectionStatus | Unreadable | None


@dataclass(frozen=True, slots=True)
class NodeInspected:
    """The results of the deep inspection of a selected node; None while it is running."""

    key: NodeKey
    looks: tuple[InspectionResult, ...] | None


@dataclass(frozen=True, slots=True)
class ProbesChanged:
    """The probes of a node; empty if earlier results are no longer valid."""

    key: NodeKey
    probes: Probes


@dataclass(frozen=True, slots=True)
class FindingChanged:
    """A finding is new, or affects more or other nodes (the same ID again)."""

    finding: FleetFinding


@dataclass(frozen=True, slots=True)
class FindingGone:
    """A finding no longer exists."""

    id: str


@dataclass(frozen=True, slots=True)
class VerdictChanged:
    """A node's verdict from the finished checks."""

    key: NodeKey
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ProgressChanged:
    """The number of settled nodes of a scope, and the API calls so far, by `service:Operation`.

    `waiting_for` are the calls that are slow to answer, the longest first. For `to_ask` nodes, the connection must
    still be read, which takes at least these seconds at AWS's rate.
    """

    scope: ScopeName
    settled: int
    listed: int
    listing: bool
    api_calls: tuple[tuple[str, int], ...]
    throttled: bool
    waiting_for: tuple[str, ...] = ()
    to_ask: int = 0
    seconds_of_asking: float = 0.0


@dataclass(frozen=True, slots=True)
class ScopeSettled:
    """All work on the scope is finished."""

    scope: ScopeName


@dataclass(frozen=True, slots=True)
class AllSettled:
    """All work is finished: each scope is settled or in error."""


@dataclass(frozen=True, slots=True)
class ScopeCrashed:
    """An internal error ended the diagnosis of a scope. `summary` names the place, never a value from AWS."""

    scope: ScopeName
    summary: str


@dataclass(frozen=True, slots=True)
class InternalErrorMet:
    """Because of an internal error, a part of a scope could not be read: results that depend on it are unknown.

    `summary` names the place, never a value from AWS. Each place is published once.
    """

    scope: ScopeName
    summary: str


Event = (
    ScopeOpened
    | ScopeFailed
    | ScopeClosed
    | ScopeQueued
    | NodeListed
    | NodesNotFound
    | NodeGone
    | ConnectionRead
    | NodeInspected
    | ProbesChanged
    | FindingChanged
    | FindingGone
    | VerdictChanged
    | ProgressChanged
    | ScopeDelayed
    | ScopeSettled
    | AllSettled
    | ScopeCrashed
    | InternalErrorMet
)
