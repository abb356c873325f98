"""What is known of single nodes beside what AWS tells: whether somebody points at one, probed it, or changed it."""

from __future__ import annotations

from collections.abc import Collection

from ssmtui.evidence.gathering.journey import OF_THE_NODE, Resolved
from ssmtui.language import say
from ssmtui.model.answers import Moot
from ssmtui.model.change_delay import ChangeDelay, Expected
from ssmtui.model.moment import Now
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.probe import NOT_PROBED, ProbeOutcome, Probes
from ssmtui.model.standing import PointedAt


class SingledOut:
    """The nodes of a scope of which something is known by themselves."""

    def __init__(self) -> None:
        self._expected: dict[ChangeDelay, frozenset[NodeKey]] = {}
        self._pointed: set[NodeKey] = set()
        self._probes: dict[NodeKey, Probes] = {}

    def __contains__(self, key: NodeKey) -> bool:
        return key in self._pointed or key in self._probes or any(key in keys for keys in self._expected.values())

    def expect(self, keys: Collection[NodeKey], delay: ChangeDelay) -> None:
        """Know of a change that has yet to show on these nodes."""
        self._expected[delay] = self._expected.get(delay, frozenset()) | frozenset(keys)

    def expect_no_more(self, change: str) -> None:
        """Forget of a change that was taken back."""
        for delay in [each for each in self._expected if each.change == change]:
            del self._expected[delay]

    def know_probe(self, outcome: ProbeOutcome) -> None:
        """Know what a probe of a node met, in the place of what an older one of its kind met."""
        self._probes[outcome.node] = self.probes_of(outcome.node).with_outcome(outcome)

    def forget_probe(self, key: NodeKey) -> bool:
        """Forget what probes of a node met; whether there was anything to forget."""
        return self._probes.pop(key, None) is not None

    def probes_of(self, key: NodeKey) -> Probes:
        """What is known of a node by probes."""
        return self._probes.get(key, NOT_PROBED)

    @property
    def probed(self) -> tuple[NodeKey, ...]:
        """The nodes of which something is known by probes."""
        return tuple(self._probes)

    @property
    def pointed(self) -> tuple[NodeKey, ...]:
        """The nodes that somebody points at."""
        return tuple(self._pointed)

    @property
    def expected(self) -> tuple[Expected, ...]:
        """The changes that have yet to show, each with its nodes."""
        return tuple(Expected(tuple(sorted(keys, key=_by_id)), delay) for delay, keys in self._expected.items())

    def point_at(self, key: NodeKey) -> None:
        """Examine this node further than the others, from now on."""
        self._pointed.add(key)

    def pointed_at(self, key: NodeKey) -> bool:
        """Whether somebody points at this node."""
        return key in self._pointed

    def fact(self, kind: type, node: Node | None, now: Now) -> Resolved | None:
        """What is known of a node by itself, or what stands in its place; None of any other kind."""
        if kind is ChangeDelay:
            delay = self._longest_delay(node, now) if node is not None else None
            if delay is None:
                return Resolved(Moot(say("no change has yet to show")), "no change")
            return Resolved(delay, delay)
        if kind is PointedAt:
            if node is None or node.key not in self._pointed:
                return Resolved(Moot(say("nobody points at the node")), "nobody points")
            return Resolved(PointedAt(node), OF_THE_NODE)
        if kind is Probes:
            probes = self.probes_of(node.key) if node is not None else NOT_PROBED
            if probes == NOT_PROBED:
                return Resolved(Moot(say("the node was not probed")), "not probed")
            return Resolved(probes, probes)
        return None

    def _longest_delay(self, node: Node, now: Now) -> ChangeDelay | None:
        running = (delay for delay, keys in self._expected.items() if node.key in keys and delay.until > now.at)
        return max(running, key=lambda delay: delay.until, default=None)


def _by_id(key: NodeKey) -> str:
    return key.id
