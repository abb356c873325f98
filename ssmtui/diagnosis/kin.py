"""Nodes that connect alike: by one role, from one subnet and behind the same groups, with the same agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable

from ssmtui.model.node import ConnectionStatus, Instance, Node, NodeKey, Registration


def kin_of(node: Node) -> Hashable:
    """Equal for nodes of which one's being connected lets one expect it of the other."""
    instance, registration = node.instance, node.registration
    return (
        (instance.profile_arn, instance.subnet_id, instance.security_group_ids)
        if isinstance(instance, Instance)
        else instance,
        (registration.iam_role, registration.agent_version) if isinstance(registration, Registration) else registration,
    )


class Kin:
    """Of which kinds of nodes one is connected, and who of a kind has not been asked about."""

    def __init__(self) -> None:
        self._answers: defaultdict[Hashable, set[bool]] = defaultdict(set)
        self._asked_first: set[Hashable] = set()
        self._unasked: defaultdict[Hashable, dict[NodeKey, None]] = defaultdict(dict)

    def expects(self, kin: Hashable) -> bool | None:
        """Whether one of these nodes is connected; None where none has been heard of."""
        answers = self._answers.get(kin)
        return None if not answers else True in answers

    def is_first(self, kin: Hashable) -> bool:
        """Whether none of these nodes has been asked about yet; from now on, one has."""
        if kin in self._asked_first or self._answers.get(kin):
            return False
        self._asked_first.add(kin)
        return True

    def leave_unasked(self, kin: Hashable, key: NodeKey) -> None:
        """Remember a node that was judged and not asked about."""
        self._unasked[kin][key] = None

    def heard(self, kin: Hashable, key: NodeKey, connection: object) -> Collection[NodeKey]:
        """Take note of an answer; gives the nodes of which another thing is to be expected by it."""
        expected = self.expects(kin)
        self._answers[kin].add(connection is ConnectionStatus.CONNECTED)
        self._unasked[kin].pop(key, None)
        return () if self.expects(kin) == expected else tuple(self._unasked[kin])

    def drop(self, kin: Hashable, key: NodeKey) -> None:
        """Forget a node."""
        self._unasked[kin].pop(key, None)

    def forget(self) -> None:
        """Forget what has been heard, and whom nobody asked."""
        self._answers.clear()
        self._asked_first.clear()
        self._unasked.clear()
