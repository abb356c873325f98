"""A report in its parts, as formats write them: of a diagnosis that has ended, or of reports merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.plan import JSON
from ssmtui.report.document import (
    finding_object,
    node_object,
    report_head,
    scope_names,
    scope_object,
    summary_object,
)

Body = Mapping[str, JSON]
"""A scope, a node or a finding, as docs/interface.md §4 has it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Against which report it was compared: when that one was made, and its findings that are not in this one.

    `fixed` are those of which a node was looked at again; of `unseen` none was, so that nobody knows.
    """

    generated_at: str
    fixed: Sequence[Body]
    unseen: Sequence[Body]


class Paper(Protocol):
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
    def compared(self) -> Compared | None:
        """What it was compared with; None where with nothing."""

    def finding(self, id_: str) -> Body | None:
        """The finding of that id."""


@dataclass(frozen=True, slots=True)
class StatePaper:
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
