"""What has been judged of a scope's nodes, told as events whenever it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ssmtui.checks.check import Check
from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, Progressed, VerdictChanged
from ssmtui.diagnosis.judging import Judgement
from ssmtui.diagnosis.ledger import Ledger
from ssmtui.diagnosis.probing import Probed
from ssmtui.diagnosis.verdicts import held_findings, verdict_of
from ssmtui.evidence.wire.scope_clients import ScopeClients
from ssmtui.model.fleet import NO_VERDICT, FleetFinding, Verdict
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation


class Telling:
    """The findings and verdicts of one scope's nodes so far. What is new is told by `emit`, in order."""

    def __init__(self, scope: Scope, checks: Sequence[Check], emit: Callable[[Event], None]) -> None:
        self._scope = scope
        self._checks = tuple(checks)
        self._emit = emit
        self._ledger = Ledger(scope)
        self._verdicts: dict[NodeKey, Verdict] = {}
        self._settled_once: set[NodeKey] = set()

    def told(self, key: NodeKey) -> Verdict:
        """A node's verdict so far."""
        return self._verdicts.get(key, NO_VERDICT)

    def finding(self, id_: str) -> FleetFinding | None:
        """One finding that holds now."""
        return self._ledger.finding(id_)

    def verdict(
        self,
        node: Node,
        observation: Observation | None,
        judgements: Mapping[str, Judgement],
        outstanding: frozenset[str] = frozenset(),
        by_probe: Probed | None = None,
    ) -> Verdict:
        """What judgements of a node add up to; it is neither kept nor told."""
        return verdict_of(node, self._scope.region, observation, self._checks, judgements, outstanding, by_probe)

    def record(
        self,
        node: Node,
        observation: Observation | None,
        judgements: Mapping[str, Judgement],
        by_probe: Probed | None = None,
    ) -> None:
        """Keep what has been judged of a node until now. A change of findings is told at once where one is new."""
        outstanding = frozenset(check.name for check in self._checks) - judgements.keys()
        if outstanding and node.key in self._settled_once:
            return  # what was known stands until all of it is known anew: no row flickers through half a verdict
        if not outstanding:
            self._settled_once.add(node.key)
        self._ledger.record(node.key, held_findings(self._checks, judgements, by_probe))
        for finding in self._ledger.news():
            self._emit(FindingChanged(finding))
        self._tell_verdict(node.key, self.verdict(node, observation, judgements, outstanding, by_probe))

    def unsettle(self) -> None:
        """Let every verdict stand, but as one that is being asked about again."""
        for key, verdict in self._verdicts.items():
            self._tell_verdict(key, replace(verdict, settled=False))

    def tell(self, aws: ScopeClients, *, listed: int, listing: bool) -> None:
        """Tell which findings have changed their nodes or are gone since this was last told, and how far it has come.

        `listed` is the number of nodes until now; while `listing`, there may be more.
        """
        for id_, finding in self._ledger.changes():
            self._emit(FindingChanged(finding) if finding else FindingGone(id_))
        self._emit(
            Progressed(
                scope=self._scope.name,
                settled=sum(verdict.settled for verdict in self._verdicts.values()),
                listed=listed,
                listing=listing,
                api_calls=tuple(sorted(aws.calls.items())),
                throttled=aws.throttled,
                waiting_for=aws.waiting_for,
            )
        )

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._verdicts.pop(key, None)
        self._settled_once.discard(key)
        self._ledger.drop(key)

    def _tell_verdict(self, key: NodeKey, verdict: Verdict) -> None:
        if self._verdicts.get(key) != verdict:
            self._verdicts[key] = verdict
            self._emit(VerdictChanged(key, verdict))
