"""The events of a running diagnosis: the one stream that screens and reports read."""

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
    """A scope could not be opened, or part of its nodes could not be listed. The others go on."""

    error: ScopeError


@dataclass(frozen=True, slots=True)
class ScopeClosed:
    """A scope is looked at no more, until `ScopeOpened` names it again: its nodes are as they were, then.

    So is one in error that is asked for no more: `all` Regions could not be listed, and each has its name now.
    """

    scope: ScopeName


@dataclass(frozen=True, slots=True)
class ScopeQueued:
    """A scope waits for its turn: as many as can be are being looked at."""

    scope: ScopeName


@dataclass(frozen=True, slots=True)
class ScopeDelayed:
    """A scope is being opened, and these calls have not answered for a while; none, once they have.

    `throttled` says that AWS asks to be asked more slowly.
    """

    scope: ScopeName
    waiting_for: tuple[str, ...]
    throttled: bool


@dataclass(frozen=True, slots=True)
class NodeListed:
    """A node was listed, or is known better than before (the same key again)."""

    scope: Scope
    node: Node


@dataclass(frozen=True, slots=True)
class NodesNotFound:
    """All nodes of a scope are listed, and these of the words that were asked for name none of them.

    `others` are the ids and names of the nodes that the scope has and nobody asked for.
    """

    scope: ScopeName
    missing: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeGone:
    """A node that was listed is there no more."""

    key: NodeKey


@dataclass(frozen=True, slots=True)
class ConnectionRead:
    """GetConnectionStatus answered, or could not; None where it is not asked."""

    key: NodeKey
    connection: ConnectionStatus | Unreadable | None


@dataclass(frozen=True, slots=True)
class NodeInspected:
    """What a node that somebody points at was examined for besides; None while that is under way."""

    key: NodeKey
    looks: tuple[InspectionResult, ...] | None


@dataclass(frozen=True, slots=True)
class ProbesChanged:
    """What is known of a node by probes; nothing, where what it was is not to be relied on any more."""

    key: NodeKey
    probes: Probes


@dataclass(frozen=True, slots=True)
class FindingChanged:
    """A finding is new, or holds more or other nodes (the same id again)."""

    finding: FleetFinding


@dataclass(frozen=True, slots=True)
class FindingGone:
    """A finding no longer holds."""

    id: str


@dataclass(frozen=True, slots=True)
class VerdictChanged:
    """A node's verdict, as far as its checks have come."""

    key: NodeKey
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ProgressChanged:
    """How many nodes of a scope are settled, and how many API calls have been made so far, by `service:Operation`.

    `waiting_for` are the calls that have not answered for a while, the longest first. `to_ask` nodes are yet to be
    asked whether they are connected, which takes these seconds at the least, at the pace at which AWS answers.
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
    """Nothing of the scope is outstanding."""

    scope: ScopeName


@dataclass(frozen=True, slots=True)
class AllSettled:
    """Nothing of any scope is outstanding: each is settled, or in error."""


@dataclass(frozen=True, slots=True)
class ScopeCrashed:
    """A defect in ssmtui ended the diagnosis of a scope. `summary` names the place, never a value from AWS."""

    scope: ScopeName
    summary: str


@dataclass(frozen=True, slots=True)
class InternalErrorMet:
    """A defect in ssmtui kept something of a scope from being read: what depends on it is unknown, the rest stands.

    `summary` names the place, never a value from AWS. Each place is told once.
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
