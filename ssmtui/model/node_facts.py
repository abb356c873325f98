"""Facts about nodes: observations, preconditions of checks, activations, console output, and totals of a Region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ssmtui.model.fact import Unreadable
from ssmtui.model.node import ConnectionStatus, InstanceTraits, Node, NodeTraits, PingStatus, RegistrationTraits


@dataclass(frozen=True, slots=True)
class Observation:
    """What the node proved: `Online` the way to ssm, `connected` the way to ssmmessages and the control channel.

    `connection` is None where it was not asked for; it is asked of every node that is not stopped.
    """

    ping: PingStatus | None
    connection: ConnectionStatus | Unreadable | None

    @property
    def online(self) -> bool:
        """Whether the agent's heartbeat arrives."""
        return self.ping is PingStatus.ONLINE

    @property
    def connected(self) -> bool:
        """Whether the node holds its control channel open."""
        return self.connection is ConnectionStatus.CONNECTED


@dataclass(frozen=True, slots=True)
class SampleNode:
    """One of the nodes that share a read: what AWS answers about it holds for all of them."""

    node: Node


@dataclass(frozen=True, slots=True)
class InspectedNode:
    """A node that somebody named or looks at: it is examined further than the fleet is."""

    node: Node


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that is not stopped: a running (or starting) instance, or a hybrid node."""

    node: NodeTraits


@dataclass(frozen=True, slots=True)
class RunningInstance:
    """A running EC2 instance, whose settings EC2 lets us read."""

    node: NodeTraits
    instance: InstanceTraits


@dataclass(frozen=True, slots=True)
class ManagedNode:
    """A node that Systems Manager lists and that is not stopped."""

    node: NodeTraits
    registration: RegistrationTraits


@dataclass(frozen=True, slots=True)
class ManagedHybridNode:
    """A node outside EC2, registered by an activation."""

    node: NodeTraits
    registration: RegistrationTraits


@dataclass(frozen=True, slots=True)
class WindowsNode:
    """A managed node that runs Windows: remote desktops can be opened to it."""

    node: NodeTraits


@dataclass(frozen=True, slots=True)
class UnmanagedInstance:
    """A running EC2 instance that Systems Manager does not list."""

    node: NodeTraits
    instance: InstanceTraits


@dataclass(frozen=True, slots=True)
class HostManagementDelay:
    """A node that relies on default host management, which was set less than AWS's own delay ago."""

    node: NodeTraits
    set_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ProfileAttachment:
    """When an instance that does not report was given its instance profile."""

    attached: datetime


@dataclass(frozen=True, slots=True)
class ImpairedInstances:
    """The instances of the Region that fail EC2's status checks, and which of the two: `instance`, `system`."""

    checks_by_id: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UnconnectedNode:
    """A node that is not both `Online` and `connected`, so that the ways to ssm and ssmmessages are in question."""

    node: NodeTraits
    observation: Observation


@dataclass(frozen=True, slots=True)
class HostManagedInstance:
    """A running instance whose own profile gives it no role that works, where default host management is on."""

    node: NodeTraits
    instance: InstanceTraits


@dataclass(frozen=True, slots=True)
class RegisteredMachine:
    """What a machine says of itself when it registers: two nodes that say the same are the same machine."""

    computer_name: str
    ip_address: str


@dataclass(frozen=True, slots=True)
class HybridMachine:
    """A node outside EC2, and what its machine calls itself."""

    id: str
    computer_name: str


@dataclass(frozen=True, slots=True)
class NodesAlike:
    """Nodes that have one role in common. Thousands share it, and each looks it up: so its hash is made once."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class InstancesByProfile:
    """The instances of a Region that are not stopped, by the ARN of their instance profile; None of those without."""

    nodes: Mapping[str | None, NodesAlike]


@dataclass(frozen=True, slots=True)
class ManagedFleet:
    """The managed nodes of a Region. `newest_agent` is empty where no node tells a version.

    `by_machine` holds the ids of the nodes that give one name and address, in the order of their ids; `hybrid_at`
    those of the nodes outside EC2 that give an address, `by_role` those that name one role.
    """

    ids: tuple[str, ...]
    newest_agent: str
    by_machine: Mapping[RegisteredMachine, tuple[str, ...]]
    hybrid_at: Mapping[str, tuple[HybridMachine, ...]] = field(default_factory=dict)
    by_role: Mapping[str, NodesAlike] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class ActivationTier:
    """The service setting for hybrid nodes of a Region: sessions need the advanced-instances tier."""

    setting_arn: str
    advanced: bool


@dataclass(frozen=True, slots=True)
class Activation:
    """A hybrid activation: until when machines may register with it, and how many have (`limit` at most)."""

    id: str
    expired: bool
    expires: datetime | None
    limit: int
    registered: int

    @property
    def used_up(self) -> bool:
        """Whether it admits no further machine."""
        return self.registered >= self.limit


@dataclass(frozen=True, slots=True)
class Activations:
    """The activations of a Region by the name of their role, without its path; the latest to expire first."""

    by_role: Mapping[str, tuple[Activation, ...]]


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """The Windows service NTDS in the inventory (`AWS:Service`). A node where it runs is a domain controller."""

    running: bool
    captured: str


@dataclass(frozen=True, slots=True)
class ConsoleOutput:
    """The instance's console output (ec2:GetConsoleOutput), decoded; at most its last 64 KB."""

    text: str
    captured: datetime | None


@dataclass(frozen=True, slots=True)
class ConsoleAsked:
    """An instance whose console is read: one that is away, or that somebody points at while it is connected.

    `connected` is told of one, too, that may be: nobody could ask.
    """

    connected: bool


@dataclass(frozen=True, slots=True)
class SilentConsole:
    """The console output of an instance that is not connected: its agent may say there why."""

    output: ConsoleOutput
