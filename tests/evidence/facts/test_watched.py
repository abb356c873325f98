from __future__ import annotations

from collections.abc import Callable

import pytest

from ssmtui.evidence.facts.fact_resolver import AccessRecorder, record_access
from ssmtui.model.node import Instance, Node, Registration
from ssmtui.model.node_facts import RunningNode
from tests.builders.fleet import a_node


def parts(node: Node) -> tuple[Instance, Registration]:
    assert isinstance(node.instance, Instance)
    assert isinstance(node.registration, Registration)
    return node.instance, node.registration


@pytest.mark.parametrize(
    "look",
    [
        lambda node: node.id,
        lambda node: node.name,
        lambda node: node.tags,
        lambda node: node.is_called(("web-1",)),
        lambda node: node.instance.private_ip,
        lambda node: node.registration.last_ping,
        lambda node: node == a_node(),
        lambda node: a_node() == node,
        lambda node: a_node().instance == node.instance,
        lambda node: RunningNode(node) == RunningNode(a_node()),
        lambda node: node in {a_node()},
        lambda node: f"{node}",
    ],
)
def test_a_look_at_what_is_the_nodes_own_is_noticed(look: Callable[[Node], object]) -> None:
    watch = AccessRecorder()
    node = record_access(a_node(), watch)
    assert watch.saw(lambda: look(node)) == (look(a_node()), True)


@pytest.mark.parametrize(
    "look",
    [
        lambda node: node.kind,
        lambda node: (node.state, node.ping, node.managed, node.agent_version, node.platform, node.platform_family),
        lambda node: (node.instance.subnet_id, node.instance.profile_arn, node.instance.has_public_ip),
        lambda node: isinstance(node.instance, Instance) and isinstance(node.registration, Registration),
    ],
)
def test_a_look_at_what_nodes_have_in_common_is_not(look: Callable[[Node], object]) -> None:
    watch = AccessRecorder()
    node = record_access(a_node(), watch)
    assert watch.saw(lambda: look(node)) == (look(a_node()), False)


def test_a_stand_in_is_of_the_type_of_what_it_stands_for_and_equal_to_it() -> None:
    node = record_access(a_node(), AccessRecorder())
    instance, registration = parts(node)
    assert (node, instance, registration) == (a_node(), *parts(a_node()))
    assert isinstance(node, Node)
