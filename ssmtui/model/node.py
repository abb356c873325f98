"""Nodes: an EC2 instance, a Systems Manager registration, or both joined; and the traits that nodes share."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Hashable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache

from ssmtui.model.fact import Absent, Unreadable


class NodeKind(Enum):
    """Where a node runs; the value is what reports print."""

    EC2 = "ec2"
    HYBRID = "hybrid"


class InstanceState(Enum):
    """EC2's instance state."""

    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


class PlatformFamily(Enum):
    """The operating system's family, as Systems Manager's PlatformType has it."""

    LINUX = "Linux"
    WINDOWS = "Windows"
    MACOS = "MacOS"


class PingStatus(Enum):
    """Systems Manager's PingStatus."""

    ONLINE = "Online"
    CONNECTION_LOST = "ConnectionLost"
    INACTIVE = "Inactive"


class ConnectionStatus(Enum):
    """GetConnectionStatus: whether the node holds its control channel open."""

    CONNECTED = "connected"
    NOT_CONNECTED = "notconnected"


class MetadataTokens(Enum):
    """Whether the instance metadata service demands IMDSv2 tokens."""

    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """EC2's MetadataOptions."""

    endpoint_enabled: bool
    tokens: MetadataTokens


@dataclass(frozen=True, slots=True)
class Instance:
    """An EC2 instance as ec2:DescribeInstances has it."""

    id: str
    state: InstanceState
    launched: datetime
    image_id: str
    platform_details: str
    subnet_id: str | None
    vpc_id: str | None
    security_group_ids: tuple[str, ...]
    private_ip: str | None
    public_ip: str | None
    ipv6_addresses: tuple[str, ...]
    profile_arn: str | None
    metadata: MetadataOptions

    @property
    def has_public_ip(self) -> bool:
        """Whether it has a public IPv4 address, whichever."""
        return self.public_ip is not None


@dataclass(frozen=True, slots=True)
class Registration:
    """A managed node as ssm:DescribeInstanceProperties (or DescribeInstanceInformation) has it.

    `iam_role` is the role's name of a hybrid node (`service-role/x` with its path), None for EC2.
    """

    node_id: str
    ping: PingStatus
    last_ping: datetime | None
    agent_version: str
    platform_family: PlatformFamily
    platform: str
    computer_name: str
    ip_address: str | None
    iam_role: str | None
    registered: datetime | None


@dataclass(frozen=True, slots=True)
class NodeKey:
    """What tells one node from every other, over all scopes."""

    account: str
    region: str
    id: str


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the fleet: EC2 or hybrid, managed or not.

    `instance` is Absent for a hybrid node and Unreadable where EC2 would not list instances; `registration` is Absent
    for an unmanaged instance and Unreadable where Systems Manager would not list nodes.
    """

    key: NodeKey
    kind: NodeKind
    name: str
    tags: tuple[tuple[str, str], ...]
    instance: Instance | Absent | Unreadable
    registration: Registration | Absent | Unreadable

    @property
    def id(self) -> str:
        """`i-…` or `mi-…`."""
        return self.key.id

    def is_called(self, words: Collection[str]) -> bool:
        """Whether one of the words is its id or its exact Name tag."""
        return self.id in words or self.name in words

    @property
    def state(self) -> InstanceState | None:
        """EC2's state, None where there is none to read."""
        return self.instance.state if isinstance(self.instance, Instance) else None

    @property
    def ping(self) -> PingStatus | None:
        """The ping status, None for an unmanaged node."""
        return self.registration.ping if isinstance(self.registration, Registration) else None

    @property
    def managed(self) -> bool:
        """Whether Systems Manager lists it."""
        return isinstance(self.registration, Registration)

    @property
    def agent_version(self) -> str | None:
        """SSM Agent's version, None where no registration tells it."""
        return self.registration.agent_version if isinstance(self.registration, Registration) else None

    @property
    def platform(self) -> str:
        """The operating system in words, as exactly as it is known."""
        if isinstance(self.registration, Registration):
            return self.registration.platform
        return self.instance.platform_details if isinstance(self.instance, Instance) else ""

    @property
    def platform_family(self) -> PlatformFamily | None:
        """Linux, Windows or macOS; None where nothing tells."""
        if isinstance(self.registration, Registration):
            return self.registration.platform_family
        if not isinstance(self.instance, Instance):
            return None
        details = self.instance.platform_details.casefold()
        return PlatformFamily.WINDOWS if "windows" in details else PlatformFamily.LINUX


NODE_SPECIFIC_FIELDS: dict[type, frozenset[str]] = {
    Node: frozenset({"key", "name", "tags"}),
    Instance: frozenset({"id", "launched", "image_id", "private_ip", "public_ip", "ipv6_addresses"}),
    Registration: frozenset({"node_id", "last_ping", "computer_name", "ip_address", "registered"}),
}
"""The fields in which nodes that are judged together may differ. Any other tells them apart, new ones too."""

_WORDS = re.compile(r"\w+")

_SHARED = {
    of: tuple(each.name for each in fields(of) if each.name not in own) for of, own in NODE_SPECIFIC_FIELDS.items()
}


def node_traits(node: Node) -> Hashable:
    """Equal for nodes that differ in nothing but what is their own."""
    instance = node.instance
    return (
        node.kind,
        _shared(instance),
        isinstance(instance, Instance) and instance.has_public_ip,
        _shared(node.registration),
    )


@cache
def holds_node(kind: type) -> bool:
    """Whether values of a kind hold a node, or one of the parts that tell it from others."""
    return kind in NODE_SPECIFIC_FIELDS or (is_dataclass(kind) and any(map(_mentions_a_node, _hints_of(kind))))


def _hints_of(kind: type) -> tuple[object, ...]:
    try:
        return tuple(typing.get_type_hints(kind).values())
    except NameError:
        return tuple(kind.__annotations__.values())  # a library's names, imported for the type checker alone


def _mentions_a_node(hint: object) -> bool:
    if isinstance(hint, str):
        return any(of.__name__ in _WORDS.findall(hint) for of in NODE_SPECIFIC_FIELDS)
    if isinstance(hint, type) and not typing.get_args(hint):
        return holds_node(hint)
    return any(map(_mentions_a_node, typing.get_args(hint)))


def _shared(part: object) -> Hashable:
    names = _SHARED.get(type(part))
    if names is None:
        return part  # Absent or Unreadable: what it says is the same for all
    return tuple([getattr(part, name) for name in names])
