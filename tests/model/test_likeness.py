from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from ssmtui.model.network import Placement
from ssmtui.model.node import (
    Instance,
    Node,
    NodeKey,
    PingStatus,
    Registration,
    holds_node,
    traits_of,
)
from ssmtui.model.node_facts import InspectedNode, ManagedNode, Observation
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
    assert traits_of(one) == traits_of(other)


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
    assert traits_of(node) != traits_of(replace(node, instance=replace(node.instance, **change)))  # type: ignore[arg-type]


def test_another_ping_is_another_likeness() -> None:
    assert traits_of(a_node(ping=PingStatus.ONLINE)) != traits_of(a_node(ping=PingStatus.CONNECTION_LOST))


def test_each_trait_is_that_of_the_node() -> None:
    node = a_node()
    traits = traits_of(node)
    for of, told in ((node, traits), (node.instance, traits.instance), (node.registration, traits.registration)):
        for each in fields(told):
            if each.name not in ("instance", "registration"):
                assert getattr(of, each.name) == getattr(told, each.name)
    assert not isinstance(traits, Node)


def test_kinds_that_hold_a_node_are_told_by_their_types() -> None:
    assert {kind: holds_node(kind) for kind in (Node, InspectedNode, ManagedNode, Observation, Placement, NodeKey)} == {
        Node: True,
        InspectedNode: True,
        ManagedNode: False,
        Observation: False,
        Placement: False,
        NodeKey: False,
    }
    assert NodeKey(ACCOUNT, REGION, "i-1") == a_node("i-1").key
