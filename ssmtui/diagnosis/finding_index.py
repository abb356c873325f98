"""Index the findings of a scope by ID."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ssmtui.model.finding import Confidence, Finding, FleetFinding, Link, Status
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope

LinkedFinding = tuple[Link, Finding]

BY_SEVERITY = (Status.FAIL, Status.UNKNOWN, Status.WARN, Status.INFO)
"""The statuses by severity: an unknown result can be a failure."""

_STATUSES = {status: place for place, status in enumerate(BY_SEVERITY)}
_CONFIDENCES = {
    confidence: place for place, confidence in enumerate((Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE))
}

_NOTHING: Mapping[str, LinkedFinding] = {}

_UNKNOWN_PART = "@unknown"
"""The end of the ID of an unknown result about a subject that fails for other nodes."""


class FindingIndex:
    """The findings of a scope by ID, updated with each check of a node.

    A finding can be a failure for one node and a warning for another node that proved more: it is published with the
    worst status. If it is a failure for some nodes and unknown for others, these have an unknown finding of their own.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._holders: dict[str, dict[LinkedFinding, set[NodeKey]]] = {}
        self._of_node: dict[NodeKey, Mapping[str, LinkedFinding]] = {}
        self._parted: set[str] = set()
        self._changed: set[str] = set()
        self._new: set[str] = set()
        self._published: set[str] = set()

    def record(self, key: NodeKey, now: Mapping[str, LinkedFinding]) -> Collection[NodeKey]:
        """Replace the findings of a node, by ID (`findings_by_id`); return the nodes whose `ids_of` have changed."""
        before = self._of_node.get(key, _NOTHING)
        if before is now:
            return ()
        changed: list[str] = []
        for id_ in {**before, **now}:
            old, new = before.get(id_), now.get(id_)
            if old == new:
                continue
            if old is not None and self._remove(id_, old, key):
                changed.append(id_)
            if new is not None and self._add(id_, new, key):
                changed.append(id_)
        self._of_node[key] = now
        return frozenset[NodeKey]().union(*map(self._part, changed)) if changed else ()

    def drop(self, key: NodeKey) -> Collection[NodeKey]:
        """Forget a node; return the nodes whose `ids_of` have changed."""
        changed = self.record(key, {})
        del self._of_node[key]
        return changed

    def ids_of(self, key: NodeKey, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Return the IDs under which the findings of a node are published; `ids` are its `Finding.id_in`."""
        if self._parted.isdisjoint(ids):
            return ids
        findings = self._of_node[key]
        return tuple(
            sorted(
                f"{id_}{_UNKNOWN_PART}" if id_ in self._parted and _is_unknown(findings[id_]) else id_ for id_ in ids
            )
        )

    def finding(self, id_: str) -> FleetFinding | None:
        """Return a finding with its nodes, or None."""
        holders = self._holders_of(id_)
        if not holders:
            return None
        link, finding = min(holders, key=severity)
        return FleetFinding(id_, self._scope, link, finding, frozenset().union(*holders.values()))

    def findings(self) -> Iterator[FleetFinding]:
        """Yield all findings, sorted by ID."""
        for id_ in sorted((*self._holders, *(f"{each}{_UNKNOWN_PART}" for each in self._parted))):
            if (finding := self.finding(id_)) is not None:
                yield finding

    def problems(self) -> Iterator[tuple[Finding, NodeKey]]:
        """Yield the findings that report a problem or an unknown result, each with one of its nodes."""
        for holders in self._holders.values():
            _, finding = worst = min(holders, key=severity)
            if finding.status is not Status.INFO:
                yield finding, next(iter(holders[worst]))

    def news(self) -> tuple[FleetFinding, ...]:
        """Return the findings that were not published yet: they must come before the verdicts that refer to them."""
        if not self._new:
            return ()
        new = sorted(self._new)
        self._new.clear()
        self._published.update(new)
        return tuple(finding for id_ in new if (finding := self.finding(id_)) is not None)

    def changes(self) -> tuple[tuple[str, FleetFinding | None], ...]:
        """Return the changes since the last call: IDs with their finding, or None if it no longer exists."""
        changed = tuple((id_, self.finding(id_)) for id_ in sorted(self._changed))
        self._changed.clear()
        self._new.clear()
        self._published.update(id_ for id_, _ in changed)
        self._published.difference_update(id_ for id_, finding in changed if finding is None)
        return changed

    def _add(self, id_: str, linked: LinkedFinding, key: NodeKey) -> bool:
        """Add a node to a finding; return whether it is the first one."""
        nodes = self._holders.setdefault(id_, {}).setdefault(linked, set())
        nodes.add(key)
        self._change(id_)
        return len(nodes) == 1

    def _remove(self, id_: str, linked: LinkedFinding, key: NodeKey) -> bool:
        """Remove a node from a finding; return whether it was the last one."""
        holders = self._holders[id_]
        nodes = holders[linked]
        nodes.discard(key)
        if not nodes:
            del holders[linked]
        if not holders:
            del self._holders[id_]
        self._changed.add(id_)
        if id_ in self._parted:
            self._changed.add(f"{id_}{_UNKNOWN_PART}")
        return not nodes

    def _change(self, id_: str) -> None:
        for each in (id_, f"{id_}{_UNKNOWN_PART}") if id_ in self._parted else (id_,):
            self._changed.add(each)
            if each not in self._published:
                self._new.add(each)

    def _part(self, id_: str) -> Collection[NodeKey]:
        """Give the unknown results about a subject that fails for other nodes an ID of their own, or no longer.

        Return the nodes with these results if their ID has changed.
        """
        holders = self._holders.get(id_, {})
        statuses = {finding.status for _, finding in holders}
        if statuses.issuperset((Status.FAIL, Status.UNKNOWN)) is (id_ in self._parted):
            return ()
        self._parted ^= {id_}
        own = f"{id_}{_UNKNOWN_PART}"
        self._changed.update((id_, own))
        if id_ in self._parted and own not in self._published:
            self._new.add(own)
        return frozenset[NodeKey]().union(*(nodes for linked, nodes in holders.items() if _is_unknown(linked)))

    def _holders_of(self, id_: str) -> Mapping[LinkedFinding, set[NodeKey]]:
        plain = id_.removesuffix(_UNKNOWN_PART)
        holders = self._holders.get(plain, {})
        if plain not in self._parted:
            return holders if plain == id_ else {}
        return {linked: nodes for linked, nodes in holders.items() if _is_unknown(linked) is (plain != id_)}


def _is_unknown(linked: LinkedFinding) -> bool:
    return linked[1].status is Status.UNKNOWN


def findings_by_id(findings: Iterable[LinkedFinding], region: str) -> Mapping[str, LinkedFinding]:
    """Return the findings by ID: of several with the same ID, the worst."""
    by_id: dict[str, LinkedFinding] = {}
    for linked in findings:
        id_ = linked[1].id_in(region)
        by_id[id_] = min(by_id.get(id_, linked), linked, key=severity)
    return by_id


def severity(linked: LinkedFinding) -> tuple[int, int, str]:
    """Return the sort key of a finding, worst first; ties are sorted by text, so that runs give the same order."""
    _, finding = linked
    return _STATUSES[finding.status], _CONFIDENCES[finding.confidence], finding.summary
