"""Where evidence comes from, and which nodes are connected: asked by urgency, else estimated by their peer group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ssmtui.diagnosis.scheduling import ConnectionQueue, Urgency
from ssmtui.diagnosis.verdicts import Connectedness, Outcome, Presence, presence_of
from ssmtui.evidence.aws.limits import CONNECTION_STATUS_RATE
from ssmtui.evidence.facts.fact_resolver import FactResolver, ResolvedFact
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.read_cache import ReadCache, ReadKey
from ssmtui.evidence.readers.node_listing import listed_nodes
from ssmtui.evidence.readers.node_observations import can_be_connected
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.finding import Link, Status
from ssmtui.model.node import ConnectionStatus, Instance, Node, NodeKey, PingStatus, Registration, traits_of
from ssmtui.model.node_facts import Observation
from ssmtui.model.scope import ScopeError

ListNodes = Callable[[FactResolver], AsyncIterator[Sequence[Node] | ScopeError]]
"""Lists the nodes of a Region, given its own facts."""


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """How nodes are listed, and what was read before.

    `has` tells whether a thing was read; it is None where whatever is asked for can be.
    """

    kept: ReadCache
    listing: ListNodes = listed_nodes
    has: Callable[[ReadKey], bool] | None = None

    def may_ask(self, entry: ReadKey) -> bool:
        """Whether there is an answer to be had."""
        return self.has is None or self.has(entry)


def peer_group_of(node: Node) -> Hashable:
    """Equal for nodes of which one's being connected lets one expect it of the other."""
    instance, registration = node.instance, node.registration
    return (
        (instance.profile_arn, instance.subnet_id, instance.security_group_ids)
        if isinstance(instance, Instance)
        else instance,
        (registration.iam_role, registration.agent_version) if isinstance(registration, Registration) else registration,
    )


class PeerGroups:
    """Of which kinds of nodes one is connected, and who of a kind has not been asked about."""

    def __init__(self) -> None:
        self._answers: defaultdict[Hashable, set[bool]] = defaultdict(set)
        self._asked_first: set[Hashable] = set()
        self._unasked: defaultdict[Hashable, dict[NodeKey, None]] = defaultdict(dict)

    def expects(self, peer_groups: Hashable) -> bool | None:
        """Whether one of these nodes is connected; None where none has been heard of."""
        answers = self._answers.get(peer_groups)
        return None if not answers else True in answers

    def is_first(self, peer_groups: Hashable) -> bool:
        """Whether none of these nodes has been asked about yet; from now on, one has."""
        if peer_groups in self._asked_first or self._answers.get(peer_groups):
            return False
        self._asked_first.add(peer_groups)
        return True

    def leave_unasked(self, peer_groups: Hashable, key: NodeKey) -> None:
        """Remember a node that was judged and not asked about."""
        self._unasked[peer_groups][key] = None

    def heard(self, peer_groups: Hashable, key: NodeKey, connection: object) -> Collection[NodeKey]:
        """Take note of an answer; gives the nodes of which another thing is to be expected by it."""
        expected = self.expects(peer_groups)
        self._answers[peer_groups].add(connection is ConnectionStatus.CONNECTED)
        self._unasked[peer_groups].pop(key, None)
        return () if self.expects(peer_groups) == expected else tuple(self._unasked[peer_groups])

    def drop(self, peer_groups: Hashable, key: NodeKey) -> None:
        """Forget a node."""
        self._unasked[peer_groups].pop(key, None)

    def forget(self) -> None:
        """Forget what has been heard, and whom nobody asked."""
        self._answers.clear()
        self._asked_first.clear()
        self._unasked.clear()


FIRST_BATCH_SIZE = int(CONNECTION_STATUS_RATE)
"""Nodes that are asked about before they are judged: as many as AWS answers within a second."""

_DOUBTFUL = frozenset({Status.FAIL, Status.UNKNOWN})
_NOTHING: Mapping[type, ResolvedFact] = MappingProxyType({})


