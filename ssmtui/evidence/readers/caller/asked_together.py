"""Which nodes the caller's permissions are asked about in one go."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.evidence.gathering.reading import derives
from ssmtui.model.managed_fleet import ManagedFleet
from ssmtui.model.standing import ManagedNode


@dataclass(frozen=True, slots=True)
class AskedTogether:
    """Nodes that share one row of questions, by id."""

    ids: tuple[str, ...]

    def __hash__(self) -> int:
        # Thousands of nodes share one row, and each looks it up.
        return hash((len(self.ids), self.ids[:1]))


@derives
def asked_together(managed: ManagedNode, fleet: ManagedFleet) -> AskedTogether:
    """All that the same pages have listed."""
    return AskedTogether(fleet.ids)
