"""Publish findings and verdicts of a scope as events when they change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, ProgressChanged, VerdictChanged
from ssmtui.diagnosis.finding_index import FindingIndex
from ssmtui.diagnosis.verdicts import Outcome
from ssmtui.evidence.aws.limits import CONNECTION_STATUS_RATE
from ssmtui.evidence.aws.reader_api import ScopeAws
from ssmtui.model.finding import NO_VERDICT, Finding, FleetFinding, Verdict
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope


class FindingPublisher:
    """The current findings and verdicts of a scope. Changes are published with `emit`, in order."""

    def __init__(self, scope: Scope, emit: Callable[[Event], None]) -> None:
        self._scope = scope
        self._emit = emit
        self._finding_index = FindingIndex(scope)
        self._verdicts: dict[NodeKey, Verdict] = {}
        self._other_ids: dict[NodeKey, tuple[str, ...]] = {}
        self._completed: set[NodeKey] = set()
        self._settled = 0

    def verdict(self, key: NodeKey) -> Verdict:
        """Return the current verdict of a node, with the plain IDs of its findings (`Finding.id_in`)."""
        return self._verdicts.get(key, NO_VERDICT)

    def finding(self, id_: str) -> FleetFinding | None:
        """Return a current finding."""
        return self._finding_index.finding(id_)

    def findings(self) -> Iterator[FleetFinding]:
        """Yield all current findings, sorted by ID."""
        return self._finding_index.findings()

    def problems(self) -> Iterator[tuple[Finding, NodeKey]]:
        """Yield the findings that report a problem or an unknown result, each with one of its nodes."""
        return self._finding_index.problems()

    def record(self, key: NodeKey, outcome: Outcome) -> None:
        """Record the results of a node. A new finding is published at once."""
        if not outcome.complete and key in self._completed:
            return  # earlier results stay until all new results are known: no row shows a partial verdict
        if outcome.complete:
            self._completed.add(key)
        others = self._finding_index.record(key, outcome.findings)
        for finding in self._finding_index.news():
            self._emit(FindingChanged(finding))
        self._publish_verdict(key, outcome.verdict)
        self._publish_ids(others)

    def unsettle(self) -> None:
        """Mark all verdicts as unsettled without changing them."""
        for key, verdict in self._verdicts.items():
            self._publish_verdict(key, replace(verdict, settled=False))

    def publish_progress(self, aws: ScopeAws, *, listed: int, listing: bool, to_observe: int) -> None:
        """Publish changed and removed findings since the last call, and the progress.

        `listed` is the number of nodes so far; while `listing`, there can be more. For `to_observe` of them, the
        connection must still be read.
        """
        for id_, finding in self._finding_index.changes():
            self._emit(FindingChanged(finding) if finding else FindingGone(id_))
        self._emit(
            ProgressChanged(
                scope=self._scope.name,
                settled=self._settled,
                listed=listed,
                listing=listing,
                api_calls=tuple(sorted(aws.calls.items())),
                throttled=aws.throttled,
                waiting_for=aws.waiting_for,
                to_ask=to_observe,
                seconds_of_asking=to_observe / CONNECTION_STATUS_RATE,
            )
        )

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._settled -= self.verdict(key).settled
        self._verdicts.pop(key, None)
        self._other_ids.pop(key, None)
        self._completed.discard(key)
        self._publish_ids(self._finding_index.drop(key))

    def _publish_ids(self, keys: Collection[NodeKey]) -> None:
        """Publish the verdicts of nodes whose findings have other IDs now."""
        for key in keys:
            if key in self._verdicts:
                self._publish_verdict(key, self._verdicts[key])

    def _publish_verdict(self, key: NodeKey, verdict: Verdict) -> None:
        before, ids = self.verdict(key), self._finding_index.ids_of(key, verdict.finding_ids)
        same = before is verdict or before == verdict
        if same and ids == self._other_ids.get(key, verdict.finding_ids):
            return
        self._settled += verdict.settled - before.settled
        self._verdicts[key] = verdict
        if ids == verdict.finding_ids:
            self._other_ids.pop(key, None)
            self._emit(VerdictChanged(key, verdict))
        else:
            self._other_ids[key] = ids
            self._emit(VerdictChanged(key, replace(verdict, finding_ids=ids)))
