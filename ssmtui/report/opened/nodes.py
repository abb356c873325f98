"""Nodes and verdicts as far as a report tells them. What it does not tell is empty, and shown by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import cast

from ssmtui.language import say
from ssmtui.model.answers import Absent, Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.fleet import FleetFinding, Verdict, VerdictStatus
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    MetadataOptions,
    MetadataTokens,
    Node,
    NodeKey,
    NodeKind,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.path import Link, LinkState
from ssmtui.model.plan import JSON
from ssmtui.report.marks import WORST_FIRST, confidence_of, known_word, later_word

_STATES = {state.value: state for state in InstanceState}
_CONNECTIONS = {status.value: status for status in ConnectionStatus}
_PINGS = {status.value: status for status in PingStatus}
_NOT_TOLD = datetime(1970, 1, 1, tzinfo=UTC)
_METADATA = MetadataOptions(endpoint_enabled=True, tokens=MetadataTokens.REQUIRED)
_SOUND = frozenset({VerdictStatus.OK, VerdictStatus.WARN})
_WORST_FIRST = (
    (Status.FAIL, LinkState.FAIL),
    (Status.UNKNOWN, LinkState.UNKNOWN),
    (Status.WARN, LinkState.WARN),
)


def key_of(told: Mapping[str, JSON]) -> NodeKey:
    """What tells a node from every other."""
    return NodeKey(_shared(str(told["account"])), _shared(str(told["region"])), str(told["id"]))


def node_of(told: Mapping[str, JSON], key: NodeKey) -> Node:
    """The node."""
    kind = NodeKind.HYBRID if told["kind"] == NodeKind.HYBRID.value else NodeKind.EC2
    return Node(key, kind, str(told["name"]), (), _instance(told, kind, key.id), _registration(told, key.id))


def connection_of(told: Mapping[str, JSON]) -> ConnectionStatus | None:
    """Whether its control channel was open; None where that is not told in a word that this version knows."""
    return _CONNECTIONS.get(str(told["connection"]))


@dataclass(frozen=True, slots=True)
class ToldVerdict:
    """What a report says of a node's verdict. Thousands of nodes are told the same of."""

    verdict: str
    confidence: str
    root_cause: str | None
    held: tuple[str, ...]


def verdict_in(told: Mapping[str, JSON]) -> tuple[str, str, str | None, tuple[str, ...]]:
    """The members of `ToldVerdict`."""
    root, held = told["root_cause"], cast("list[str]", told["findings"])
    return str(told["verdict"]), str(told["confidence"]), None if root is None else str(root), tuple(held)


class Verdicts:
    """The verdicts of nodes, by the findings of the report. Nodes that are told the same of share one."""

    def __init__(self, findings: Mapping[str, FleetFinding]) -> None:
        self._findings = findings
        self._made: dict[ToldVerdict, Verdict] = {}

    def of(self, told: ToldVerdict) -> Verdict:
        """A node's."""
        if told not in self._made:
            held = told.held
            status = VerdictStatus(known_word(told.verdict, WORST_FIRST))
            # A verdict that only a later version knows is shown where a cause would be.
            root = told.root_cause or later_word(told.verdict, WORST_FIRST) or None
            links = links_of(status, [self._findings[each] for each in held if each in self._findings])
            confidence = Confidence(confidence_of({"confidence": told.confidence}))
            self._made[told] = Verdict(
                status, confidence, None if root is None else str(root), held, links, settled=True
            )
        return self._made[told]


def links_of(status: VerdictStatus, held: Iterable[FleetFinding]) -> tuple[LinkState, ...]:
    """The links of a path. Of one that nothing was found on, only a verdict that rests on all of them tells more."""
    statuses: dict[Link, set[Status]] = {}
    for each in held:
        statuses.setdefault(each.link, set()).add(each.finding.status)
    quiet = LinkState.OK if status in _SOUND else LinkState.UNTOLD
    return tuple(
        next((state for each, state in _WORST_FIRST if each in statuses.get(link, ())), quiet) for link in Link
    )


@cache
def _shared(text: str) -> str:
    return text


def _instance(told: Mapping[str, JSON], kind: NodeKind, id_: str) -> Instance | Absent | Unreadable:
    if kind is NodeKind.HYBRID:
        return Absent(say("an EC2 instance"), "ec2:DescribeInstances")
    state = _STATES.get(str(told["state"]))
    if state is None:
        return Unreadable("ec2:DescribeInstances", say("the report does not tell it"))
    platform = _shared(str(told["platform"]))
    return Instance(id_, state, _NOT_TOLD, "", platform, None, None, (), None, None, (), None, _METADATA)


def _registration(told: Mapping[str, JSON], id_: str) -> Registration | Absent | Unreadable:
    if told["managed"] is None:
        return Unreadable("ssm:DescribeInstanceProperties", say("the report does not tell it"))
    if not told["managed"] or told["ping"] is None:
        return Absent(say("a registration"), "ssm:DescribeInstanceProperties")
    ping = _PINGS.get(str(told["ping"]))
    if ping is None:
        later = say("the report tells the ping status {word}, which this version does not know", word=told["ping"])
        return Unreadable("", later, source="ssm:DescribeInstanceProperties")
    platform = _shared(str(told["platform"]))
    family = PlatformFamily.WINDOWS if "windows" in platform.casefold() else PlatformFamily.LINUX
    version = _shared(str(told["agent_version"] or ""))
    return Registration(id_, ping, None, version, family, platform, "", None, None, None)
