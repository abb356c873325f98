"""The streams of several scopes joined into one: a thing that two Regions share is one finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone
from ssmtui.diagnosis.ledger import gravity
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.scope import ScopeName


class Joining:
    """Passes on what scopes tell. A bucket that two Regions log to has one finding, which holds the nodes of both."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._held: dict[str, dict[ScopeName, FleetFinding]] = {}
        self._away: dict[ScopeName, dict[str, FleetFinding]] = {}

    def take(self, scope: ScopeName, event: Event) -> None:
        """Pass on one scope's event; what ends in one that is put away is told when it is taken up."""
        if scope in self._away:
            self._keep(scope, event)
            return
        match event:
            case FindingChanged(finding):
                self._held.setdefault(finding.id, {})[scope] = finding
                self._tell(FindingChanged(_joined(self._held[finding.id])))
            case FindingGone(id_):
                of_scopes = self._held.get(id_, {})
                of_scopes.pop(scope, None)
                self._tell(FindingChanged(_joined(of_scopes)) if of_scopes else event)
            case _:
                self._tell(event)

    def put_away(self, scope: ScopeName) -> None:
        """Tell the findings of one scope no more, as long as it is not taken up again."""
        kept = {id_: of_scopes[scope] for id_, of_scopes in self._held.items() if scope in of_scopes}
        for id_ in kept:
            self.take(scope, FindingGone(id_))
        self._away[scope] = kept

    def forget(self, scope: ScopeName) -> None:
        """Know nothing more of one scope that was put away."""
        self._away.pop(scope, None)

    def take_up(self, scope: ScopeName) -> None:
        """Tell the findings of one scope again that was put away."""
        for finding in self._away.pop(scope, {}).values():
            self.take(scope, FindingChanged(finding))

    def _keep(self, scope: ScopeName, event: Event) -> None:
        if isinstance(event, FindingChanged):
            self._away[scope][event.finding.id] = event.finding
        elif isinstance(event, FindingGone):
            self._away[scope].pop(event.id, None)


def _joined(of_scopes: dict[ScopeName, FleetFinding]) -> FleetFinding:
    worst = min(of_scopes.values(), key=lambda held: (gravity((held.link, held.finding)), held.scope.region))
    return replace(worst, nodes=frozenset().union(*(held.nodes for held in of_scopes.values())))
