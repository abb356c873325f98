"""Nodes: an EC2 instance, a Systems Manager registration, or both joined; and the traits that nodes share."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from operator import attrgetter

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
class InstanceTraits:
    """What EC2 instances have in common that are judged together."""

    state: InstanceState
    platform_details: str
    subnet_id: str | None
    vpc_id: str | None
    security_group_ids: tuple[str, ...]
    has_public_ip: bool
    profile_arn: str | None
    metadata: MetadataOptions


@dataclass(frozen=True, slots=True)
class Instance(InstanceTraits):
    """An EC2 instance as ec2:DescribeInstances has it."""

    has_public_ip: bool = field(init=False, repr=False, compare=False)
    id: str
    launched: datetime
    image_id: str
    private_ip: str | None
    public_ip: str | None
    ipv6_addresses: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_public_ip", self.public_ip is not None)


@dataclass(frozen=True, slots=True)
class RegistrationTraits:
    """What managed nodes have in common that are judged together.

    `iam_role` is the role's name of a hybrid node (`service-role/x` with its path), None for EC2.
    """

    ping: PingStatus
    agent_version: str
    platform_family: PlatformFamily
    platform: str
    iam_role: str | None


@dataclass(frozen=True, slots=True)
class Registration(RegistrationTraits):
    """A managed node as ssm:DescribeInstanceProperties (or DescribeInstanceInformation) has it."""

    node_id: str
    last_ping: datetime | None
    computer_name: str
    ip_address: str | None
    registered: datetime | None


@dataclass(frozen=True, slots=True)
class NodeKey:
    """What tells one node from every other, over all scopes."""

    account: str
    region: str
    id: str


@dataclass(frozen=True, slots=True)
class NodeTraits:
    """What nodes have in common that are judged together: all but what tells one from another.

    `instance` is Absent for a hybrid node and Unreadable where EC2 would not list instances; `registration` is Absent
    for an unmanaged instance and Unreadable where Systems Manager would not list nodes.
    """

    kind: NodeKind
    instance: InstanceTraits | Absent | Unreadable
    registration: RegistrationTraits | Absent | Unreadable

    @property
    def state(self) -> InstanceState | None:
        """EC2's state, None where there is none to read."""
        return self.instance.state if isinstance(self.instance, InstanceTraits) else None

    @property
    def ping(self) -> PingStatus | None:
        """The ping status, None for an unmanaged node."""
        return self.registration.ping if isinstance(self.registration, RegistrationTraits) else None

    @property
    def managed(self) -> bool:
        """Whether Systems Manager lists it."""
        return isinstance(self.registration, RegistrationTraits)

    @property
    def agent_version(self) -> str | None:
        """SSM Agent's version, None where no registration tells it."""
        return self.registration.agent_version if isinstance(self.registration, RegistrationTraits) else None

    @property
    def platform(self) -> str:
        """The operating system in words, as exactly as it is known."""
        if isinstance(self.registration, RegistrationTraits):
            return self.registration.platform
        return self.instance.platform_details if isinstance(self.instance, InstanceTraits) else ""

    @property
    def platform_family(self) -> PlatformFamily | None:
        """Linux, Windows or macOS; None where nothing tells."""
        if isinstance(self.registration, RegistrationTraits):
            return self.registration.platform_family
        if not isinstance(self.instance, InstanceTraits):
            return None
        details = self.instance.platform_details.casefold()
        return PlatformFamily.WINDOWS if "windows" in details else PlatformFamily.LINUX


@dataclass(frozen=True, slots=True)
class Node(NodeTraits):
    """One node of the fleet: EC2 or hybrid, managed or not."""

    instance: Instance | Absent | Unreadable
    registration: Registration | Absent | Unreadable
    key: NodeKey
    name: str
    tags: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        """`i-…` or `mi-…`."""
        return self.key.id

    def is_called(self, words: Collection[str]) -> bool:
        """Whether one of the words is its id or its exact Name tag."""
        return self.id in words or self.name in words


def traits_of(node: Node) -> NodeTraits:
    """Return what the node has in common with the nodes that are judged with it."""
    instance, registration = node.instance, node.registration
    return NodeTraits(
        node.kind,
        InstanceTraits(*_INSTANCE_TRAITS(instance)) if isinstance(instance, Instance) else instance,
        RegistrationTraits(*_REGISTRATION_TRAITS(registration))
        if isinstance(registration, Registration)
        else registration,
    )


_INSTANCE_TRAITS = attrgetter(*(each.name for each in fields(InstanceTraits)))
_REGISTRATION_TRAITS = attrgetter(*(each.name for each in fields(RegistrationTraits)))


@cache
def holds_node(kind: type) -> bool:
    """Whether values of a kind hold a node, or one of the parts that tell it from others."""
    return kind in _IDENTITY or (is_dataclass(kind) and any(map(_mentions_a_node, _hints_of(kind))))


_IDENTITY = (Node, Instance, Registration)
_WORDS = re.compile(r"\w+")


def _hints_of(kind: type) -> tuple[object, ...]:
    try:
        return tuple(typing.get_type_hints(kind).values())
    except NameError:
        return tuple(kind.__annotations__.values())  # a library's names, imported for the type checker alone


def _mentions_a_node(hint: object) -> bool:
    if isinstance(hint, str):
        return any(of.__name__ in _WORDS.findall(hint) for of in _IDENTITY)
    if isinstance(hint, type) and not typing.get_args(hint):
        return holds_node(hint)
    return any(map(_mentions_a_node, typing.get_args(hint)))
