from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from ssmtui.evidence.facts.sources import sources
from ssmtui.model.network import Placement
from ssmtui.model.node import (
    NODE_SPECIFIC_FIELDS,
    Instance,
    Node,
    NodeKey,
    PingStatus,
    Registration,
    holds_node,
    node_traits,
)
from ssmtui.model.node_facts import ManagedNode, Observation, RunningNode
from tests.builders.fleet import ACCOUNT, NOON, REGION, a_node


def test_nodes_that_differ_in_what_is_their_own_are_alike() -> None:
    one, other = a_node("i-1", "web-1"), a_node("i-2", "web-2")
    assert isinstance(other.instance, Instance)
    assert isinstance(other.registration, Registration)
    other = replace(
        other,
        tags=(("Name", "web-2"),),
        instance=replace(other.instance, private_ip="10.0.0.11", launched=NOON - timedelta(days=3)),
        registration=replace(other.registration, last_ping=NOON - timedelta(minutes=2), computer_name="web-2"),
    )
    assert node_traits(one) == node_traits(other)


@pytest.mark.parametrize(
    "change",
    [
        {"subnet_id": "subnet-2"},
        {"security_group_ids": ("sg-2",)},
        {"profile_arn": None},
        {"public_ip": "198.51.100.7"},
    ],
)
def test_nodes_that_present_another_subject_are_not(change: dict[str, object]) -> None:
    node = a_node()
    assert isinstance(node.instance, Instance)
    assert node_traits(node) != node_traits(replace(node, instance=replace(node.instance, **change)))  # type: ignore[arg-type]


def test_another_ping_is_another_likeness() -> None:
    assert node_traits(a_node(ping=PingStatus.ONLINE)) != node_traits(a_node(ping=PingStatus.CONNECTION_LOST))


def test_every_own_field_is_there() -> None:
    for of, own in NODE_SPECIFIC_FIELDS.items():
        assert own <= {each.name for each in fields(of)}


def test_kinds_that_hold_a_node_are_told_by_their_types() -> None:
    assert {kind: holds_node(kind) for kind in (Node, RunningNode, ManagedNode, Observation, Placement, NodeKey)} == {
        Node: True,
        RunningNode: True,
        ManagedNode: True,
        Observation: False,
        Placement: False,
        NodeKey: False,
    }
    assert {holds_node(kind) for kind in sources()} == {True, False}
    assert NodeKey(ACCOUNT, REGION, "i-1") == a_node("i-1").key
