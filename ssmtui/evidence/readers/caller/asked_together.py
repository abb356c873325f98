"""Which nodes the caller's permissions are asked about in one go."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.standing import ManagedNode


@dataclass(frozen=True, slots=True)
class ManagedIds:
    """The ids of the managed nodes that were listed for the Region as a whole."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class AskedTogether:
    """Nodes that share one row of questions, by id."""

    ids: tuple[str, ...]

    def __hash__(self) -> int:
        # Thousands of nodes share one row, and each looks it up.
        return hash((len(self.ids), self.ids[:1]))


@derives
def managed_ids(fleet: ManagedFleet) -> ManagedIds:
    """To look a node up in."""
    return ManagedIds(frozenset(fleet.ids))


@derives
def asked_together(managed: ManagedNode, fleet: ManagedFleet, known: ManagedIds) -> AskedTogether:
    """All that were listed; a node that has registered since is asked about by itself."""
    id_ = managed.node.id
    return AskedTogether(fleet.ids if id_ in known.ids else (id_,))
