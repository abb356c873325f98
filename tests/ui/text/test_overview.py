"""The overview: groups of nodes, and series over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.diagnosis.events import Event, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Link, LinkState, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import Node
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.filters import parse_filter
from ssmtui.ui.text.node_rows import FIELDS, filtered_row
from ssmtui.ui.text.overview import (
    GROUPINGS,
    OUTDATED,
    UNKNOWN_AGE,
    UP_TO_DATE,
    Chart,
    CountedNode,
    FleetSample,
    Group,
    Grouping,
    agent_age_sign,
    bar_cells,
    chart,
    legend,
    percentage,
)
from ssmtui.ui.text.styled_text import Sign, plain_text
from tests.ui.builders import HEALTHY, NOON, PARIS, STOPPED, finding, found, links, node, scope, told, verdict
from tests.ui.demo_fleet import events

ELSEWHERE = scope("eu-west-3", "210987654321")
ALIKE = ("Amazon Linux 2", "Amazon Linux 2023", "")
"""Platforms of which one begins with another, and none at all."""


def board_of(*told_events: Event) -> FleetView:
    fleet_view = FleetView()
    for event in told_events:
        fleet_view.apply(event)
    return fleet_view


def fleet() -> FleetView:
    """The scripted demo, and beside it nodes that a careless filter would take for others."""
    alike = [node(f"alike-{number}", 900 + number, platform=platform) for number, platform in enumerate(ALIKE)]
    newer = [node("newer", 950, agent="3.3.22990.0"), node("bare", 951, ping=None)]
    abroad = [node("abroad", 960, ELSEWHERE)]
    return board_of(
        *events(),
        *told(PARIS, [*alike, *newer], verdicts=HEALTHY),
        ScopeOpened(ELSEWHERE),
        *told(ELSEWHERE, abroad, verdicts=HEALTHY),
    )


def counted(fleet_view: FleetView, each: Node) -> CountedNode:
    return CountedNode(fleet_view, each, fleet_view.verdict(each.key))


@pytest.mark.parametrize("grouping", GROUPINGS, ids=lambda each: each.key)
def test_the_filter_of_a_group_shows_exactly_its_nodes(grouping: Grouping) -> None:
    fleet_view = fleet()
    groups: dict[Group, set[str]] = {}
    for each in fleet_view.state.nodes.values():
        if (group := grouping.group_of(counted(fleet_view, each))) is not None:
            groups.setdefault(group, set()).add(each.id)
    assert len(groups) > 1
    for group, ids in groups.items():
        wanted = parse_filter(grouping.wanted(group), FIELDS)
        shown = {key.id for key in fleet_view.state.nodes if wanted.admits(filtered_row(fleet_view, key))}
        assert shown == ids, grouping.wanted(group)


@pytest.mark.parametrize("grouping", GROUPINGS, ids=lambda each: each.key)
def test_a_group_counts_its_nodes_by_signs_that_its_panel_shows(grouping: Grouping) -> None:
    fleet_view = fleet()
    nodes = [counted(fleet_view, each) for each in fleet_view.state.nodes.values()]
    assert {grouping.sign_of(each) for each in nodes if grouping.group_of(each) is not None} <= set(grouping.signs)


def test_the_account_stands_beside_the_region_only_where_there_are_several() -> None:
    regions = next(each for each in GROUPINGS if each.key == "regions")
    group = (PARIS.account, PARIS.region)
    assert regions.label(fleet(), group) == "eu-west-3 123456789012"
    assert regions.label(board_of(*events()), group) == "eu-west-3"


def test_agents_stand_from_the_newest_to_none() -> None:
    agents = next(each for each in GROUPINGS if each.key == "agents")
    versions = ["", "3.3.987.0", "odd", "3.3.40.0", "3.10.1.0"]
    ordered = sorted(((each,) for each in versions), key=lambda group: agents.rank(group, 1))
    assert [each for (each,) in ordered] == ["3.10.1.0", "3.3.987.0", "3.3.40.0", "", "odd"]


def outdated(cause: str, status: Status, each: Node) -> list[Event]:
    held = finding(cause, Link.AGENT, Subject(SubjectKind.NODE, each.id), [each], status=status)
    return found(held, [each], VerdictStatus.FAIL if status is Status.FAIL else VerdictStatus.WARN)


@pytest.mark.parametrize(
    ("said", "sign"),
    [
        ((), UNKNOWN_AGE),
        ((HEALTHY,), UP_TO_DATE),
        ((replace(HEALTHY, settled=False),), UNKNOWN_AGE),
        ((STOPPED,), UNKNOWN_AGE),
        ((replace(HEALTHY, links=links(agent=LinkState.NOT_CHECKED)),), UNKNOWN_AGE),
        (
            (
                replace(
                    HEALTHY,
                    links=links(agent=LinkState.NOT_CHECKED),
                    passed=tuple(("Whether it is new",) if link is Link.AGENT else () for link in Link),
                ),
            ),
            UP_TO_DATE,
        ),
        (("agent-outdated", Status.WARN), OUTDATED),
        (("agent-too-old", Status.FAIL), OUTDATED),
        (("agent-outdated", Status.UNKNOWN), UNKNOWN_AGE),
        (("agent-version-flawed", Status.WARN), UP_TO_DATE),
    ],
)
def test_an_agent_is_what_its_findings_say(said: tuple[object, ...], sign: Sign) -> None:
    each = node("web-1", 1)
    match said:
        case (str(cause), Status() as status):
            judged = outdated(cause, status, each)
        case _:
            judged = [VerdictChanged(each.key, one) for one in said]  # type: ignore[arg-type]
    fleet_view = board_of(ScopeOpened(PARIS), *told(PARIS, [each]), *judged)
    assert agent_age_sign(counted(fleet_view, each)) is sign


def test_an_agent_without_a_version_is_not_up_to_date() -> None:
    each = node("web-1", 1, ping=None)
    fleet_view = board_of(*told(PARIS, [each], verdicts=verdict(VerdictStatus.OK)))
    assert agent_age_sign(counted(fleet_view, each)) is UNKNOWN_AGE


@pytest.mark.parametrize(
    ("part", "whole", "hundredths"),
    [(0, 9, 0), (9, 9, 100), (1, 10_000, 1), (9_999, 10_000, 99), (1, 3, 33), (0, 0, 0)],
)
def test_a_share_is_all_or_nothing_only_where_it_is(part: int, whole: int, hundredths: int) -> None:
    assert percentage(part, whole) == hundredths


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=7), st.integers(0, 120), st.integers(0, 20_000))
def test_a_bar_is_as_long_as_its_share_and_shows_whatever_there_is(counts: list[int], room: int, more: int) -> None:
    most = sum(counts) + more
    cells = bar_cells(counts, room, most)
    assert [bool(each) for each in cells] == [bool(each and room) for each in counts]
    present = sum(bool(each) for each in counts)
    if most and room:
        assert sum(cells) == max(present, round(room * sum(counts) / most))


def sample(seconds: float, online: int, connected: int = 0, failing: int = 0) -> FleetSample:
    return FleetSample(NOON + timedelta(seconds=seconds), 10, online, connected, failing)


def at(seconds: float, *samples: FleetSample, columns: int = 13) -> Chart:
    plotted = chart(samples, NOON + timedelta(seconds=seconds), columns)
    assert plotted is not None
    return plotted


def test_nothing_is_plotted_before_anything_was_told_or_without_room() -> None:
    assert chart((), NOON, 80) is None
    assert chart((sample(0, 1),), NOON, 1) is None


def test_a_value_holds_until_the_next_and_the_newest_stands_at_now() -> None:
    online, connected, failing = at(60, sample(0, 2), sample(30, 4, 3), sample(60, 9, 8, 1)).lines
    assert online == (2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 9)
    assert connected == (0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3, 8)
    assert failing == (0,) * 12 + (1,)


def test_what_is_yet_to_come_is_left_blank() -> None:
    assert at(0, sample(0, 2)).lines[0] == (2,)
    assert at(30, sample(0, 2)).lines[0] == (2,) * 7
    assert at(7_200, sample(0, 2)).lines[0] == (2,) * 13


def test_the_axes_say_how_long_ago_and_how_many() -> None:
    plotted = at(7_200, sample(0, 2), columns=60)
    assert plotted.times == ((0, "2 h 00 ago"), (30, "1 h 00 ago"), (59, "now"))
    assert (plotted.top, plotted.heights) == (10, (0, 5, 10))


def test_words_below_the_axis_stand_only_where_they_do_not_meet() -> None:
    assert at(0, sample(0, 2), columns=60).times == ((0, "now"),)
    assert at(2, sample(0, 2), columns=60).times == ((2, "now"),)
    assert at(30, sample(0, 2), columns=60).times == ((0, "30 s ago"), (15, "15 s ago"), (30, "now"))


def test_an_empty_fleet_has_a_height_of_its_own() -> None:
    plotted = at(0, FleetSample(NOON, 0, 0, 0, 0))
    assert (plotted.top, plotted.heights) == (1, (0, 1))


def test_the_legend_says_how_it_stands_now() -> None:
    assert plain_text(legend((sample(0, 2), sample(9, 1_234, 7, 3)))) == "◇ 1,234 Online  ● 7 connected  ✖ 3 failing  "
    assert legend(()) == ()
