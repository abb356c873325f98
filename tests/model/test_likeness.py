from __future__ import annotations

from copy import copy
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from ssmtui.model.network import Placement
from ssmtui.model.node import (
    Instance,
    InstanceTraits,
    Node,
    NodeKey,
    PingStatus,
    Registration,
    RegistrationTraits,
    holds_node,
    traits_key,
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
    assert traits_key(one) == traits_key(other)
    assert hash(traits_key(one)) == hash(traits_key(other))


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
    other = replace(node, instance=replace(node.instance, **change))  # type: ignore[arg-type]
    assert traits_of(node) != traits_of(other)
    assert traits_key(node) != traits_key(other)


def test_another_ping_is_another_likeness() -> None:
    one, other = a_node(ping=PingStatus.ONLINE), a_node(ping=PingStatus.CONNECTION_LOST)
    assert traits_of(one) != traits_of(other)
    assert traits_key(one) != traits_key(other)


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


@pytest.mark.parametrize("part", [InstanceTraits, RegistrationTraits])
def test_the_key_of_traits_has_each_of_them(part: type[InstanceTraits] | type[RegistrationTraits]) -> None:
    node = a_node()
    held = node.instance if part is InstanceTraits else node.registration
    assert isinstance(held, Instance | Registration)
    for each in fields(part):
        other = copy(held)
        object.__setattr__(other, each.name, object())
        changed = replace(node, instance=other) if isinstance(other, Instance) else replace(node, registration=other)
        assert traits_key(changed) != traits_key(node), each.name
