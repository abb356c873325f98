"""What can be said of the way from a node to a service: it is open, closed at a hop, or lost from sight behind one."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.checks.network.packet_filters import Place, network_of
from ssmtui.model.address_block import AddressBlock
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Evidence
from ssmtui.model.network import (
    Endpoints,
    NatGateways,
    NetworkAcls,
    Placement,
    PrefixLists,
    RouteTables,
    SecurityGroups,
    Subnets,
    VpcDns,
)
from ssmtui.model.subject import Subject, SubjectKind


@dataclass(frozen=True, slots=True)
class Open:
    """Nothing that can be seen stands in the way. `via` is what it leads through: an endpoint's id, a gateway's."""

    via: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The hop where the way ends: the slug of its cause, the thing that a fix would change, and a sentence's start."""

    cause: str
    subject: Subject
    hop: str
    evidence: tuple[Evidence, ...]
    fixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutOfSight:
    """The way leads out of sight behind a hop, or a rule cannot be evaluated. `cause` is what it may be.

    `needs` are the IAM actions that would settle it, where any would.
    """

    cause: str
    subject: Subject
    hop: str
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...] = ()


Way = Open | Closed | OutOfSight


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A node in its network. `account` is whose eyes we look with: other accounts' subnets show themselves in part."""

    account: str
    placement: Placement
    block: AddressBlock
    subnets: Subnets
    routes: RouteTables
    groups: SecurityGroups
    acls: NetworkAcls
    endpoints: Endpoints
    dns: VpcDns
    nats: NatGateways | Unreadable
    lists: PrefixLists | Unreadable
    region: str

    @property
    def node(self) -> Place:
        """The node as rules about it see it."""
        return Place(network_of(self.block.cidr), self.placement.security_group_ids)

    @property
    def subnet(self) -> Subject:
        """The node's subnet."""
        return Subject(SubjectKind.SUBNET, self.placement.subnet_id)

    @property
    def vpc(self) -> Subject:
        """The node's VPC."""
        return Subject(SubjectKind.VPC, self.placement.vpc_id)
