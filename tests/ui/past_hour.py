"""How the scripted fleet stood in the hour before noon: part of it lost contact for a while, part of it broke."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.diagnosis.events import ConnectionRead, Event, NodeListed
from ssmtui.model.node import ConnectionStatus
from ssmtui.ui.state.fleet_view import FleetChanges, FleetView, OverviewHistory
from tests.ui.builders import NOON, PARIS
from tests.ui.demo_fleet import events, frankfurt_events, lost_contact, paris


def past_hour() -> OverviewHistory:
    fleet_view, history = FleetView(), OverviewHistory()

    def at(minutes_ago: float, *told: Event) -> None:
        for event in told:
            fleet_view.apply(event)
        changes, fleet_view.changes = fleet_view.changes, FleetChanges()
        history.take(fleet_view, changes.nodes, NOON - timedelta(minutes=minutes_ago))

    whole = events()
    for place, first in enumerate(range(0, len(whole), 40)):
        at(60 - place / 2, *whole[first : first + 40])
    at(52, *frankfurt_events(broken=False))
    away = [each for each in paris() if each.name.startswith(("web", "api", "cache"))]
    for place, each in enumerate(away):
        lost = ConnectionRead(each.key, ConnectionStatus.NOT_CONNECTED)
        at(34 - place / 4, NodeListed(PARIS, lost_contact(each)), lost)
    for place, each in enumerate(away):
        back = ConnectionRead(each.key, ConnectionStatus.CONNECTED)
        at(20 - place / 4, NodeListed(PARIS, each), back)
    at(9, *frankfurt_events(broken=True))
    return history
