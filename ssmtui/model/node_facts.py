"""Facts about nodes: observations, preconditions of checks, activations, console output, and totals of a Region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ssmtui.model.fact import Unreadable
from ssmtui.model.node import ConnectionStatus, InstanceTraits, Node, NodeTraits, PingStatus, RegistrationTraits


@dataclass(frozen=True, slots=True)
class Observation:
    """What the node proves.

    `Online` proves the path to ssm, `connected` the path to ssmmessages and the control channel. `connection` is None
    if it was not read; it is read for every node that is not stopped.
    """

    ping: PingStatus | None
    connection: ConnectionStatus | Unreadable | None

    @property
    def online(self) -> bool:
        """Return whether the agent's heartbeat arrives."""
        return self.ping is PingStatus.ONLINE

    @property
    def connected(self) -> bool:
        """Return whether the control channel of the node is open."""
        return self.connection is ConnectionStatus.CONNECTED


@dataclass(frozen=True, slots=True)
class SampleNode:
    """One of the nodes that share a read: AWS's answer about it holds for all of them."""

    node: Node


@dataclass(frozen=True, slots=True)
class InspectedNode:
    """A node that the user named or shows: it gets a deep inspection."""

    node: Node


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that is not stopped: a running or starting instance, or a hybrid node."""

    node: NodeTraits


@dataclass(frozen=True, slots=True)
class RunningInstance:
    """A running EC2 instance with readable settings."""

    node: NodeTraits
    instance: InstanceTraits


@dataclass(frozen=True, slots=True)
class ManagedNode:
    """A node that Systems Manager lists and that is not stopped."""

    node: NodeTraits
    registration: RegistrationTraits


@dataclass(frozen=True, slots=True)
class ManagedHybridNode:
    """A node outside EC2, registered with an activation."""

    node: NodeTraits
    registration: RegistrationTraits


@dataclass(frozen=True, slots=True)
class WindowsNode:
    """A managed node that runs Windows: it supports remote desktops."""

    node: NodeTraits


@dataclass(frozen=True, slots=True)
class UnmanagedInstance:
    """A running EC2 instance that Systems Manager does not list."""

    node: NodeTraits
    instance: InstanceTraits


@dataclass(frozen=True, slots=True)
class HostManagementDelay:
    """A node that relies on default host management, whose setting is newer than AWS's delay."""

    node: NodeTraits
    set_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ProfileAttachment:
    """When an instance that does not report got its instance profile."""

    attached: datetime


@dataclass(frozen=True, slots=True)
class ImpairedInstances:
    """The instances of the Region that fail EC2's status checks, with the failed checks: `instance`, `system`."""

    checks_by_id: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UnconnectedNode:
    """A node that is not `Online` or not `connected`, so that the paths to ssm and ssmmessages must be checked."""

    node: NodeTraits
    observation: Observation


@dataclass(frozen=True, slots=True)
class HostManagedInstance:
    """A running instance whose own profile has no working role, while default host management is on."""

    node: NodeTraits
    instance: InstanceTraits


@dataclass(frozen=True, slots=True)
class RegisteredMachine:
    """A machine's description of itself at registration: two nodes with the same description are the same machine."""

    computer_name: str
    ip_address: str


@dataclass(frozen=True, slots=True)
class HybridMachine:
    """A node outside EC2, and its machine's description of itself."""

    id: str
    computer_name: str


@dataclass(frozen=True, slots=True)
class NodesAlike:
    """Nodes with the same role. Thousands of nodes share it as a key, so its hash is computed once."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class RequestedNodes:
    """The IDs and exact names of the nodes that a run is about; empty: all nodes."""

    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestedIds:
    """The IDs of the requested nodes, to list only these nodes; None: all nodes are listed.

    `similar` are names of other nodes that resemble a requested name without a node.
    """

    ids: tuple[str, ...] | None = None
    similar: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstancesByProfile:
    """The listed instances that are not terminated, by the ARN of their instance profile (None: no profile)."""

    nodes: Mapping[str | None, NodesAlike]


@dataclass(frozen=True, slots=True)
class ManagedFleet:
    """The managed nodes of a Region, or only the requested nodes: then not `is_whole`.

    `newest_agent` is empty if no node has a version. `by_machine` has the sorted IDs of the nodes with the same name
    and address; `hybrid_at` the IDs of nodes outside EC2 by address, `by_role` by role.
    """

    ids: tuple[str, ...]
    newest_agent: str
    by_machine: Mapping[RegisteredMachine, tuple[str, ...]]
    hybrid_at: Mapping[str, tuple[HybridMachine, ...]] = field(default_factory=dict)
    by_role: Mapping[str, NodesAlike] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def count(self) -> int:
        """Return the number of managed nodes."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class WholeFleet:
    """What all managed nodes of a Region come to; only if all are listed, not only requested nodes."""

    count: int
    newest_agent: str


@dataclass(frozen=True, slots=True)
class AddressQuery:
    """An address whose managed nodes must be found, because not all managed nodes are listed."""

    address: str


class FleetAtAddress(ManagedFleet):
    """The managed nodes of a Region with the same address."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ActivationTier:
    """The service setting of a Region for hybrid nodes: sessions need the advanced-instances tier."""

    setting_arn: str
    advanced: bool


@dataclass(frozen=True, slots=True)
class MetadataDefaults:
    """The account's settings of a Region for the metadata service of instances.

    `tokens_enforced`: EC2 refuses to allow IMDSv1 on an instance that requires IMDSv2. `by_policy`: a declarative
    policy of the organization made the settings, and the account cannot change them.
    """

    tokens_enforced: bool
    by_policy: bool = False


@dataclass(frozen=True, slots=True)
class Activation:
    """A hybrid activation: its expiration, and the number of registered machines (at most `limit`)."""

    id: str
    expired: bool
    expires: datetime | None
    limit: int
    registered: int

    @property
    def used_up(self) -> bool:
        """Return whether no more machines can register."""
        return self.registered >= self.limit


@dataclass(frozen=True, slots=True)
class Activations:
    """The activations of a Region by the name of their role, without its path; the latest expiration first."""

    by_role: Mapping[str, tuple[Activation, ...]]


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """The Windows service NTDS in the inventory (`AWS:Service`). A node with this service is a domain controller."""

    running: bool
    captured: str


@dataclass(frozen=True, slots=True)
class ConsoleOutput:
    """The console output of an instance (ec2:GetConsoleOutput), decoded; at most the last 64 KB."""

    text: str
    captured: datetime | None


@dataclass(frozen=True, slots=True)
class ConsoleOutputQuery:
    """An instance whose console output is read: it is away, or the user selects it while it is connected.

    `connected` is also set if the connection status could not be read.
    """

    connected: bool


@dataclass(frozen=True, slots=True)
class SilentConsole:
    """The console output of an instance that is not connected: the agent may have written the reason there."""

    output: ConsoleOutput
