"""Whose console is read of nodes that are alike: one, a few more at once, and the others when all have been judged."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.connections import EvidenceSource
from ssmtui.diagnosis.node_classes import NodeClass
from ssmtui.diagnosis.node_consoles import MAX_CONCURRENT_CONSOLES, NodeConsoles
from ssmtui.evidence.facts.read_cache import ReadCache
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.node import NodeKey
from ssmtui.model.node_facts import ConsoleOutput, ConsoleOutputQuery
from tests.builders.fleet import a_node

KEYS = [a_node(f"i-{number}").key for number in range(MAX_CONCURRENT_CONSOLES + 3)]


class Alike(NodeClass):
    """Nodes that are away: each has a console of its own."""

    def __init__(self) -> None:
        """Nothing is judged of them."""

    def is_per_node(self, kind: type) -> bool:
        return kind is ConsoleOutput


def consoles(whom: ConnectionOption) -> NodeConsoles:
    begun = NodeConsoles(whom, EvidenceSource(ReadCache()))
    begun.begin()
    return begun


def is_read(of: NodeConsoles, key: NodeKey, alike: Alike) -> bool:
    """Whether a node is judged by its own console now; of another it is told that nobody asks."""
    known = of.marker(key, alike)
    assert known.keys() <= {ConsoleOutputQuery}
    return not known


@pytest.mark.parametrize("whom", [ConnectionOption.SUSPECT, ConnectionOption.NONE])
def test_one_of_each_class_is_read_where_not_all_are_asked_about(whom: ConnectionOption) -> None:
    begun, one, other = consoles(whom), Alike(), Alike()
    assert [is_read(begun, key, one) for key in KEYS[:3]] == [True, False, False]
    assert is_read(begun, KEYS[3], other)
    assert is_read(begun, KEYS[0], one)
    assert begun.next() is None


def test_where_all_are_asked_about_some_are_read_at_once_and_the_others_in_turn() -> None:
    begun, alike = consoles(ConnectionOption.ALL), Alike()
    assert [is_read(begun, key, alike) for key in KEYS] == [True] * (1 + MAX_CONCURRENT_CONSOLES) + [False] * 2
    assert begun.next() == KEYS[-2]
    assert is_read(begun, KEYS[-2], alike)
    begun.drop(KEYS[-1])
    assert begun.next() is None


def test_of_nodes_that_are_put_to_classes_anew_those_that_were_read_stay_so() -> None:
    begun, alike = consoles(ConnectionOption.SUSPECT), Alike()
    assert is_read(begun, KEYS[0], alike)
    begun.forget()
    assert is_read(begun, KEYS[0], alike)
    assert not is_read(begun, KEYS[1], alike)
