"""Which findings hold in a scope, and which nodes each holds down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ssmtui.model.finding import Confidence, Finding, Status
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link
from ssmtui.model.scope import Scope

Held = tuple[Link, Finding]

_STATUSES = {status: place for place, status in enumerate((Status.FAIL, Status.UNKNOWN, Status.WARN, Status.INFO))}
_CONFIDENCES = {
    confidence: place for place, confidence in enumerate((Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE))
}

_NOTHING: Mapping[str, Held] = {}


class Ledger:
    """The findings of a scope by id, kept as nodes are judged and judged again.

    One thing can be wrong for one node and a warning for another, which proved more by itself: the finding is then
    told as the worst of what its nodes hold.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._holders: dict[str, dict[Held, set[NodeKey]]] = {}
        self._of_node: dict[NodeKey, Mapping[str, Held]] = {}
        self._changed: set[str] = set()
        self._new: set[str] = set()
        self._told: set[str] = set()

    def record(self, key: NodeKey, now: Mapping[str, Held]) -> None:
        """Replace what is held of one node, by the ids of findings (`by_id`)."""
        before = self._of_node.get(key, _NOTHING)
        if before is now:
            return
        for id_, held in before.items():
            if now.get(id_) != held:
                self._let_go(id_, held, key)
        for id_, held in now.items():
            if before.get(id_) != held:
                self._holders.setdefault(id_, {}).setdefault(held, set()).add(key)
                self._changed.add(id_)
                if id_ not in self._told:
                    self._new.add(id_)
        self._of_node[key] = now

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self.record(key, {})
        del self._of_node[key]

    def finding(self, id_: str) -> FleetFinding | None:
        """One finding with its nodes, None where it does not hold."""
        holders = self._holders.get(id_)
        if not holders:
            return None
        link, finding = min(holders, key=gravity)
        return FleetFinding(id_, self._scope, link, finding, frozenset().union(*holders.values()))

    def findings(self) -> Iterator[FleetFinding]:
        """Every finding that holds, by id."""
        for id_ in sorted(self._holders):
            if (finding := self.finding(id_)) is not None:
                yield finding

    def held(self) -> Iterator[tuple[Finding, NodeKey]]:
        """Every finding that says that something is wrong, or not known, each by one of its nodes."""
        for holders in self._holders.values():
            _, finding = held = min(holders, key=gravity)
            if finding.status is not Status.INFO:
                yield finding, next(iter(holders[held]))

    def news(self) -> tuple[FleetFinding, ...]:
        """The findings that hold and have never been told, so that no verdict names one that nobody has heard of."""
        if not self._new:
            return ()
        new = sorted(self._new)
        self._new.clear()
        self._told.update(new)
        return tuple(finding for id_ in new if (finding := self.finding(id_)) is not None)

    def changes(self) -> tuple[tuple[str, FleetFinding | None], ...]:
        """What changed since the last call: ids with their finding, None where it no longer holds."""
        changed = tuple((id_, self.finding(id_)) for id_ in sorted(self._changed))
        self._changed.clear()
        self._new.clear()
        self._told.update(id_ for id_, _ in changed)
        self._told.difference_update(id_ for id_, finding in changed if finding is None)
        return changed

    def _let_go(self, id_: str, held: Held, key: NodeKey) -> None:
        holders = self._holders[id_]
        holders[held].discard(key)
        if not holders[held]:
            del holders[held]
        if not holders:
            del self._holders[id_]
        self._changed.add(id_)


def by_id(found: Iterable[Held], region: str) -> Mapping[str, Held]:
    """Findings by their ids: of those that share one, the worst."""
    told: dict[str, Held] = {}
    for held in found:
        id_ = held[1].id_in(region)
        told[id_] = min(told.get(id_, held), held, key=gravity)
    return told


def gravity(held: Held) -> tuple[int, int, str]:
    """How bad it is, worst least; the words decide what is left, so that two runs tell the same."""
    _, finding = held
    return _STATUSES[finding.status], _CONFIDENCES[finding.confidence], finding.summary
