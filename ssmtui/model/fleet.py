"""The fleet as screens and reports show it: verdicts, and findings with the nodes they hold down."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ssmtui.language import marked
from ssmtui.model.finding import Confidence, Finding
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link, LinkState
from ssmtui.model.scope import Scope


class VerdictStatus(Enum):
    """Whether a session can be opened; the value is what reports print."""

    OK = marked("ok")
    WARN = marked("warn")
    FAIL = marked("fail")
    UNKNOWN = marked("unknown")
    STOPPED = marked("stopped")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one node so far.

    `links` is the state of each link of its path. `settled` says that no check of the node is outstanding: until then
    `status` is what the checks that came back allow to say, and never `ok`. `finding_ids` are sorted.
    `passed` holds for each link what was asked and came back without a fault, in words; empty until it is settled.
    """

    status: VerdictStatus
    confidence: Confidence
    root_cause: str | None
    finding_ids: tuple[str, ...]
    links: tuple[LinkState, ...]
    settled: bool
    passed: tuple[tuple[str, ...], ...] = ()

    def passed_on(self, link: Link) -> tuple[str, ...]:
        """What was asked of one link and came back without a fault."""
        return self.passed[link.position] if self.passed else ()

    def link(self, link: Link) -> LinkState:
        """The state of one link."""
        return self.links[link.position]


NO_VERDICT = Verdict(
    VerdictStatus.UNKNOWN, Confidence.POSSIBLE, None, (), tuple(LinkState.PENDING for _ in Link), settled=False
)
"""A node of which nothing has been checked yet."""


@dataclass(frozen=True, slots=True)
class FleetFinding:
    """A finding with the nodes whose path goes through its subject, in one scope. `link` is where on the path it is."""

    id: str
    scope: Scope
    link: Link
    finding: Finding
    nodes: frozenset[NodeKey]
