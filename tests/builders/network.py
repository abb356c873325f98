"""Builders of a small network: `vpc-1` with the node's subnet and one of endpoints, everything open but the way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.model.fact import Unreadable
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    Endpoints,
    EndpointType,
    GroupRule,
    NatGateway,
    NatGateways,
    NetworkAcl,
    NetworkAcls,
    Placement,
    PrefixLists,
    Route,
    RouteTable,
    RouteTables,
    RouteTarget,
    SecurityGroup,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
    rule_networks,
)
from tests.builders.fleet import ACCOUNT, REGION
from tests.builders.policies import a_policy

VPC = "vpc-1"
NODE_SUBNET, ENDPOINT_SUBNET = "subnet-nodes", "subnet-endpoints"
NODE_IP, NODE_CIDR, ENDPOINT_CIDR = "10.0.1.10", "10.0.1.0/24", "10.0.2.0/24"
NODE_IPV6_CIDR = "2001:db8:0:1::/64"
NODE_GROUP, ENDPOINT_GROUP = "sg-nodes", "sg-endpoints"
LOCAL = Route("10.0.0.0/16", RouteTarget.LOCAL, "local")
TO_NAT = Route("0.0.0.0/0", RouteTarget.NAT_GATEWAY, "nat-1")
TO_INTERNET = Route("0.0.0.0/0", RouteTarget.INTERNET_GATEWAY, "igw-1")
NO_LISTS: Mapping[str, tuple[str, ...]] = MappingProxyType({})
NAT_SUBNET, NAT_CIDR = "subnet-public", "10.0.3.0/24"
NAT = NatGateway("nat-1", VPC, "available", public=True, subnet_id=NAT_SUBNET)
ALL_OUT = GroupRule("-1", None, None, ("0.0.0.0/0",))


def https(*cidrs: str, groups: tuple[str, ...] = (), lists: tuple[str, ...] = ()) -> GroupRule:
    """A rule for TCP 443."""
    return GroupRule("tcp", 443, 443, cidrs, groups, lists)


def group(
    id_: str = NODE_GROUP, *, ingress: tuple[GroupRule, ...] = (), egress: tuple[GroupRule, ...] = (ALL_OUT,)
) -> SecurityGroup:
    """A security group that lets everything out and nothing in."""
    return SecurityGroup(id_, id_, VPC, ingress, egress)


def entry(
    number: int,
    *,
    egress: bool,
    allow: bool = True,
    cidr: str = "0.0.0.0/0",
    ports: tuple[int, int] | None = None,
) -> AclEntry:
    """An entry of a network ACL: for all protocols, or for TCP where it names ports."""
    low, high = ports if ports else (None, None)
    return AclEntry(number, egress, allow, "6" if ports else "-1", cidr, low, high)


def acl(id_: str, subnet_id: str, *entries: AclEntry) -> NetworkAcl:
    """A network ACL; the default one's entries, where none are given."""
    return NetworkAcl(id_, VPC, (subnet_id,), entries or (entry(100, egress=True), entry(100, egress=False)))


def interface(
    service: str, *, private_dns: bool = True, available: bool = True, subnets: tuple[str, ...] = (ENDPOINT_SUBNET,)
) -> Endpoint:
    """An interface endpoint behind the group of endpoints."""
    return Endpoint(
        f"vpce-{service}",
        VPC,
        service,
        EndpointType.INTERFACE,
        available,
        private_dns,
        subnets,
        (ENDPOINT_GROUP,),
        (),
        a_policy(),
    )


def gateway(service: str = "s3", *, tables: tuple[str, ...] = ("rtb-1",)) -> Endpoint:
    """A gateway endpoint in route tables."""
    kind = EndpointType.GATEWAY
    return Endpoint(f"vpce-{service}", VPC, service, kind, True, False, (), (), tables, a_policy())


def a_placement(*, public: bool = False, groups: tuple[str, ...] = (NODE_GROUP,)) -> Placement:
    """Where the node sits."""
    return Placement(NODE_SUBNET, VPC, groups, public)


def surroundings(
    *endpoints: Endpoint,
    routes: tuple[Route, ...] = (),
    groups: tuple[SecurityGroup, ...] = (),
    acls: tuple[NetworkAcl, ...] = (),
    placement: Placement | None = None,
    dns: VpcDns | None = None,
    owner: str = ACCOUNT,
    ipv6_native: bool = False,
    dns64: bool = False,
    nats: tuple[NatGateway, ...] | Unreadable = (NAT,),
    nat_routes: tuple[Route, ...] = (TO_INTERNET,),
    lists: Mapping[str, tuple[str, ...]] | Unreadable = NO_LISTS,
    edge: tuple[Route, ...] | None = None,
) -> NetworkContext:
    """A node without a way out; groups and ACLs that are given take the place of the open ones of the same id.

    `nat-1` stands in a subnet of its own, whose routes are `nat_routes`; `edge` are those of the internet gateway.
    """
    by_id = {each.id: each for each in (group(), group(ENDPOINT_GROUP, ingress=(https(NODE_CIDR),)), *groups)}
    open_acls = (acl("acl-nodes", NODE_SUBNET), acl("acl-endpoints", ENDPOINT_SUBNET), acl("acl-public", NAT_SUBNET))
    guards = {each.id: each for each in (*open_acls, *acls)}
    subnets = (
        Subnet(NODE_SUBNET, VPC, owner, NODE_CIDR, ipv6_native, NODE_IPV6_CIDR if ipv6_native else "", dns64),
        Subnet(ENDPOINT_SUBNET, VPC, owner, ENDPOINT_CIDR, False),
        Subnet(NAT_SUBNET, VPC, owner, NAT_CIDR, False),
    )
    tables: tuple[RouteTable, ...] = (
        RouteTable("rtb-1", VPC, True, (), (LOCAL, *routes)),
        RouteTable("rtb-public", VPC, False, (NAT_SUBNET,), (LOCAL, *nat_routes)),
    )
    if edge is not None:
        tables += (RouteTable("rtb-edge", VPC, False, (), (LOCAL, *edge), ("igw-1",)),)
    known_groups, known_acls, known_tables = (
        SecurityGroups(by_id),
        NetworkAcls(tuple(guards.values())),
        RouteTables(tables),
    )
    known_lists = lists if isinstance(lists, Unreadable) else PrefixLists(lists)
    rules = rule_networks(
        known_groups, known_acls, known_tables, known_lists if isinstance(known_lists, PrefixLists) else None
    )
    return NetworkContext(
        account=ACCOUNT,
        placement=placement or a_placement(),
        block=rules.block_of(NODE_IP, NODE_CIDR),
        subnets=Subnets({each.id: each for each in subnets}),
        routes=known_tables,
        groups=known_groups,
        acls=known_acls,
        endpoints=Endpoints(endpoints),
        dns=dns or VpcDns(VPC, support=True, hostnames=True),
        lists=known_lists,
        region=REGION,
        nats=nats if isinstance(nats, Unreadable) else NatGateways({each.id: each for each in nats}),
    )


def closed_group(id_: str) -> SecurityGroup:
    """A security group without a rule."""
    return replace(group(id_), ingress=(), egress=())