class NodeConnections:
    """The connections of one scope's nodes. Lives on the evidence thread's loop."""

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
        """The nodes are looked through from the first on."""
        self._left_at_once = self._spared = FIRST_BATCH_SIZE if self.whom is ConnectionOption.ALL else 0
        self._given_up = False

    def listed(self, node: Node) -> None:
        """Put a node in line that is to be asked about whatever is judged of it; a few are asked about first anyway."""
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
        """Know that a node that is not judged yet is to be asked about, by what was answered of one like it."""
        if self._is_known_suspect(node) and self.observed(node) is None:
            self.line.add(node.key, Urgency.SUSPICIOUS)

    def _is_known_suspect(self, node: Node) -> bool:
        """Whether a node reports and one like it is not connected: an answer may change whatever is judged of it."""
        if self.whom is ConnectionOption.NONE or self._given_up or node.ping is not PingStatus.ONLINE:
            return False
        if not self._can_ask(node):
            return False
        return self._peer_groups.expects(peer_group_of(node)) is False

    def forget(self) -> None:
        """What was expected of nodes by others is to be seen anew."""
        self._peer_groups.forget()
        self._silent.forget()

    def drop(self, node: Node) -> None:
        """Forget a node."""
        self.line.leave(node.key)
        self._last.pop(node.key, None)
        self._peer_groups.drop(peer_group_of(node), node.key)
        self._silent.drop(traits_of(node), node.key)

    def check_first(self, keys: Collection[NodeKey]) -> None:
        """Ask about these nodes before the others, as far as they are asked about."""
        self._looked_at = frozenset(keys)
        self.line.bring_forward(keys)

    def asks_first(self, node: Node) -> bool:
        """Whether a node is asked about before it is judged, so that nothing has to be told of it that may not last."""
        return self._left_at_once > 0 and self._can_ask(node) and self.observed(node) is None

    def one_asked_first(self) -> None:
        """Count a node that is asked about before it is judged."""
        self._left_at_once -= 1

    def give_up(self) -> Collection[NodeKey]:
        """Ask about nobody more; gives the nodes that stood in line."""
        left = []
        while (key := self.line.next()) is not None:
            left.append(key)
        self._given_up = True
        return left

    def observed(self, node: Node) -> ResolvedFact | None:
        """What is observed of a node by now, or stands in its place; None where it was not asked about."""
        return self._store.cached_read(Observation, (node.id, node.ping))

    def known(self, node: Node) -> Mapping[type, ResolvedFact]:
        """The observation by which a node is judged now: the last one, where it is to be asked about again."""
        if not can_be_connected(node):
            return _NOTHING
        found = self.observed(node)
        seen = found.value if found is not None else self._seen_before(node) or Observation(node.ping, None)
        return {Observation: ResolvedFact(seen, (Observation, seen))}

    def presence(self, node: Node, outcome: Callable[[Presence], Outcome]) -> Presence:
        """How a judged node is there. It is put in line where it is yet to be asked about."""
        found = self.observed(node)
        if found is not None or not can_be_connected(node):
            return presence_of(node, found.value if found is not None else None)
        self._peer_groups.leave_unasked(peer_group_of(node), node.key)
        if node.ping is not PingStatus.ONLINE:
            self._silent.leave_unasked(traits_of(node), node.key)
        presence = self.expected(node, presence_of(node, self._seen_before(node)))
        urgency = self._urgency(node, outcome(presence))
        if urgency is None:
            return presence
        self.line.add(node.key, urgency)
        return replace(presence, awaited=True)

    def expected(self, node: Node, presence: Presence) -> Presence:
        """How a node is there, where it may not have been asked about: as nodes like it are."""
        if not can_be_connected(node) or self.observed(node) is not None or self._seen_before(node) is not None:
            return presence
        return replace(
            presence,
            connected=Connectedness.LIKE_OTHERS
            if self._peer_groups.expects(peer_group_of(node))
            else Connectedness.UNASKED,
        )

    def was_never_asked(self, node: Node, observation: object) -> bool:
        """Whether the time was over before it was a node's turn, where AWS answers others; then it is as it was.

        Where nobody is answered, that there is no answer is what was found out.
        """
        if not self._answers or not isinstance(observation, Observation):
            return False
        missed = observation.connection
        if not isinstance(missed, Unreadable) or missed.obstacle is not ReadFailure.TIMED_OUT:
            return False
        self._store.kept.forget_entries([(Observation, (node.id, node.ping))])
        return True

    def heard(self, node: Node, observation: object) -> Collection[NodeKey]:
        """Take note of an answer; gives the nodes of which it lets one expect another thing."""
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

    def _urgency(self, node: Node, outcome: Outcome) -> Urgency | None:
        if self.whom is ConnectionOption.NONE or self._given_up or not self._can_ask(node):
            return None
        if node.key in self._looked_at:
            return Urgency.LOOKED_AT
        peer_groups = peer_group_of(node)
        if node.managed and self._peer_groups.is_first(peer_groups):
            return Urgency.FIRST_OF_ITS_LIKE
        if (
            node.managed
            and (self._peer_groups.expects(peer_groups) is False or _is_suspicious(outcome))
            and self._is_open(node)
        ):
            return Urgency.SUSPICIOUS
        return Urgency.LIKELY_WELL if self.whom is ConnectionOption.ALL else None

    def _is_open(self, node: Node) -> bool:
        """Whether an answer may change the verdict: of silent nodes that are alike one is asked about."""
        if node.ping is PingStatus.ONLINE or self.whom is ConnectionOption.ALL:
            return True
        alike = traits_of(node)
        return self._silent.is_first(alike) or self._silent.expects(alike) is True


def _is_suspicious(outcome: Outcome) -> bool:
    """Whether an answer may change what is said of a node that reports to Systems Manager."""
    return any(
        finding.status in _DOUBTFUL and link is not Link.WORKSTATION and link.position <= Link.AGENT.position
        for link, finding in outcome.held.values()
    )
