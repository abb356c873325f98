"""What a node itself has proved, and the preconditions that make a question about it meaningful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ssmtui.model.answers import Unreadable
from ssmtui.model.node import ConnectionStatus, Instance, Node, PingStatus, Registration


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
class PointedAt:
    """A node that somebody named or looks at: it is examined further than the fleet is."""

    node: Node


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that is not stopped: a running (or starting) instance, or a hybrid node."""

    node: Node


@dataclass(frozen=True, slots=True)
class RunningInstance:
    """A running EC2 instance, whose settings EC2 lets us read."""

    node: Node
    instance: Instance


@dataclass(frozen=True, slots=True)
class ManagedNode:
    """A node that Systems Manager lists and that is not stopped."""

    node: Node
    registration: Registration


@dataclass(frozen=True, slots=True)
class ManagedHybridNode:
    """A node outside EC2, registered by an activation."""

    node: Node
    registration: Registration


@dataclass(frozen=True, slots=True)
class WindowsNode:
    """A managed node that runs Windows: remote desktops can be opened to it."""

    node: Node


@dataclass(frozen=True, slots=True)
class UnmanagedInstance:
    """A running EC2 instance that Systems Manager does not list."""

    node: Node
    instance: Instance


@dataclass(frozen=True, slots=True)
class HostManagementDelay:
    """A node that relies on default host management, which was set less than AWS's own delay ago."""

    node: Node
    set_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ProfileAttachment:
    """When an instance that does not report was given its instance profile."""

    node: Node
    attached: datetime


@dataclass(frozen=True, slots=True)
class ImpairedInstances:
    """The instances of the Region that fail EC2's status checks, and which of the two: `instance`, `system`."""

    checks_by_id: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class UnconnectedNode:
    """A node that is not both `Online` and `connected`, so that the ways to ssm and ssmmessages are in question."""

    node: Node
    observation: Observation


@dataclass(frozen=True, slots=True)
class HostManagedInstance:
    """A running instance whose own profile gives it no role that works, where default host management is on."""

    node: Node
    instance: Instance
