"""Networks as hypothesis makes them: one that leads out, in one of five manners, with one or two things otherwise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ssmtui.analysis.network.routes import NetworkContext
from ssmtui.model.network import (
    AclEntry,
    Endpoint,
    GroupRule,
    InternetBlock,
    NatGateway,
    NetworkAcl,
    Route,
    RouteTarget,
    Subnet,
    Subnets,
    VpcDns,
)
from tests.builders.network import (
    ENDPOINT_CIDR,
    ENDPOINT_GROUP,
    ENDPOINT_SUBNET,
    NAT_CIDR,
    NAT_SUBNET,
    NODE_CIDR,
    NODE_GROUP,
    NODE_IP,
    NODE_IPV6_CIDR,
    NODE_SUBNET,
    TO_INTERNET,
    TO_NAT,
    VPC,
    a_placement,
    acl,
    gateway,
    group,
    interface,
    surroundings,
)

_CIDRS = ["0.0.0.0/0", "52.0.0.0/8", NODE_CIDR, ENDPOINT_CIDR, f"{NODE_IP}/32", "10.0.0.0/16", "10.0.2.128/25"]
_PARTS = ("52.0.0.0/8", "52.94.0.0/15", "8.8.8.0/24", "128.0.0.0/1", "0.0.0.0/1")
_IPV6_CIDRS = ["::/0", "64:ff9b::/96", NODE_IPV6_CIDR]
_LISTS = {
    "pl-vpc": ("10.0.0.0/16",),
    "pl-parts": ("52.0.0.0/8", "10.0.2.0/25"),
    "pl-office": ("192.0.2.0/24", "203.0.113.0/24"),
}
_WITHIN = [NODE_CIDR, ENDPOINT_CIDR, "10.0.2.128/25", NAT_CIDR, "10.0.3.0/25"]
_FIREWALLED = [
    (RouteTarget.FIREWALL_ENDPOINT, "vpce-gwlb", False),
    (RouteTarget.NETWORK_INTERFACE, "eni-1", False),
    (RouteTarget.NETWORK_INTERFACE, "eni-2", True),
    (RouteTarget.LOCAL, "local", False),
]
_TARGETS = [
    (RouteTarget.INTERNET_GATEWAY, "igw-1"),
    *[(RouteTarget.NAT_GATEWAY, "nat-1")] * 8,
    (RouteTarget.NAT_GATEWAY, "nat-2"),
    (RouteTarget.TRANSIT_GATEWAY, "tgw-1"),
    (RouteTarget.PEERING, "pcx-1"),
    (RouteTarget.FIREWALL_ENDPOINT, "vpce-gwlb"),
    (RouteTarget.NETWORK_INTERFACE, "eni-1"),
    (RouteTarget.VIRTUAL_PRIVATE_GATEWAY, "vgw-1"),
]


_rules = st.builds(
    GroupRule,
    protocol=st.sampled_from(["tcp", "-1", "udp"]),
    from_port=st.sampled_from([443, 0, 80]),
    to_port=st.sampled_from([443, 80, 65535]),
    cidrs=st.lists(st.sampled_from([*_CIDRS, *_IPV6_CIDRS]), max_size=2).map(tuple),
    group_ids=st.sampled_from([(), (NODE_GROUP,), (ENDPOINT_GROUP,)]),
    prefix_list_ids=st.sampled_from([(), (), ("pl-vpc",), ("pl-parts", "pl-office")]),
)
_everything = (GroupRule("-1", None, None, ("0.0.0.0/0", "::/0")),)
_OPEN_GROUPS = (group(egress=_everything), group(ENDPOINT_GROUP, ingress=_everything))
_GUARDS = {"acl-nodes": NODE_SUBNET, "acl-endpoints": ENDPOINT_SUBNET, "acl-public": NAT_SUBNET}
_ON_THE_WAY = {
    "endpoint": ("endpoints", "groups", "acl-nodes", "acl-endpoints", "dns", "detours"),
    "gateway": ("endpoints", "acl-nodes"),
    "public": ("routes", "placement", "acl-nodes", "edge"),
    "nat": ("nats", "routes", "nat_routes", "acl-public", "acl-nodes", "nats", "nat_detours", "edge"),
    "translated": ("dns64", "routes", "routes", "nat_routes", "nats", "acl-public", "acl-nodes"),
}
"""What a way of each manner meets: that is changed more often than the rest."""


_some_rules = st.lists(_rules, min_size=1, max_size=3).map(tuple)
_entries = st.builds(
    AclEntry,
    number=st.integers(1, 6),
    egress=st.booleans(),
    allow=st.booleans(),
    protocol=st.sampled_from(["-1", "6", "6", "17"]),
    cidr=st.sampled_from(["0.0.0.0/0", *_PARTS, NODE_CIDR, ENDPOINT_CIDR, *_IPV6_CIDRS]),
    from_port=st.sampled_from([None, 0, 443, 1024, 32768]),
    to_port=st.sampled_from([None, 443, 49151, 65535]),
)


_LAST = tuple(
    AclEntry(100 + n, egress, True, "-1", cidr, None, None)
    for n, cidr in enumerate(("0.0.0.0/0", "::/0"))
    for egress in (True, False)
)
_some_entries = st.builds(
    lambda entries, last: (*last, *entries),
    st.lists(_entries, max_size=3, unique_by=lambda each: (each.number, each.egress)),
    st.sampled_from([_LAST, _LAST, ()]),
)


@st.composite
def _some_routes(draw: DrawFn, *destinations: str) -> tuple[Route, ...]:
    chosen = draw(st.lists(st.sampled_from(destinations), max_size=3, unique=True))
    return tuple(
        Route(destination, *draw(st.sampled_from(_TARGETS)), blackhole=draw(st.booleans())) for destination in chosen
    )


@st.composite
def _some_detours(draw: DrawFn) -> tuple[Route, ...]:
    """Routes to subnets of the VPC: by way of a firewall, which may be gone, or straight."""
    chosen = draw(st.lists(st.sampled_from(_WITHIN), min_size=1, unique=True))
    return tuple(Route(destination, *draw(st.sampled_from(_FIREWALLED))) for destination in chosen)


@st.composite
def _some_endpoints(draw: DrawFn, service: str) -> tuple[Endpoint, ...]:
    subnets = st.sampled_from(
        [(ENDPOINT_SUBNET,), (NODE_SUBNET,), (ENDPOINT_SUBNET, NODE_SUBNET), (NAT_SUBNET, ENDPOINT_SUBNET), ()]
    )
    own = interface(service, private_dns=draw(st.booleans()), available=draw(st.booleans()), subnets=draw(subnets))
    tables = draw(st.sampled_from([("rtb-1",), ("rtb-public",)]))
    others = (interface("logs"), gateway(service, tables=tables))
    return tuple(draw(st.lists(st.sampled_from([own, *others]), max_size=2, unique_by=lambda each: each.type)))


_nats = st.builds(
    NatGateway,
    id=st.sampled_from(["nat-1", "nat-1", "nat-2"]),
    vpc_id=st.just(VPC),
    state=st.sampled_from(["failed", "available", "available", "pending"]),
    public=st.sampled_from([True, True, False]),
    subnet_id=st.sampled_from([NAT_SUBNET, NAT_SUBNET, NAT_SUBNET, NODE_SUBNET]),
)


def _id_of(nat: NatGateway) -> str:
    return nat.id


def _guard(id_: str, entries: tuple[AclEntry, ...]) -> NetworkAcl:
    return acl(id_, _GUARDS[id_], *entries)


def _base(manner: str, service: str) -> dict[str, Any]:
    """What `surroundings` is to be given for a network that leads out."""
    guards: dict[str, Any] = {id_: _guard(id_, _LAST) for id_ in _GUARDS}
    common = guards | {"groups": _OPEN_GROUPS, "lists": _LISTS, "endpoints": ()}
    match manner:
        case "endpoint":
            return common | {"endpoints": (interface(service),)}
        case "gateway":
            return common | {"endpoints": (gateway(service),)}
        case "public":
            return common | {"routes": (TO_INTERNET,), "placement": a_placement(public=True)}
        case "translated":
            route = Route("64:ff9b::/96", RouteTarget.NAT_GATEWAY, "nat-1")
            return common | {"routes": (route,), "ipv6_native": True, "dns64": True}
        case _:
            return common | {"routes": (TO_NAT,)}


@st.composite
def networks(draw: DrawFn, service: str) -> NetworkContext:
    """A node in a network, and what stands between it and a service."""
    manner = draw(st.sampled_from([each for each in _ON_THE_WAY if each != "gateway" or service == "s3"]))
    made = _base(manner, service)
    ipv6 = made.get("ipv6_native", False)
    destinations = ("64:ff9b::/96", "::/0", "0.0.0.0/0") if ipv6 else ("0.0.0.0/0", *_PARTS, "10.0.0.0/8")
    otherwise: dict[str, SearchStrategy[Any]] = {
        "endpoints": _some_endpoints(service),
        "routes": st.one_of(
            _some_routes(*destinations), _some_routes(*destinations[1:]).map(made.get("routes", ()).__add__)
        ),
        "nat_routes": st.one_of(
            _some_routes("0.0.0.0/0", "10.0.0.0/8"),
            _some_routes(*_PARTS, "10.0.0.0/8").map((TO_INTERNET,).__add__),
        ),
        "nats": st.one_of(st.tuples(_nats), st.lists(_nats, max_size=2, unique_by=_id_of).map(tuple)),
        "groups": st.tuples(
            st.builds(lambda rules: group(egress=rules), _some_rules),
            st.builds(lambda rules: group(ENDPOINT_GROUP, ingress=rules), _some_rules),
        ),
        **{id_: st.builds(partial(_guard, id_), _some_entries) for id_ in _GUARDS},
        "placement": st.builds(lambda public: a_placement(public=public), st.booleans()),
        "dns": st.builds(lambda support, names: VpcDns(VPC, support, names), st.booleans(), st.booleans()),
        "detours": _some_detours(),
        "nat_detours": _some_detours(),
        "edge": _some_detours(),
        "dns64": st.booleans(),
        "owner": st.just("999999999999"),
    }
    for name in sorted(
        {draw(st.sampled_from(_ON_THE_WAY[manner])), draw(st.sampled_from([*otherwise, *_ON_THE_WAY[manner] * 3]))}
    ):
        made[name] = draw(otherwise[name])
    acls = tuple(made.pop(id_) for id_ in _GUARDS)
    made["routes"] = (*made.get("routes", ()), *made.pop("detours", ()))
    made["nat_routes"] = (*made.get("nat_routes", (TO_INTERNET,)), *made.pop("nat_detours", ()))
    around = surroundings(*made.pop("endpoints"), acls=acls, **made)
    blocked = draw(st.sampled_from([None, None, None, None, NODE_SUBNET, NAT_SUBNET]))
    mode = draw(st.sampled_from([InternetBlock.BOTH, InternetBlock.INGRESS]))
    return replace(around, subnets=_blocking(around.subnets, blocked, mode))


def _blocking(subnets: Subnets, blocked: str | None, mode: InternetBlock) -> Subnets:
    def one(subnet: Subnet) -> Subnet:
        return replace(subnet, internet_block=mode) if subnet.id == blocked else subnet

    return Subnets({id_: one(subnet) for id_, subnet in subnets.by_id.items()})
