"""Compare networks: the packet followed step by step, with the path that the product sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from ssmtui.analysis.network.paths import find_path
from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, OpenPath, expand_prefix_lists
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    EndpointAddresses,
    EndpointInterface,
    Endpoints,
    EndpointType,
    GroupRule,
    InternetBlock,
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
from tools.trust.oracle.hidden_values import with_other_values
from tools.trust.oracle.packets import reaches
from tools.trust.oracle.policy_language import Reading
from tools.trust.oracle.random_networks import REGION, VPC, a_network
from tools.trust.oracle.trial import Case, Trial

_KINDS = {
    "local": RouteTarget.LOCAL,
    "igw": RouteTarget.INTERNET_GATEWAY,
    "eigw": RouteTarget.EGRESS_ONLY_GATEWAY,
    "nat": RouteTarget.NAT_GATEWAY,
    "tgw": RouteTarget.TRANSIT_GATEWAY,
    "pcx": RouteTarget.PEERING,
    "vpce": RouteTarget.FIREWALL_ENDPOINT,
    "eni": RouteTarget.NETWORK_INTERFACE,
    "vgw": RouteTarget.VIRTUAL_PRIVATE_GATEWAY,
}


def made(random: Random) -> Case:
    """Return a random network."""
    return a_network(random)


def hidden(case: Case) -> Iterator[Reading]:
    """Yield whether the packet arrives, for other addresses of the service and other ports of answers."""
    return (reaches(each) for each in with_other_values(case))


def judged(case: Case) -> Trial:
    """Return whether the packet arrives, and what the product says about its path."""
    way = find_path(surroundings(case), case["service"])
    said = {OpenPath: Truth.YES, BlockedPath: Truth.NO}.get(type(way), Truth.PERHAPS)
    return Trial(reaches(case), said)


def surroundings(case: Case) -> NetworkContext:
    """Return the network as the product's values, with the prefix lists in routes expanded, as its checks do."""
    groups = SecurityGroups({id_: _group(id_, held) for id_, held in case["groups"].items()})
    acls = NetworkAcls(tuple(_acl(id_, held) for id_, held in case["acls"].items()))
    tables = RouteTables(tuple(_table(each) for each in case["tables"]))
    lists = PrefixLists({id_: tuple(cidrs) for id_, cidrs in case["lists"].items()})
    node = case["node"]
    own = case["subnets"][node["subnet"]]
    cidr = own.get("ipv6", own["cidr"])
    return NetworkContext(
        account=case["account"],
        placement=Placement(node["subnet"], VPC, tuple(node["groups"]), node["public"]),
        block=rule_networks(groups, acls, tables, lists).block_of(node["ip"], cidr),
        subnets=Subnets({id_: _subnet(id_, held) for id_, held in case["subnets"].items()}),
        routes=expand_prefix_lists(tables, lists),
        groups=groups,
        acls=acls,
        endpoints=Endpoints(tuple(_endpoint(number, each) for number, each in enumerate(case["endpoints"]))),
        dns=VpcDns(VPC, case["dns"]["support"], case["dns"]["hostnames"]),
        nats=NatGateways({id_: _nat(id_, held) for id_, held in case["nats"].items()}),
        lists=lists,
        region=REGION,
        addresses=EndpointAddresses(tuple(_interfaces(case["endpoints"]))),
    )


def _subnet(id_: str, held: dict[str, Any]) -> Subnet:
    ipv6, block = held.get("ipv6", ""), InternetBlock(held["block"])
    return Subnet(id_, VPC, held["owner"], held["cidr"], bool(ipv6), ipv6, held.get("dns64", False), block)


def _table(held: dict[str, Any]) -> RouteTable:
    routes = tuple(
        Route(each["to"], _KINDS[each["target"].split("-")[0]], each["target"], each["blackhole"])
        for each in held["routes"]
    )
    return RouteTable(held["id"], VPC, held["main"], tuple(held["subnets"]), routes)


def _group(id_: str, held: dict[str, Any]) -> SecurityGroup:
    ingress, egress = (tuple(_rule(each) for each in held[way]) for way in ("ingress", "egress"))
    return SecurityGroup(id_, id_, VPC, ingress, egress)


def _rule(held: dict[str, Any]) -> GroupRule:
    low, high = held["ports"] if held["protocol"] != "-1" else (None, None)
    return GroupRule(held["protocol"], low, high, tuple(held["cidrs"]), tuple(held["groups"]), tuple(held["lists"]))


def _acl(subnet: str, held: list[dict[str, Any]]) -> NetworkAcl:
    # In the order of EC2's reader: as they are found.
    entries = sorted(held, key=lambda each: (each["egress"], each["number"]))
    return NetworkAcl(f"acl-{subnet}", VPC, (subnet,), tuple(_entry(each) for each in entries))


def _entry(held: dict[str, Any]) -> AclEntry:
    low, high = held["ports"] if held["protocol"] != "-1" else (None, None)
    return AclEntry(held["number"], held["egress"], held["allow"], held["protocol"], held["cidr"], low, high)


def _nat(id_: str, held: dict[str, Any]) -> NatGateway:
    return NatGateway(id_, VPC, held["state"], held["public"], held["subnet"])


def _interfaces(endpoints: Sequence[dict[str, Any]]) -> Iterator[EndpointInterface]:
    for number, each in enumerate(endpoints):
        for subnet, address in each["interfaces"].items():
            yield EndpointInterface(f"eni-{number}-{subnet}", subnet, address)


def _endpoint(number: int, held: dict[str, Any]) -> Endpoint:
    return Endpoint(
        f"vpce-{number}",
        held["vpc"],
        held["service"],
        EndpointType(held["type"]),
        held["available"],
        held["private_dns"] and not held.get("inbound_only"),  # as the reader of endpoints does
        tuple(held["interfaces"]),
        tuple(held["groups"]),
        tuple(held["tables"]),
        Policy(()),
        tuple(f"eni-{number}-{subnet}" for subnet in held["interfaces"]),
    )
