"""Whether nodes are connected: who is asked about, when, and what is to be expected meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from ssmtui.diagnosis.asking_line import AskingLine, Urgency
from ssmtui.diagnosis.kin import Kin, kin_of
from ssmtui.diagnosis.origin import Origin
from ssmtui.diagnosis.outcomes import Outcome
from ssmtui.diagnosis.verdicts import Connected, Presence, presence_of
from ssmtui.evidence.gathering.journey import Resolved
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.readers.nodes.standing import is_up
from ssmtui.evidence.wire.limits import CONNECTION_STATUS_RATE
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.finding import Status
from ssmtui.model.likeness import likeness
from ssmtui.model.node import ConnectionStatus, Node, NodeKey, PingStatus
from ssmtui.model.path import Link
from ssmtui.model.standing import Observation
from ssmtui.model.whom_to_ask import WhomToAsk

AT_ONCE = int(CONNECTION_STATUS_RATE)
"""Nodes that are asked about before they are judged: as many as AWS answers within a second."""

_DOUBTFUL = frozenset({Status.FAIL, Status.UNKNOWN})
_NOTHING: Mapping[type, Resolved] = MappingProxyType({})


class Connections:
    """The connections of one scope's nodes. Lives on the evidence thread's loop."""

    def __init__(self, gathering: Gathering, whom: WhomToAsk, origin: Origin) -> None:
        self.line = AskingLine()
        self._gathering = gathering
        self.whom = whom
        self.origin = origin
        self._kin = Kin()
        self._silent = Kin()
        self._left_at_once = 0
        self._spared = 0
        self._given_up = False
        self._answers = False
        self._last: dict[NodeKey, Observation] = {}
        self._looked_at: frozenset[NodeKey] = frozenset()

    def begin(self) -> None:
        """The nodes are looked through from the first on."""
        self._left_at_once = self._spared = AT_ONCE if self.whom is WhomToAsk.ALL else 0
        self._given_up = False

    def listed(self, node: Node) -> None:
        """Put a node in line that is to be asked about whatever is judged of it; a few are asked about first anyway."""
        if self.whom is WhomToAsk.NONE or not self._can_ask(node) or self.observed(node) is not None:
            return
        self._kin.leave_unasked(kin_of(node), node.key)
        if self._spared > 0:
            self._spared -= 1
        elif self._is_known_suspect(node):
            self.line.add(node.key, Urgency.SUSPICIOUS)
        elif node.managed and self._kin.is_first(kin_of(node)):
            self.line.add(node.key, Urgency.FIRST_OF_ITS_LIKE)
        elif self.whom is WhomToAsk.ALL:
            self.line.add(node.key, Urgency.LIKELY_WELL)

    def heard_of_its_like(self, node: Node) -> None:
        """Know that a node that is not judged yet is to be asked about, by what was answered of one like it."""
        if self._is_known_suspect(node) and self.observed(node) is None:
            self.line.add(node.key, Urgency.SUSPICIOUS)

    def _is_known_suspect(self, node: Node) -> bool:
        """Whether a node reports and one like it is not connected: an answer may change whatever is judged of it."""
        if self.whom is WhomToAsk.NONE or self._given_up or node.ping is not PingStatus.ONLINE:
            return False
        if not self._can_ask(node):
            return False
        return self._kin.expects(kin_of(node)) is False

    def forget(self) -> None:
        """What was expected of nodes by others is to be seen anew."""
        self._kin.forget()
        self._silent.forget()

    def drop(self, node: Node) -> None:
        """Forget a node."""
        self.line.leave(node.key)
        self._last.pop(node.key, None)
        self._kin.drop(kin_of(node), node.key)
        self._silent.drop(likeness(node), node.key)

    def look_first(self, keys: Collection[NodeKey]) -> None:
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

    def observed(self, node: Node) -> Resolved | None:
        """What is observed of a node by now, or stands in its place; None where it was not asked about."""
        return self._gathering.at_hand(Observation, (node.id, node.ping))

    def known(self, node: Node) -> Mapping[type, Resolved]:
        """The observation by which a node is judged now: the last one, where it is to be asked about again."""
        if not is_up(node):
            return _NOTHING
        found = self.observed(node)
        seen = found.value if found is not None else self._seen_before(node) or Observation(node.ping, None)
        return {Observation: Resolved(seen, (Observation, seen))}

    def presence(self, node: Node, outcome: Callable[[Presence], Outcome]) -> Presence:
        """How a judged node is there. It is put in line where it is yet to be asked about."""
        found = self.observed(node)
        if found is not None or not is_up(node):
            return presence_of(node, found.value if found is not None else None)
        self._kin.leave_unasked(kin_of(node), node.key)
        if node.ping is not PingStatus.ONLINE:
            self._silent.leave_unasked(likeness(node), node.key)
        presence = self.expected(node, presence_of(node, self._seen_before(node)))
        urgency = self._urgency(node, outcome(presence))
        if urgency is None:
            return presence
        self.line.add(node.key, urgency)
        return replace(presence, awaited=True)

    def expected(self, node: Node, presence: Presence) -> Presence:
        """How a node is there, where it may not have been asked about: as nodes like it are."""
        if not is_up(node) or self.observed(node) is not None or self._seen_before(node) is not None:
            return presence
        return replace(
            presence, connected=Connected.LIKE_OTHERS if self._kin.expects(kin_of(node)) else Connected.UNASKED
        )

    def was_never_asked(self, node: Node, observation: object) -> bool:
        """Whether the time was over before it was a node's turn, where AWS answers others; then it is as it was.

        Where nobody is answered, that there is no answer is what was found out.
        """
        if not self._answers or not isinstance(observation, Observation):
            return False
        missed = observation.connection
        if not isinstance(missed, Unreadable) or missed.obstacle is not Obstacle.TIMED_OUT:
            return False
        self._gathering.kept.forget_entries([(Observation, (node.id, node.ping))])
        return True

    def heard(self, node: Node, observation: object) -> Collection[NodeKey]:
        """Take note of an answer; gives the nodes of which it lets one expect another thing."""
        if not isinstance(observation, Observation):
            return ()
        self._last[node.key] = observation
        self._answers |= isinstance(observation.connection, ConnectionStatus)
        otherwise = self._kin.heard(kin_of(node), node.key, observation.connection)
        if node.ping is not PingStatus.ONLINE:
            otherwise = (*otherwise, *self._silent.heard(likeness(node), node.key, observation.connection))
        return otherwise

    def _can_ask(self, node: Node) -> bool:
        return is_up(node) and self.origin.may_ask((Observation, (node.id, node.ping)))

    def _seen_before(self, node: Node) -> Observation | None:
        before = self._last.get(node.key)
        return before if before is not None and before.ping is node.ping else None

    def _urgency(self, node: Node, outcome: Outcome) -> Urgency | None:
        if self.whom is WhomToAsk.NONE or self._given_up or not self._can_ask(node):
            return None
        if node.key in self._looked_at:
            return Urgency.LOOKED_AT
        kin = kin_of(node)
        if node.managed and self._kin.is_first(kin):
            return Urgency.FIRST_OF_ITS_LIKE
        if node.managed and (self._kin.expects(kin) is False or _is_suspicious(outcome)) and self._is_open(node):
            return Urgency.SUSPICIOUS
        return Urgency.LIKELY_WELL if self.whom is WhomToAsk.ALL else None

    def _is_open(self, node: Node) -> bool:
        """Whether an answer may change the verdict: of silent nodes that are alike one is asked about."""
        if node.ping is PingStatus.ONLINE or self.whom is WhomToAsk.ALL:
            return True
        alike = likeness(node)
        return self._silent.is_first(alike) or self._silent.expects(alike) is True


def _is_suspicious(outcome: Outcome) -> bool:
    """Whether an answer may change what is said of a node that reports to Systems Manager."""
    return any(
        finding.status in _DOUBTFUL and link is not Link.WORKSTATION and link.position <= Link.AGENT.position
        for link, finding in outcome.held.values()
    )
