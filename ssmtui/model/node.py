"""Nodes: an EC2 instance, a Systems Manager registration, or both joined; and the traits that nodes share."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Hashable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter

from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.identity_enum import IdentityEnum


class NodeKind(IdentityEnum):
    """Where a node runs; the value is printed in reports."""

    EC2 = "ec2"
    HYBRID = "hybrid"

    @classmethod
    def of_id(cls, node_id: str) -> NodeKind:
        """Return the kind of node that an ID is of: that of a hybrid node begins with `mi-`."""
        return cls.HYBRID if node_id.startswith("mi-") else cls.EC2


class InstanceState(IdentityEnum):
    """EC2's instance state."""

    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


class PlatformFamily(IdentityEnum):
    """The family of the operating system, as in Systems Manager's PlatformType."""

    LINUX = "Linux"
    WINDOWS = "Windows"
    MACOS = "MacOS"


class PingStatus(IdentityEnum):
    """Systems Manager's PingStatus."""

    ONLINE = "Online"
    CONNECTION_LOST = "ConnectionLost"
    INACTIVE = "Inactive"


class ConnectionStatus(IdentityEnum):
    """The status from GetConnectionStatus: whether the control channel of the node is open."""

    CONNECTED = "connected"
    NOT_CONNECTED = "notconnected"


class MetadataTokens(IdentityEnum):
    """Whether the instance metadata service requires IMDSv2 tokens."""

    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """EC2's MetadataOptions."""

    endpoint_enabled: bool
    tokens: MetadataTokens


@dataclass(frozen=True, slots=True)
class InstanceTraits:
    """The shared properties of EC2 instances that are checked together.

    `managed_by` is the principal of the service that manages the instance (EC2's `Operator`, such as
    `eks.amazonaws.com`), None for an instance that its account manages.
    """

    state: InstanceState
    platform_details: str
    subnet_id: str | None
    vpc_id: str | None
    security_group_ids: tuple[str, ...]
    has_public_ip: bool
    profile_arn: str | None
    metadata: MetadataOptions
    managed_by: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Instance(InstanceTraits):
    """An EC2 instance from ec2:DescribeInstances."""

    has_public_ip: bool = field(init=False, repr=False, compare=False)
    id: str
    launched: datetime
    image_id: str
    private_ip: str | None
    public_ip: str | None
    ipv6_addresses: tuple[str, ...]
    instance_type: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_public_ip", self.public_ip is not None)


@dataclass(frozen=True, slots=True)
class RegistrationTraits:
    """The shared properties of managed nodes that are checked together.

    `iam_role` is the name of a hybrid node's role (`service-role/x` with its path), None for EC2. `source_type` is
    Systems Manager's SourceType as it is, empty if not known.
    """

    ping: PingStatus
    agent_version: str
    platform_family: PlatformFamily
    platform: str
    iam_role: str | None
    source_type: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Registration(RegistrationTraits):
    """A managed node from ssm:DescribeInstanceProperties (or DescribeInstanceInformation).

    `source_id` and `source_location` are the ID and the place of a machine in another cloud.
    """

    node_id: str
    last_ping: datetime | None
    computer_name: str
    ip_address: str | None
    registered: datetime | None
    source_id: str = field(default="", kw_only=True)
    source_location: str = field(default="", kw_only=True)


AZURE_MACHINE = "Microsoft.Compute/virtualMachines"
GOOGLE_CLOUD_MACHINE = "compute.googleapis.com/Instance"
IOT_THING = "AWS::IoT::Thing"
"""SourceTypes of machines outside EC2; other hybrid nodes are `AWS::SSM::ManagedInstance`."""

SOURCE_TYPES = frozenset(
    {"AWS::EC2::Instance", "AWS::SSM::ManagedInstance", IOT_THING, AZURE_MACHINE, GOOGLE_CLOUD_MACHINE}
)
"""The SourceTypes that AWS documents."""

CLOUDS = {AZURE_MACHINE: "Azure", GOOGLE_CLOUD_MACHINE: "Google Cloud", IOT_THING: "IoT"}
"""The names of the places of machines outside EC2, by SourceType."""


NODE_ID = re.compile(r"m?i-[0-9a-f]{8}(?:[0-9a-f]{9})?")
"""The form of a node's ID. A word of this form is an ID; every other word is a name."""


