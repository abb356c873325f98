"""The columns of the fleet: what stands in them, what they order by, and what a filter sees."""

from __future__ import annotations

from ssmtui.diagnosis.events import ScopeOpened
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.filters import parse_filter
from ssmtui.ui.text.node_rows import COLUMN_KEYS, COLUMNS, FIELDS, cells, columns, filtered_row, rank
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, node, told


def fleet_view(*scopes: Scope) -> tuple[FleetView, list[NodeKey]]:
    nodes = [node("web-2", 1), node("", 2), node("Api-1", 3)]
    shown = FleetView()
    opened = [ScopeOpened(each) for each in scopes or (PARIS,)]
    for event in (*opened, *told(PARIS, nodes, verdicts=HEALTHY)):
        shown.apply(event)
    return shown, [each.key for each in nodes]


def test_no_two_columns_share_a_key_and_each_has_a_cell_for_every_node() -> None:
    shown, keys = fleet_view()
    named = [each.column.key for each in COLUMNS]
    assert len(set(named)) == len(named)
    assert all(list(cells(shown, key)) == named for key in keys)


def test_regions_and_accounts_are_columns_only_where_they_tell_nodes_apart() -> None:
    assert {"region", "account"}.isdisjoint(each.key for each in columns(fleet_view()[0]))
    assert "region" in [each.key for each in columns(fleet_view(PARIS, FRANKFURT)[0])]


def test_chosen_columns_stand_as_they_were_put_and_what_was_put_further_left_gives_way_last() -> None:
    fleet, _ = fleet_view(PARIS)
    ranks = {column.key: column.rank for column in columns(fleet)}
    hidden = columns(fleet, [key for key in COLUMN_KEYS if key != "id"])
    assert {column.key: column.rank for column in hidden} == {key: ranks[key] for key in ranks if key != "id"}
    moved = columns(fleet, ("id", "why", "name", "account", "gone"))
    assert [(column.key, column.rank) for column in moved] == [("id", 0), ("why", 1), ("name", 1)]
    assert [column.key for column in columns(fleet, ("account",))] == ["account"]
    assert columns(fleet, ("gone",)) == columns(fleet)


def test_rows_without_a_value_come_last_whatever_their_case() -> None:
    shown, keys = fleet_view()
    assert [shown.state.nodes[key].name for key in sorted(keys, key=lambda key: rank(shown, key, "name"))] == [
        "Api-1",
        "web-2",
        "",
    ]


def test_every_field_can_be_asked_for_and_holds_what_the_column_shows() -> None:
    shown, keys = fleet_view()
    row = filtered_row(shown, keys[0])
    assert all(parse_filter(f'{name}:"{value}"', FIELDS).admits(row) for name in FIELDS for value in row.fields[name])
    assert row.fields["region"] == (PARIS.region,)
