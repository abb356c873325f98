"""Decide the order in which connection statuses are read, and estimate the others from the peer group of a node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from types import MappingProxyType

from ssmtui.diagnosis.node_queues import ConnectionQueue, Urgency
from ssmtui.diagnosis.verdicts import Connectedness, Outcome, Presence, presence_of
from ssmtui.evidence.aws.limits import CONNECTION_STATUS_RATE
from ssmtui.evidence.facts.fact_resolver import FactResolver, ResolvedFact
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.read_cache import ReadCache, ReadKey
from ssmtui.evidence.readers.node_listing import listed_nodes
from ssmtui.evidence.readers.node_observations import can_be_connected
from ssmtui.language import say
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import Link, Status
from ssmtui.model.node import ConnectionStatus, Instance, Node, NodeKey, PingStatus, Registration, traits_of
from ssmtui.model.node_facts import Observation
from ssmtui.model.scope import ScopeError

ListNodes = Callable[[FactResolver], AsyncIterator[Sequence[Node] | ScopeError]]
"""Lists the nodes of a Region, with the facts of the Region."""


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """How nodes are listed, and what was read before.

    `has` returns whether a thing was read; None: everything can be read.
    """

    kept: ReadCache
    listing: ListNodes = listed_nodes
    has: Callable[[ReadKey], bool] | None = None

    def may_ask(self, entry: ReadKey) -> bool:
        """Return whether an answer is available."""
        return self.has is None or self.has(entry)


def peer_group_of(node: Node) -> Hashable:
    """Return the peer group of a node: the connection of one node predicts the connection of the others."""
    instance, registration = node.instance, node.registration
    return (
        (instance.profile_arn, instance.subnet_id, instance.security_group_ids)
        if isinstance(instance, Instance)
        else instance,
        (registration.iam_role, registration.agent_version) if isinstance(registration, Registration) else registration,
    )


class PeerGroups:
    """The known connections of peer groups, and the nodes of each group whose connection was not read."""

    def __init__(self) -> None:
        self._answers: defaultdict[Hashable, set[bool]] = defaultdict(set)
        self._asked_first: set[Hashable] = set()
        self._unasked: defaultdict[Hashable, dict[NodeKey, None]] = defaultdict(dict)

    def expects(self, peer_groups: Hashable) -> bool | None:
        """Return whether a node of the group is connected; None if none was read."""
        answers = self._answers.get(peer_groups)
        return None if not answers else True in answers

    def is_first(self, peer_groups: Hashable) -> bool:
        """Return whether no node of the group was read yet, and mark one as read."""
        if peer_groups in self._asked_first or self._answers.get(peer_groups):
            return False
        self._asked_first.add(peer_groups)
        return True

    def leave_unasked(self, peer_groups: Hashable, key: NodeKey) -> None:
        """Remember a node that was checked without reading its connection."""
        self._unasked[peer_groups][key] = None

    def heard(self, peer_groups: Hashable, key: NodeKey, connection: object) -> Collection[NodeKey]:
        """Record an answer; return the nodes whose estimate it changes."""
        expected = self.expects(peer_groups)
        self._answers[peer_groups].add(connection is ConnectionStatus.CONNECTED)
        self._unasked[peer_groups].pop(key, None)
        return () if self.expects(peer_groups) == expected else tuple(self._unasked[peer_groups])

    def drop(self, peer_groups: Hashable, key: NodeKey) -> None:
        """Forget a node."""
        self._unasked[peer_groups].pop(key, None)

    def forget(self) -> None:
        """Forget all answers and remembered nodes."""
        self._answers.clear()
        self._asked_first.clear()
        self._unasked.clear()


FIRST_BATCH_SIZE = int(CONNECTION_STATUS_RATE)
"""Number of nodes whose connection is read before their checks: as many as AWS answers in a second."""

_CALL = "ssm:GetConnectionStatus"
_DOUBTFUL = frozenset({Status.FAIL, Status.UNKNOWN})
_NOTHING: Mapping[type, ResolvedFact] = MappingProxyType({})


class NodeConnections:
    """The connections of the nodes of one scope. Runs on the event loop of the evidence thread."""

    def __init__(self, store: FactStore, whom: ConnectionOption, evidence_source: EvidenceSource) -> None:
        self.line = ConnectionQueue()
        self._store = store
        self.whom = whom
        self.evidence_source = evidence_source
        self._peer_groups = PeerGroups()
        self._silent = PeerGroups()
        self._left_at_once = 0
        self._spared = 0
        self._given_up = False
        self._answers = False
        self._last: dict[NodeKey, Observation] = {}
        self._looked_at: frozenset[NodeKey] = frozenset()

    def begin(self) -> None:
        """Start a new pass over the nodes."""
        self._left_at_once = self._spared = FIRST_BATCH_SIZE if self.whom is ConnectionOption.ALL else 0
        self._given_up = False

    def listed(self, node: Node) -> None:
        """Queue a listed node whose connection is needed with any result.

        The connections of the first nodes are read before their checks.
        """
        if self.whom is ConnectionOption.NONE or not self._can_ask(node) or self.observed(node) is not None:
            return
        self._peer_groups.leave_unasked(peer_group_of(node), node.key)
        if self._spared > 0:
            self._spared -= 1
        elif self._is_known_suspect(node):
            self.line.add(node.key, Urgency.SUSPICIOUS)
        elif node.managed and self._peer_groups.is_first(peer_group_of(node)):
            self.line.add(node.key, Urgency.FIRST_OF_ITS_LIKE)
        elif self.whom is ConnectionOption.ALL:
            self.line.add(node.key, Urgency.LIKELY_WELL)

    def heard_of_its_like(self, node: Node) -> None:
        """Queue a node that is not checked yet, because of the answer about a peer."""
        if self._is_known_suspect(node) and self.observed(node) is None:
            self.line.add(node.key, Urgency.SUSPICIOUS)

    def _is_known_suspect(self, node: Node) -> bool:
        """Return whether the node reports, but a peer is not connected: an answer can change any result."""
        if self.whom is ConnectionOption.NONE or self._given_up or node.ping is not PingStatus.ONLINE:
            return False
        if not self._can_ask(node):
            return False
        return self._peer_groups.expects(peer_group_of(node)) is False

    def forget(self) -> None:
        """Forget the estimates from peers."""
        self._peer_groups.forget()
        self._silent.forget()

    def drop(self, node: Node) -> None:
        """Forget a node."""
        self.line.leave(node.key)
        self._last.pop(node.key, None)
        self._peer_groups.drop(peer_group_of(node), node.key)
        self._silent.drop(traits_of(node), node.key)

    def check_first(self, keys: Collection[NodeKey]) -> None:
        """Read the connections of these nodes first, if they are read at all."""
        self._looked_at = frozenset(keys)
        self.line.bring_forward(keys)

    def asks_first(self, node: Node) -> bool:
        """Return whether the connection is read before the checks, so that no temporary result is published."""
        return self._left_at_once > 0 and self._can_ask(node) and self.observed(node) is None

    def one_asked_first(self) -> None:
        """Count a node whose connection is read before its checks."""
        self._left_at_once -= 1

    def give_up(self) -> Collection[NodeKey]:
        """Stop reading connections; return the nodes in the queue."""
        left = []
        while (key := self.line.next()) is not None:
            left.append(key)
        self._given_up = True
        return left

    def observed(self, node: Node) -> ResolvedFact | None:
        """Return the observation of a node or its marker; None if it was not read."""
        return self._store.cached_read(Observation, (node.id, node.ping))

    def known(self, node: Node) -> Mapping[type, ResolvedFact]:
        """Return the observation for the checks of a node: the last one, if it will be read again."""
        if not can_be_connected(node):
            return _NOTHING
        found = self.observed(node)
        seen = found.value if found is not None else self._seen_before(node)
        return _known_observation(seen) if seen is not None else _known_ping(node.ping)

    def presence(self, node: Node, outcome: Callable[[Presence], Outcome]) -> Presence:
        """Return the presence of a checked node. Queue the node if its connection must still be read."""
        found = self.observed(node)
        if found is not None or not can_be_connected(node):
            return presence_of(node, found.value if found is not None else None)
        peer_group = peer_group_of(node)
        self._peer_groups.leave_unasked(peer_group, node.key)
        if node.ping is not PingStatus.ONLINE:
            self._silent.leave_unasked(traits_of(node), node.key)
        presence = self._estimated(node, peer_group, presence_of(node, self._seen_before(node)))
        awaited = _while_awaited(presence)
        urgency = self._urgency(node, peer_group, outcome(awaited))
        if urgency is None:
            return presence
        self.line.add(node.key, urgency)
        return awaited

    def expected(self, node: Node, presence: Presence) -> Presence:
        """Return the presence of a node; if its connection was not read, it is estimated from its peers."""
        if not can_be_connected(node) or self.observed(node) is not None:
            return presence
        return self._estimated(node, peer_group_of(node), presence)

    def _estimated(self, node: Node, peer_group: Hashable, presence: Presence) -> Presence:
        if self._seen_before(node) is not None:
            return presence
        if self._peer_groups.expects(peer_group):
            return _estimate(presence, Connectedness.LIKE_OTHERS)
        return _estimate(presence, Connectedness.UNASKED, self._why_unasked(node))

    def _why_unasked(self, node: Node) -> str:
        """Return why the connection of a node is not read, in words."""
        if not self._can_ask(node):
            return say("{source}: not in the snapshot", source=_CALL)
        if self._given_up:
            return say("{source} was not called before the timeout", source=_CALL)
        return say(
            "{source} was not called because of --connection {whom}; run ssmtui without this option",
            source=_CALL,
            whom=self.whom.value,
        )

    def was_never_asked(self, node: Node, observation: object) -> bool:
        """Return whether the timeout came before a node was read, while AWS answers for others: then nothing changes.

        If AWS answers for no node, the missing answer is the result.
        """
        if not self._answers or not isinstance(observation, Observation):
            return False
        missed = observation.connection
        if not isinstance(missed, Unreadable) or missed.obstacle is not ReadFailure.TIMED_OUT:
            return False
        self._store.kept.forget_entries([(Observation, (node.id, node.ping))])
        return True

    def heard(self, node: Node, observation: object) -> Collection[NodeKey]:
        """Record an answer; return the nodes whose estimate it changes."""
        if not isinstance(observation, Observation):
            return ()
        self._last[node.key] = observation
        self._answers |= isinstance(observation.connection, ConnectionStatus)
        otherwise = self._peer_groups.heard(peer_group_of(node), node.key, observation.connection)
        if node.ping is not PingStatus.ONLINE:
            otherwise = (*otherwise, *self._silent.heard(traits_of(node), node.key, observation.connection))
        return otherwise

    def _can_ask(self, node: Node) -> bool:
        return can_be_connected(node) and self.evidence_source.may_ask((Observation, (node.id, node.ping)))

    def _seen_before(self, node: Node) -> Observation | None:
        before = self._last.get(node.key)
        return before if before is not None and before.ping is node.ping else None

    def _urgency(self, node: Node, peer_group: Hashable, outcome: Outcome) -> Urgency | None:
        if self.whom is ConnectionOption.NONE or self._given_up or not self._can_ask(node):
            return None
        if node.key in self._looked_at:
            return Urgency.LOOKED_AT
        if node.managed and self._peer_groups.is_first(peer_group):
            return Urgency.FIRST_OF_ITS_LIKE
        if (
            node.managed
            and (self._peer_groups.expects(peer_group) is False or _is_suspicious(outcome))
            and self._is_open(node)
        ):
            return Urgency.SUSPICIOUS
        return Urgency.LIKELY_WELL if self.whom is ConnectionOption.ALL else None

    def _is_open(self, node: Node) -> bool:
        """Return whether an answer can change the verdict: among silent peers, only one is read."""
        if node.ping is PingStatus.ONLINE or self.whom is ConnectionOption.ALL:
            return True
        alike = traits_of(node)
        return self._silent.is_first(alike) or self._silent.expects(alike) is True


def _known_observation(seen: object) -> Mapping[type, ResolvedFact]:
    return {Observation: ResolvedFact(seen, (Observation, seen))}


@cache
def _known_ping(ping: PingStatus | None) -> Mapping[type, ResolvedFact]:
    return _known_observation(Observation(ping, None))


# Thousands of nodes share a few presences.
@lru_cache(maxsize=256)
def _estimate(presence: Presence, connected: Connectedness, why_unasked: str = "") -> Presence:
    return replace(presence, connected=connected, why_unasked=why_unasked)


@lru_cache(maxsize=256)
def _while_awaited(presence: Presence) -> Presence:
    return replace(presence, awaited=True)


def _is_suspicious(outcome: Outcome) -> bool:
    """Return whether an answer can change the result of a node that reports to Systems Manager."""
    return any(
        finding.status in _DOUBTFUL and link is not Link.WORKSTATION and link.position <= Link.AGENT.position
        for link, finding in outcome.held.values()
    )
