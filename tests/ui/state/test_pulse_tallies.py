"""The counts of the pulse: node by node, and never otherwise than counted anew."""

from __future__ import annotations

import random

from ssmtui.diagnosis.events import Event, NodeGone, ScopeClosed, ScopeOpened, VerdictChanged
from ssmtui.ui.state.fleet_view import FleetView, GroupCounts
from ssmtui.ui.text.overview import GROUPINGS
from ssmtui.ui.text.styled_text import CHECKING, VERDICTS
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, STOPPED, node, told
from tests.ui.demo_fleet import events, frankfurt_events

REGIONS = next(each for each in GROUPINGS if each.key == "regions")


def counted(group_counts: GroupCounts) -> dict[str, list[tuple[object, object]]]:
    return {
        each.key: [(group, group_counts.counts(each, group)) for group in group_counts.groups(each)]
        for each in GROUPINGS
    }


def test_taken_in_as_it_is_told_it_is_what_counting_anew_gives() -> None:
    chance = random.Random(7)  # noqa: S311 - a test's chance
    fleet_view, group_counts = FleetView(), GroupCounts(FleetView(), GROUPINGS)
    group_counts = GroupCounts(fleet_view, GROUPINGS)
    stream: list[Event] = [*events(), *frankfurt_events(broken=False)]
    keys = [event.key for event in stream if isinstance(event, VerdictChanged)]
    stream += [NodeGone(chance.choice(keys)) for _ in range(9)]
    stream += [VerdictChanged(chance.choice(keys), chance.choice((HEALTHY, STOPPED))) for _ in range(9)]
    stream += [ScopeClosed(FRANKFURT.name), ScopeOpened(FRANKFURT)]
    while stream:
        for event in stream[:5]:
            fleet_view.apply(event)
        del stream[:5]
        changes, fleet_view.changes = fleet_view.changes, type(fleet_view.changes)()
        group_counts.take(changes.nodes)
        anew = GroupCounts(fleet_view, GROUPINGS)
        anew.take(fleet_view.state.nodes)
        assert counted(group_counts) == counted(anew)


def test_it_says_whether_anything_is_counted_otherwise() -> None:
    fleet_view = FleetView()
    group_counts = GroupCounts(fleet_view, GROUPINGS)
    nodes = [node("web-1", 1), node("web-2", 2)]
    for event in told(PARIS, nodes):
        fleet_view.apply(event)
    keys = [each.key for each in nodes]
    assert group_counts.take(keys)
    assert not group_counts.take(keys)
    assert group_counts.counts(REGIONS, (PARIS.account, PARIS.region)) == {CHECKING: 2}
    fleet_view.apply(VerdictChanged(keys[0], HEALTHY))
    assert group_counts.take(keys)
    ok = VERDICTS[HEALTHY.status]
    assert group_counts.counts(REGIONS, (PARIS.account, PARIS.region)) == {CHECKING: 1, ok: 1}
    assert (group_counts.most(REGIONS), group_counts.total(REGIONS)) == (2, {CHECKING: 1, ok: 1})
    for key in keys:
        fleet_view.apply(NodeGone(key))
    assert group_counts.take(keys)
    assert (group_counts.groups(REGIONS), group_counts.most(REGIONS)) == ([], 0)
