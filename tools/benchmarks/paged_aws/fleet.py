"""Build the fleet: every tenth node is broken, in one of twelve ways; each node has its expected result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tools.benchmarks.paged_aws.ground import (
    AUDIT,
    BILLING,
    CLOSED_VPCS,
    DESKTOP,
    LEGACY,
    OPEN_VPCS,
    REPORTS,
    SEALED_VPC,
    SOUND,
    STORES,
    UNLOGGED_VPC,
    VAULT,
    Role,
    Vpc,
    WayOut,
    identifier,
)

NEWEST_AGENT: Final = "3.3.5828.0"
OLD_AGENT: Final = "2.3.50.0"


@dataclass(frozen=True, slots=True)
class FleetNode:
    """One node as AWS describes it, with the expected verdict and root cause.

    `ping` is None if Systems Manager does not list the node, `role` if the node has no profile.
    """

    number: int
    role: Role | None
    vpc: Vpc
    hybrid: bool = False
    windows: bool = False
    running: bool = True
    shut_in: bool = False
    agent: str = NEWEST_AGENT
    ping: str | None = "Online"
    connected: bool = True
    way: str = ""
    verdict: str = "ok"
    root_cause: str | None = None

    @property
    def id(self) -> str:
        """The node's id."""
        return identifier("mi" if self.hybrid else "i", self.number + 1)

    @property
    def name(self) -> str:
        """Its name tag."""
        return f"{self.role.name if self.role else 'stray'}-{self.number:05d}"

    @property
    def subnet(self) -> str:
        """The node's subnet."""
        return self.vpc.subnet(self.number % 2)

    @property
    def security_group(self) -> str:
        """The node's security group."""
        return self.vpc.closed_group if self.shut_in else self.vpc.nodes_group

    @property
    def address(self) -> str:
        """Its private address, within its subnet."""
        return f"10.{self.vpc.number}.{self.number % 2 * 128 + self.number // 2 % 128}.{10 + self.number // 256 % 240}"


WAYS: Final = (
    "no profile",
    "role without permissions",
    "role without channels",
    "log group unreadable",
    "key denied",
    "endpoints closed",
    "no route",
    "no endpoint for logs",
    "no outbound rule",
    "agent too old",
    "connection lost",
    "stopped",
)


def fleet(size: int) -> tuple[FleetNode, ...]:
    """Return a fleet of that many nodes: 10 % broken, 1 % hybrid, 5 % Windows."""
    return tuple(_nodes(size))


def _nodes(size: int) -> Iterator[FleetNode]:
    for number in range(size):
        if number % 10 == 9:
            yield _broken(_sound(number), WAYS[number // 10 % len(WAYS)])
        elif number % 100 == 50:
            yield replace(_sound(number), role=STORES, hybrid=True)
        elif number % 20 == 4:
            yield replace(_sound(number), role=DESKTOP, windows=True)
        else:
            yield _sound(number)


def _sound(number: int) -> FleetNode:
    return FleetNode(number, SOUND[number % (len(SOUND) - 1)], OPEN_VPCS[number // 7 % len(OPEN_VPCS)])


def _broken(node: FleetNode, way: str) -> FleetNode:
    """Return the node, broken in this way, with its expected result."""
    second = node.number // 10 // len(WAYS) % 2
    node = replace(node, way=way, verdict="fail", connected=False)
    match way:
        case "no profile":
            return replace(node, role=None, ping=None, root_cause="instance-profile-missing")
        case "role without permissions":
            return replace(node, role=LEGACY, ping=None, root_cause="role-core-denied")
        case "role without channels":
            return replace(node, role=REPORTS, root_cause="role-channels-denied")
        case "log group unreadable":
            role = (AUDIT, BILLING)[second]
            return replace(node, role=role, connected=True, root_cause="log-group-unreadable")
        case "key denied":
            return replace(node, role=VAULT, connected=True, root_cause="kms-node-denied")
        case "endpoints closed":
            cause = "endpoint-security-group-closed"
            return replace(node, vpc=CLOSED_VPCS[second], ping="ConnectionLost", root_cause=cause)
        case "no route":
            return replace(node, vpc=SEALED_VPC, ping=None, root_cause="no-route-to-endpoint")
        case "no endpoint for logs":
            return replace(node, vpc=UNLOGGED_VPC, connected=True, root_cause="log-endpoint-missing")
        case "no outbound rule":
            routed = tuple(each for each in OPEN_VPCS if each.way_out is WayOut.NAT)
            return replace(node, vpc=routed[second], shut_in=True, ping="ConnectionLost", root_cause="egress-blocked")
        case "agent too old":
            return replace(node, agent=OLD_AGENT, connected=True, root_cause="agent-too-old")
        case "connection lost":
            return replace(node, ping="ConnectionLost", root_cause="connection-lost")
        case _:
            return replace(node, running=False, ping="ConnectionLost", verdict="stopped", root_cause=None)
