"""What the events of a diagnosis add up to."""

from __future__ import annotations

from collections.abc import Mapping

from ssmtui.diagnosis.events import (
    ConnectionRead,
    NodeGone,
    NodeInspected,
    NodeListed,
    NodesNotFound,
    ProbesChanged,
    ScopeClosed,
    ScopeFailed,
    ScopeOpened,
    VerdictChanged,
)
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.node import ConnectionStatus, NodeKey
from ssmtui.model.probe import Probes
from ssmtui.model.scope import ScopeError, ScopeProblem
from tests.builders.fleet import a_node, a_scope, a_verdict
from tests.builders.probes import opened

HERE, THERE = a_scope(), a_scope("eu-west-1")
WEB, API = a_node("i-0a", "web-1"), a_node("i-0b", "api-1")
PROBES = Probes(shell=opened(node=WEB.key))


def known() -> FleetState:
    """Two nodes of a scope, all that is known of the first, and of the other that it is there."""
    state = FleetState()
    for event in (
        ScopeOpened(HERE),
        NodeListed(HERE, WEB),
        NodeListed(HERE, API),
        VerdictChanged(WEB.key, a_verdict()),
        ConnectionRead(WEB.key, ConnectionStatus.CONNECTED),
        NodeInspected(WEB.key, ()),
        ProbesChanged(WEB.key, PROBES),
    ):
        state.apply(event)
    return state


def of_nodes(state: FleetState) -> list[Mapping[NodeKey, object]]:
    held: tuple[Mapping[NodeKey, object], ...] = (
        state.nodes,
        state.scope_of,
        state.verdicts,
        state.connections,
        state.inspections,
        state.probes,
    )
    return [dict(each) for each in held]


def test_of_a_node_that_is_gone_nothing_is_kept() -> None:
    state = known()
    state.apply(NodeGone(WEB.key))
    assert of_nodes(state) == [{API.key: API}, {API.key: HERE}, {}, {}, {}, {}]


def test_a_scope_that_is_put_away_takes_its_nodes_along_and_brings_them_back() -> None:
    state = known()
    before = of_nodes(state)
    state.apply(ScopeClosed(HERE.name))
    assert of_nodes(state) == [{}, {}, {}, {}, {}, {}]
    assert set(state.nodes_in(HERE.name)) == {WEB.key, API.key}
    state.apply(ScopeOpened(HERE))
    assert of_nodes(state) == before


def test_a_word_is_nowhere_once_every_scope_that_is_open_was_looked_through_for_it() -> None:
    state = FleetState()
    assert state.nowhere() == ()
    state.apply(ScopeOpened(HERE))
    state.apply(ScopeOpened(THERE))
    state.apply(NodesNotFound(HERE.name, ("web-9", "web-1"), ()))
    assert state.nowhere() == ()
    state.apply(NodesNotFound(THERE.name, ("web-9",), ("i-0c",)))
    assert (state.nowhere(), state.others()) == (("web-9",), frozenset({"i-0c"}))


def test_a_scope_that_cannot_be_read_is_not_waited_for() -> None:
    state = FleetState()
    state.apply(ScopeOpened(HERE))
    state.apply(ScopeOpened(THERE))
    state.apply(NodesNotFound(HERE.name, ("web-9",), ()))
    state.apply(ScopeFailed(ScopeError(THERE.name, ScopeProblem.EXPIRED_CREDENTIALS, "they have expired", "log in")))
    assert state.nowhere() == ("web-9",)