@dataclass(frozen=True, slots=True)
class NodeKey:
    """The unique key of a node across all scopes."""

    account: str
    region: str
    id: str

    def __hash__(self) -> int:
        # Each node's key is hashed dozens of times. The ID alone takes half the time, and differs between nodes.
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class NodeTraits:
    """The shared properties of nodes that are checked together: everything except for the identity of a node.

    `instance` is Absent for a hybrid node and Unreadable if EC2 instances could not be listed; `registration` is Absent
    for an unmanaged instance and Unreadable if Systems Manager nodes could not be listed.
    """

    kind: NodeKind
    instance: InstanceTraits | Absent | Unreadable
    registration: RegistrationTraits | Absent | Unreadable

    @property
    def state(self) -> InstanceState | None:
        """Return the instance state, or None."""
        return self.instance.state if isinstance(self.instance, InstanceTraits) else None

    @property
    def ping(self) -> PingStatus | None:
        """Return the ping status, or None for an unmanaged node."""
        return self.registration.ping if isinstance(self.registration, RegistrationTraits) else None

    @property
    def service(self) -> str | None:
        """Return the principal of the AWS service that manages the instance; None if its account does."""
        return self.instance.managed_by if isinstance(self.instance, InstanceTraits) else None

    @property
    def is_restricted(self) -> bool:
        """Return whether users cannot connect: an AWS service manages the instance, and no agent on it reports."""
        if self.service is None:
            return False
        return not isinstance(self.registration, Unreadable) and self.ping is not PingStatus.ONLINE

    @property
    def source_type(self) -> str:
        """Return Systems Manager's SourceType, empty if not known."""
        return self.registration.source_type if isinstance(self.registration, RegistrationTraits) else ""

    @property
    def cloud(self) -> str:
        """Return the name of the place of a machine outside EC2; empty for EC2 and for other hybrid nodes."""
        return CLOUDS.get(self.source_type, "")

    @property
    def managed(self) -> bool:
        """Return whether Systems Manager lists the node."""
        return isinstance(self.registration, RegistrationTraits)

    @property
    def agent_version(self) -> str | None:
        """Return the version of SSM Agent, or None without a registration."""
        return self.registration.agent_version if isinstance(self.registration, RegistrationTraits) else None

    @property
    def platform(self) -> str:
        """Return the operating system in words, as precisely as it is known."""
        if isinstance(self.registration, RegistrationTraits):
            return self.registration.platform
        return self.instance.platform_details if isinstance(self.instance, InstanceTraits) else ""

    @property
    def platform_family(self) -> PlatformFamily | None:
        """Return Linux, Windows or macOS, or None if unknown."""
        if isinstance(self.registration, RegistrationTraits):
            return self.registration.platform_family
        if not isinstance(self.instance, InstanceTraits):
            return None
        details = self.instance.platform_details.casefold()
        return PlatformFamily.WINDOWS if "windows" in details else PlatformFamily.LINUX


@dataclass(frozen=True, slots=True)
class Node(NodeTraits):
    """A node of the fleet: EC2 or hybrid, managed or not."""

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
        """Return whether one of the words is the node's ID or exact Name tag."""
        return self.id in words or self.name in words


def traits_of(node: Node) -> NodeTraits:
    """Return the properties that the node shares with nodes that are checked together with it."""
    instance, registration = node.instance, node.registration
    return NodeTraits(
        node.kind,
        InstanceTraits(*_INSTANCE_TRAITS(instance), managed_by=instance.managed_by)
        if isinstance(instance, Instance)
        else instance,
        RegistrationTraits(*_REGISTRATION_TRAITS(registration), source_type=registration.source_type)
        if isinstance(registration, Registration)
        else registration,
    )


def traits_key(node: Node) -> Hashable:
    """Return a key that is equal for nodes with equal traits. It is made and hashed in a fifth of their time."""
    instance, registration = node.instance, node.registration
    return (
        node.kind,
        (_INSTANCE_TRAITS(instance), instance.managed_by) if isinstance(instance, Instance) else instance,
        (_REGISTRATION_TRAITS(registration), registration.source_type)
        if isinstance(registration, Registration)
        else registration,
    )


_INSTANCE_TRAITS = attrgetter(*(each.name for each in fields(InstanceTraits) if not each.kw_only))
_REGISTRATION_TRAITS = attrgetter(*(each.name for each in fields(RegistrationTraits) if not each.kw_only))


@cache
def holds_node(kind: type) -> bool:
    """Return whether values of a kind contain a node, or a part that identifies a node."""
    return kind in _IDENTITY or (is_dataclass(kind) and any(map(_mentions_a_node, _hints_of(kind))))


_IDENTITY = (Node, Instance, Registration)
_WORDS = re.compile(r"\w+")


def _hints_of(kind: type) -> tuple[object, ...]:
    try:
        return tuple(typing.get_type_hints(kind).values())
    except NameError:
        return tuple(kind.__annotations__.values())  # a library's names, imported only for type checking


def _mentions_a_node(hint: object) -> bool:
    if isinstance(hint, str):
        return any(of.__name__ in _WORDS.findall(hint) for of in _IDENTITY)
    if isinstance(hint, type) and not typing.get_args(hint):
        return holds_node(hint)
    return any(map(_mentions_a_node, typing.get_args(hint)))
