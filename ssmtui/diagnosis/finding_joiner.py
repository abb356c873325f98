"""Join findings that several scopes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone
from ssmtui.diagnosis.finding_index import severity
from ssmtui.model.finding import FleetFinding
from ssmtui.model.scope import ScopeName


class FindingJoiner:
    """Passes on the events of scopes. A bucket that two Regions log to has one finding with the nodes of both."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._by_id: dict[str, dict[ScopeName, FleetFinding]] = {}
        self._away: dict[ScopeName, dict[str, FleetFinding]] = {}

    def take(self, scope: ScopeName, event: Event) -> None:
        """Pass on an event of a scope.

        The end of a finding in a stored scope is published when the scope is restored.
        """
        if self._away and scope in self._away:
            self._keep(scope, event)
            return
        match event:
            case FindingChanged(finding):
                self._by_id.setdefault(finding.id, {})[scope] = finding
                self._emit(FindingChanged(_joined(self._by_id[finding.id])))
            case FindingGone(id_):
                of_scopes = self._by_id.get(id_, {})
                of_scopes.pop(scope, None)
                self._emit(FindingChanged(_joined(of_scopes)) if of_scopes else event)
            case _:
                self._emit(event)

    def store_scope(self, scope: ScopeName) -> None:
        """Stop publishing the findings of a scope until the scope is restored."""
        kept = {id_: of_scopes[scope] for id_, of_scopes in self._by_id.items() if scope in of_scopes}
        for id_ in kept:
            self.take(scope, FindingGone(id_))
        self._away[scope] = kept

    def forget(self, scope: ScopeName) -> None:
        """Forget a stored scope."""
        self._away.pop(scope, None)

    def restore_scope(self, scope: ScopeName) -> None:
        """Publish the findings of a stored scope again."""
        for finding in self._away.pop(scope, {}).values():
            self.take(scope, FindingChanged(finding))

    def _keep(self, scope: ScopeName, event: Event) -> None:
        if isinstance(event, FindingChanged):
            self._away[scope][event.finding.id] = event.finding
        elif isinstance(event, FindingGone):
            self._away[scope].pop(event.id, None)


def _joined(of_scopes: dict[ScopeName, FleetFinding]) -> FleetFinding:
    if len(of_scopes) == 1:
        return next(iter(of_scopes.values()))
    worst = min(of_scopes.values(), key=lambda each: (severity((each.link, each.finding)), each.scope.region))
    return replace(worst, nodes=frozenset().union(*(each.nodes for each in of_scopes.values())))
