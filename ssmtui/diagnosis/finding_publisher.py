"""Publish findings and verdicts of a scope as events when they change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    """The findings and verdicts of one scope's nodes so far. What is new is told by `emit`, in order."""

    def __init__(self, scope: Scope, emit: Callable[[Event], None]) -> None:
        self._scope = scope
        self._emit = emit
        self._finding_index = FindingIndex(scope)
        self._verdicts: dict[NodeKey, Verdict] = {}
        self._judged_once: set[NodeKey] = set()
        self._settled = 0

    def told(self, key: NodeKey) -> Verdict:
        """A node's verdict so far."""
        return self._verdicts.get(key, NO_VERDICT)

    def finding(self, id_: str) -> FleetFinding | None:
        """One finding that holds now."""
        return self._finding_index.finding(id_)

    def findings(self) -> Iterator[FleetFinding]:
        """Every finding that holds now, by id."""
        return self._finding_index.findings()

    def held(self) -> Iterator[tuple[Finding, NodeKey]]:
        """Every finding that says that something is wrong, or not known, each by one of its nodes."""
        return self._finding_index.held()

    def record(self, key: NodeKey, outcome: Outcome) -> None:
        """Keep what has been judged of a node until now. A change of findings is told at once where one is new."""
        if not outcome.complete and key in self._judged_once:
            return  # what was known stands until all of it is known anew: no row flickers through half a verdict
        if outcome.complete:
            self._judged_once.add(key)
        self._finding_index.record(key, outcome.held)
        for finding in self._finding_index.news():
            self._emit(FindingChanged(finding))
        self._tell_verdict(key, outcome.verdict)

    def unsettle(self) -> None:
        """Let every verdict stand, but as one that is being asked about again."""
        for key, verdict in self._verdicts.items():
            self._tell_verdict(key, replace(verdict, settled=False))

    def tell(self, aws: ScopeAws, *, listed: int, listing: bool, to_ask: int) -> None:
        """Tell which findings have changed their nodes or are gone since this was last told, and how far it has come.

        `listed` is the number of nodes until now; while `listing`, there may be more. `to_ask` of them are yet to be
        asked whether they are connected.
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
                to_ask=to_ask,
                seconds_of_asking=to_ask / CONNECTION_STATUS_RATE,
            )
        )

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._settled -= self.told(key).settled
        self._verdicts.pop(key, None)
        self._judged_once.discard(key)
        self._finding_index.drop(key)

    def _tell_verdict(self, key: NodeKey, verdict: Verdict) -> None:
        before = self.told(key)
        if before is not verdict and before != verdict:
            self._settled += verdict.settled - before.settled
            self._verdicts[key] = verdict
            self._emit(VerdictChanged(key, verdict))
