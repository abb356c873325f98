"""Hold the state of the fleet together with the causes that explain it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say
from ssmtui.model.finding import Finding, Status
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.scope import CREDENTIAL_PROBLEMS
from ssmtui.ui.text.styled_text import STATUSES

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.model.finding import FleetFinding, Verdict
    from ssmtui.model.scope import Scope


_STATUS_ORDER = tuple(STATUSES)


@dataclass(slots=True)
class Fleet:
    """The nodes, what was found about them, and the causes by their slugs.

    `trouble` is the defect that stopped the diagnosis at its start. `whys` are words that were found for nodes, until
    something that they tell of changes.
    """

    state: FleetState = field(default_factory=FleetState)
    causes: Mapping[str, Cause] = field(default_factory=dict)
    trouble: str = ""
    reason_cache: dict[Hashable, object] = field(default_factory=dict)

    def node(self, key: NodeKey) -> Node | None:
        """A node, if it is there."""
        return self.state.nodes.get(key)

    def name_of(self, key: NodeKey) -> str:
        """What a person calls a node: its id, where it has no name."""
        node = self.node(key)
        return (node.name if node else "") or key.id

    def verdict(self, key: NodeKey) -> Verdict:
        """A node's verdict so far."""
        return self.state.verdict(key)

    def scope_of(self, key: NodeKey) -> Scope | None:
        """The scope that listed a node."""
        return self.state.scope_of.get(key)

    def findings_of(self, key: NodeKey) -> list[FleetFinding]:
        """The findings of a node that have been told, in the order of the path; the worst of a link first."""
        told = (self.state.findings.get(id_) for id_ in self.verdict(key).finding_ids)
        return sorted(
            (each for each in told if each),
            key=lambda each: (each.link.position, _STATUS_ORDER.index(each.finding.status), each.id),
        )

    def title(self, slug: str) -> str:
        """A cause in words; its slug where the catalogue has not been read yet."""
        cause = self.causes.get(slug)
        return cause.title if cause else slug

    def finding_title(self, finding: Finding) -> str:
        """A finding in words: its cause's title, and that it is not known whether it holds where that is so."""
        title = self.title(finding.cause)
        return say("unsure: {title}", title=title) if finding.status is Status.UNKNOWN else title

    def keys_named(self, scope: Scope, ids: Iterable[str]) -> list[NodeKey]:
        """The nodes of a scope's account and Region with these ids."""
        return [NodeKey(scope.account, scope.region, id_) for id_ in ids]

    def is_stale(self, key: NodeKey) -> bool:
        """Whether a node is shown as it was before AWS took its scope's credentials no more."""
        if not self.state.errors:
            return False
        scope = self.state.scope_of.get(key)
        error = self.state.errors.get(scope.name) if scope is not None else None
        return error is not None and error.problem in CREDENTIAL_PROBLEMS

    @property
    def scopes(self) -> list[Scope]:
        """The open scopes, by profile and Region: in which order they were opened is chance."""
        return sorted(self.state.scopes.values(), key=lambda each: each.name.order)

    @property
    def has_no_match(self) -> bool:
        """Whether nodes were asked for, and none of them is anywhere."""
        return not self.state.nodes and not self.state.errors and bool(self.state.nowhere())

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The calls that have not answered for a while, of all scopes whose diagnosis goes on."""
        delayed = [each.waiting_for for each in self.state.delayed.values()]
        begun = [told.waiting_for for name, told in self.state.progress.items() if name not in self.state.settled]
        return tuple(dict.fromkeys(chain.from_iterable((*delayed, *begun))))

    @property
    def pending(self) -> bool:
        """Whether the diagnosis of any scope goes on."""
        return any(name not in self.state.settled for name in self.state.scopes)
