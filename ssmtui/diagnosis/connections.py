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

    `has` returns whether something was read; None: everything can be read.
    """

    kept: ReadCache
    listing: ListNodes = listed_nodes
    has: Callable[[ReadKey], bool] | None = None

    def can_read(self, entry: ReadKey) -> bool:
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
        self._claimed: set[Hashable] = set()
        self._unread: defaultdict[Hashable, dict[NodeKey, None]] = defaultdict(dict)

    def expects(self, group: Hashable) -> bool | None:
        """Return whether a node of the group is connected; None if none was read."""
        answers = self._answers.get(group)
        return None if not answers else True in answers

    def claim_first(self, group: Hashable) -> bool:
        """Return whether no node of the group was read yet, and mark one as being read."""
        if group in self._claimed or self._answers.get(group):
            return False
        self._claimed.add(group)
        return True

    def add_unread(self, group: Hashable, key: NodeKey) -> None:
        """Remember a node that was checked without reading its connection."""
        self._unread[group][key] = None

    def record_answer(self, group: Hashable, key: NodeKey, connection: object) -> Collection[NodeKey]:
        """Record an answer; return the nodes whose estimate it changes."""
        expected = self.expects(group)
        self._answers[group].add(connection is ConnectionStatus.CONNECTED)
        self._unread[group].pop(key, None)
        return () if self.expects(group) == expected else tuple(self._unread[group])

    def drop(self, group: Hashable, key: NodeKey) -> None:
        """Forget a node."""
        self._unread[group].pop(key, None)

    def forget(self) -> None:
        """Forget all answers and remembered nodes."""
        self._answers.clear()
        self._claimed.clear()
        self._unread.clear()


FIRST_BATCH_SIZE = int(CONNECTION_STATUS_RATE)
"""Number of nodes whose connection is read before their checks: as many as AWS answers in a second."""

_CALL = "ssm:GetConnectionStatus"
_DOUBTFUL = frozenset({Status.FAIL, Status.UNKNOWN})
_NOTHING: Mapping[type, ResolvedFact] = MappingProxyType({})


class NodeConnections:
    """The connections of the nodes of one scope. Runs on the event loop of the evidence thread."""

    def __init__(self, store: FactStore, option: ConnectionOption, evidence_source: EvidenceSource) -> None:
        self.queue = ConnectionQueue()
        self._store = store
        self.option = option
        self.evidence_source = evidence_source
        self._peer_groups = PeerGroups()
        self._silent = PeerGroups()
        self._remaining_first = 0
        self._not_queued = 0
        self._given_up = False
        self._answers = False
        self._last: dict[NodeKey, Observation] = {}
        self._selected: frozenset[NodeKey] = frozenset()

    def begin(self) -> None:
        """Start a new pass over the nodes."""
        self._remaining_first = self._not_queued = FIRST_BATCH_SIZE if self.option is ConnectionOption.ALL else 0
        self._given_up = False

    def queue_listed(self, node: Node) -> None:
        """Queue a listed node whose connection is needed with any result.

        The connections of the first nodes are read before their checks.
        """
        if (
            self.option is ConnectionOption.NONE
            or not self._can_observe(node)
            or self.cached_observation(node) is not None
        ):
            return
        self._peer_groups.add_unread(peer_group_of(node), node.key)
        if self._not_queued > 0:
            self._not_queued -= 1
        elif self._is_known_suspect(node):
            self.queue.add(node.key, Urgency.SUSPICIOUS)
        elif node.managed and self._peer_groups.claim_first(peer_group_of(node)):
            self.queue.add(node.key, Urgency.FIRST_OF_PEERS)
        elif self.option is ConnectionOption.ALL:
            self.queue.add(node.key, Urgency.LIKELY_WELL)

    def queue_unchecked(self, node: Node) -> None:
        """Queue a node that is not checked yet, because of the answer about a peer."""
        if self._is_known_suspect(node) and self.cached_observation(node) is None:
            self.queue.add(node.key, Urgency.SUSPICIOUS)

    def _is_known_suspect(self, node: Node) -> bool:
        """Return whether the node reports, but a peer is not connected: an answer can change any result."""
        if self.option is ConnectionOption.NONE or self._given_up or node.ping is not PingStatus.ONLINE:
            return False
        if not self._can_observe(node):
            return False
        return self._peer_groups.expects(peer_group_of(node)) is False

    def forget(self) -> None:
        """Forget the estimates from peers."""
        self._peer_groups.forget()
        self._silent.forget()

    def drop(self, node: Node) -> None:
        """Forget a node."""
        self.queue.leave(node.key)
        self._last.pop(node.key, None)
        self._peer_groups.drop(peer_group_of(node), node.key)
        self._silent.drop(traits_of(node), node.key)

    def check_first(self, keys: Collection[NodeKey]) -> None:
        """Read the connections of these nodes first, if they are read at all."""
        self._selected = frozenset(keys)
        self.queue.bring_forward(keys)

    def is_observed_first(self, node: Node) -> bool:
        """Return whether the connection is read before the checks, so that no temporary result is published."""
        return self._remaining_first > 0 and self._can_observe(node) and self.cached_observation(node) is None

    def count_observed_first(self) -> None:
        """Count a node whose connection is read before its checks."""
        self._remaining_first -= 1

    def give_up(self) -> Collection[NodeKey]:
        """Stop reading connections; return the nodes in the queue."""
        left = []
        while (key := self.queue.next()) is not None:
            left.append(key)
        self._given_up = True
        return left

    def cached_observation(self, node: Node) -> ResolvedFact | None:
        """Return the observation of a node or its marker; None if it was not read."""
        return self._store.cached_read(Observation, (node.id, node.ping))

    def known(self, node: Node) -> Mapping[type, ResolvedFact]:
        """Return the observation for the checks of a node: the last one, if it will be read again."""
        if not can_be_connected(node):
            return _NOTHING
        observation = self.cached_observation(node)
        seen = observation.value if observation is not None else self._seen_before(node)
        return _known_observation(seen) if seen is not None else _known_ping(node.ping)

    def presence(self, node: Node, outcome: Callable[[Presence], Outcome]) -> Presence:
        """Return the presence of a checked node. Queue the node if its connection must still be read."""
        observation = self.cached_observation(node)
        if observation is not None or not can_be_connected(node):
            return presence_of(node, observation.value if observation is not None else None)
        peer_group = peer_group_of(node)
        self._peer_groups.add_unread(peer_group, node.key)
        if node.ping is not PingStatus.ONLINE:
            self._silent.add_unread(traits_of(node), node.key)
        presence = self._estimated(node, peer_group, presence_of(node, self._seen_before(node)))
        awaited = _while_awaited(presence)
        urgency = self._urgency(node, peer_group, outcome(awaited))
        if urgency is None:
            return presence
        self.queue.add(node.key, urgency)
        return awaited

    def estimated_presence(self, node: Node, presence: Presence) -> Presence:
        """Return the presence of a node; if its connection was not read, it is estimated from its peers."""
        if not can_be_connected(node) or self.cached_observation(node) is not None:
            return presence
        return self._estimated(node, peer_group_of(node), presence)

    def _estimated(self, node: Node, peer_group: Hashable, presence: Presence) -> Presence:
        if self._seen_before(node) is not None:
            return presence
        if self._peer_groups.expects(peer_group):
            return _estimate(presence, Connectedness.LIKE_PEERS)
        return _estimate(presence, Connectedness.NOT_READ, self._why_not_read(node))

    def _why_not_read(self, node: Node) -> str:
        """Return why the connection of a node is not read, in words."""
        if not self._can_observe(node):
            return say("{source}: not in the snapshot", source=_CALL)
        if self._given_up:
            return say("{source} was not called before the timeout", source=_CALL)
        return say(
            "{source} was not called because of --connection {whom}; run ssmtui without this option",
            source=_CALL,
            whom=self.option.value,
        )

    def was_missed(self, node: Node, observation: object) -> bool:
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

    def record_answer(self, node: Node, observation: object) -> Collection[NodeKey]:
        """Record an answer; return the nodes whose estimate it changes."""
        if not isinstance(observation, Observation):
            return ()
        self._last[node.key] = observation
        self._answers |= isinstance(observation.connection, ConnectionStatus)
        changed = self._peer_groups.record_answer(peer_group_of(node), node.key, observation.connection)
        if node.ping is not PingStatus.ONLINE:
            changed = (*changed, *self._silent.record_answer(traits_of(node), node.key, observation.connection))
        return changed

    def _can_observe(self, node: Node) -> bool:
        return can_be_connected(node) and self.evidence_source.can_read((Observation, (node.id, node.ping)))

    def _seen_before(self, node: Node) -> Observation | None:
        before = self._last.get(node.key)
        return before if before is not None and before.ping is node.ping else None

    def _urgency(self, node: Node, peer_group: Hashable, outcome: Outcome) -> Urgency | None:
        if self.option is ConnectionOption.NONE or self._given_up or not self._can_observe(node):
            return None
        if node.key in self._selected:
            return Urgency.SELECTED
        if node.managed and self._peer_groups.claim_first(peer_group):
            return Urgency.FIRST_OF_PEERS
        if (
            node.managed
            and (self._peer_groups.expects(peer_group) is False or _is_suspicious(outcome))
            and self._is_open(node)
        ):
            return Urgency.SUSPICIOUS
        return Urgency.LIKELY_WELL if self.option is ConnectionOption.ALL else None

    def _is_open(self, node: Node) -> bool:
        """Return whether an answer can change the verdict: among silent peers, only one is read."""
        if node.ping is PingStatus.ONLINE or self.option is ConnectionOption.ALL:
            return True
        alike = traits_of(node)
        return self._silent.claim_first(alike) or self._silent.expects(alike) is True


def _known_observation(seen: object) -> Mapping[type, ResolvedFact]:
    return {Observation: ResolvedFact(seen, (Observation, seen))}


@cache
def _known_ping(ping: PingStatus | None) -> Mapping[type, ResolvedFact]:
    return _known_observation(Observation(ping, None))


# Thousands of nodes share a few presences.
@lru_cache(maxsize=256)
def _estimate(presence: Presence, connected: Connectedness, why_not_read: str = "") -> Presence:
    return replace(presence, connected=connected, why_not_read=why_not_read)


@lru_cache(maxsize=256)
def _while_awaited(presence: Presence) -> Presence:
    return replace(presence, awaited=True)


def _is_suspicious(outcome: Outcome) -> bool:
    """Return whether an answer can change the result of a node that reports to Systems Manager."""
    return any(
        finding.status in _DOUBTFUL and link is not Link.WORKSTATION and link.position <= Link.AGENT.position
        for link, finding in outcome.findings.values()
    )
