from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.analysis.network.packet_filters import addresses_of
from ssmtui.analysis.network.routes import BlockedPath, NetworkContext, NetworkPath, OpenPath, UnknownPath
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Evidence, Subject, SubjectKind
from ssmtui.model.network import (
    EndpointAddresses,
    EndpointInterface,
    GroupRule,
    InternetBlock,
    Route,
    RouteTable,
    RouteTables,
    RouteTarget,
    SecurityGroups,
    Subnet,
    Subnets,
    VpcDns,
)
from tests.analysis.network.checked_path import checked_path
from tests.builders.fleet import ACCOUNT
from tests.builders.network import (
    ENDPOINT_CIDR,
    ENDPOINT_GROUP,
    ENDPOINT_SUBNET,
    NAT,
    NODE_CIDR,
    NODE_GROUP,
    NODE_IP,
    NODE_SUBNET,
    TO_INTERNET,
    TO_NAT,
    VPC,
    a_placement,
    acl,
    closed_group,
    entry,
    gateway,
    group,
    https,
    interface,
    surroundings,
)

PUBLIC = a_placement(public=True)
GONE = (RouteTarget.NAT_GATEWAY, "nat-2", True)
TO_HUB = Route("10.0.0.0/8", RouteTarget.TRANSIT_GATEWAY, "tgw-1")
NO_DNS = VpcDns(VPC, support=False, hostnames=False)
NO_NAMES = VpcDns(VPC, support=True, hostnames=False)
OUT_OF_SIGHT = (
    RouteTarget.FIREWALL_ENDPOINT,
    RouteTarget.INSTANCE,
    RouteTarget.NETWORK_INTERFACE,
    RouteTarget.TRANSIT_GATEWAY,
    RouteTarget.PEERING,
    RouteTarget.VIRTUAL_PRIVATE_GATEWAY,
    RouteTarget.LOCAL_GATEWAY,
    RouteTarget.CARRIER_GATEWAY,
    RouteTarget.CORE_NETWORK,
    RouteTarget.OTHER,
)
TO_LIST = Route("pl-s3", RouteTarget.GATEWAY_ENDPOINT, "vpce-s3")


@pytest.mark.parametrize(
    ("around", "service", "via"),
    [
        pytest.param(surroundings(routes=(TO_NAT,)), "ssm", "nat-1", id="by NAT"),
        pytest.param(surroundings(routes=(TO_INTERNET,), placement=PUBLIC), "ssm", "igw-1", id="by public address"),
        pytest.param(surroundings(interface("ssm")), "ssm", "vpce-ssm", id="by endpoint"),
        pytest.param(surroundings(interface("ssm"), routes=(TO_NAT,)), "kms", "nat-1", id="by NAT beside endpoints"),
        pytest.param(surroundings(interface("kms", subnets=(NODE_SUBNET,))), "kms", "vpce-kms", id="in its own subnet"),
        pytest.param(
            surroundings(routes=(TO_NAT, Route("198.51.100.0/24", RouteTarget.PEERING, "pcx-1"))),
            "ssm",
            "nat-1",
            id="by NAT, somebody's addresses leading elsewhere",
        ),
        pytest.param(surroundings(gateway()), "s3", "vpce-s3", id="by the gateway endpoint of its table"),
        pytest.param(
            surroundings(gateway(tables=()), routes=(TO_LIST,)), "s3", "vpce-s3", id="by the gateway endpoint's route"
        ),
        pytest.param(
            surroundings(gateway(), routes=(TO_LIST,), groups=(group(egress=(https(lists=("pl-s3",)),)),)),
            "s3",
            "vpce-s3",
            id="by the gateway endpoint, out to its prefix list only",
        ),
        pytest.param(
            surroundings(interface("ssm", private_dns=False), routes=(TO_NAT,)),
            "ssm",
            "nat-1",
            id="past an endpoint",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(group(egress=(https(groups=(ENDPOINT_GROUP,)),)),)),
            "ssm",
            "vpce-ssm",
            id="out to the endpoint's group only",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(group(ENDPOINT_GROUP, ingress=(https(groups=(NODE_GROUP,)),)),)),
            "ssm",
            "vpce-ssm",
            id="in from the node's group only",
        ),
        pytest.param(
            surroundings(
                interface("ssm", subnets=(ENDPOINT_SUBNET, NODE_SUBNET)),
                acls=(acl("acl-endpoints", ENDPOINT_SUBNET, entry(1, egress=True, allow=False)),),
            ),
            "ssm",
            "vpce-ssm",
            id="by the one open subnet of two",
        ),
    ],
)
def test_a_way_is_open(around: NetworkContext, service: str, via: str) -> None:
    assert checked_path(around, service) == OpenPath(via)


def closed(cause: str, kind: SubjectKind, id_: str) -> tuple[str, Subject]:
    return cause, Subject(kind, id_)


_HTTP_ONLY = entry(9, egress=False, ports=(80, 80))
SUBNET, GROUP, ACL = SubjectKind.SUBNET, SubjectKind.SECURITY_GROUP, SubjectKind.NETWORK_ACL


@pytest.mark.parametrize(
    ("around", "service", "expected"),
    [
        pytest.param(surroundings(), "ssm", closed("no-route-to-endpoint", SUBNET, NODE_SUBNET), id="no way at all"),
        pytest.param(
            surroundings(routes=(TO_INTERNET,)),
            "ssm",
            closed("no-route-to-endpoint", SUBNET, NODE_SUBNET),
            id="an internet gateway without a public address",
        ),
        pytest.param(
            surroundings(interface("ssm")),
            "ssmmessages",
            closed("endpoint-missing", SUBNET, NODE_SUBNET),
            id="another service has an endpoint",
        ),
        pytest.param(
            surroundings(interface("ssm", available=False)),
            "ssm",
            closed("no-route-to-endpoint", SUBNET, NODE_SUBNET),
            id="an endpoint that is not available",
        ),
        pytest.param(
            surroundings(interface("ssm"), gateway(tables=("rtb-other",))),
            "s3",
            closed("endpoint-missing", SUBNET, NODE_SUBNET),
            id="a gateway endpoint in other tables",
        ),
        pytest.param(
            surroundings(interface("ssm", private_dns=False)),
            "ssm",
            closed("endpoint-private-dns-off", SubjectKind.ENDPOINT, "vpce-ssm"),
            id="private DNS off",
        ),
        pytest.param(
            surroundings(interface("ssm"), dns=NO_NAMES),
            "ssm",
            closed("vpc-dns-off", SubjectKind.VPC, VPC),
            id="DNS hostnames off",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), dns=NO_DNS),
            "ssm",
            closed("vpc-dns-off", SubjectKind.VPC, VPC),
            id="DNS support off",
        ),
        pytest.param(
            surroundings(routes=(replace(TO_NAT, blackhole=True),)),
            "ssm",
            closed("blackhole-route", SubjectKind.ROUTE_TABLE, "rtb-1"),
            id="the NAT gateway is gone",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), groups=(closed_group(NODE_GROUP),)),
            "ssm",
            closed("egress-blocked", GROUP, NODE_GROUP),
            id="the node's group lets nothing out",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), groups=(group(egress=(https("10.0.0.0/8"),)),)),
            "ssm",
            closed("egress-blocked", GROUP, NODE_GROUP),
            id="the node's group lets HTTPS out to private addresses only",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(closed_group(ENDPOINT_GROUP),)),
            "ssm",
            closed("endpoint-security-group-closed", GROUP, ENDPOINT_GROUP),
            id="the endpoint's group admits nothing",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(group(ENDPOINT_GROUP, ingress=(https("192.0.2.0/24"),)),)),
            "ssm",
            closed("endpoint-security-group-closed", GROUP, ENDPOINT_GROUP),
            id="the endpoint's group admits others",
        ),
        pytest.param(
            surroundings(
                replace(interface("ssm"), security_group_ids=("sg-z", "sg-a")),
                groups=(closed_group("sg-z"), closed_group("sg-a")),
            ),
            "ssm",
            closed("endpoint-security-group-closed", GROUP, "sg-a"),
            id="of several groups the first by id is named",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), acls=(acl("acl-nodes", NODE_SUBNET, entry(100, egress=True)),)),
            "ssm",
            closed("network-acl-blocks", ACL, "acl-nodes"),
            id="answers do not come back",
        ),
        pytest.param(
            surroundings(
                interface("ssm"),
                acls=(
                    acl(
                        "acl-endpoints",
                        ENDPOINT_SUBNET,
                        entry(100, egress=True),
                        entry(9, egress=False, ports=(80, 80)),
                    ),
                ),
            ),
            "ssm",
            closed("network-acl-blocks", ACL, "acl-endpoints"),
            id="the endpoint's subnet admits no HTTPS",
        ),
        pytest.param(
            surroundings(routes=(replace(TO_HUB, destination="0.0.0.0/0"),), groups=(closed_group(NODE_GROUP),)),
            "ssm",
            closed("egress-blocked", GROUP, NODE_GROUP),
            id="out of sight, and the node's group lets nothing out at all",
        ),
        pytest.param(
            replace(
                surroundings(routes=(TO_INTERNET,), placement=PUBLIC),
                subnets=Subnets(
                    {
                        NODE_SUBNET: Subnet(
                            NODE_SUBNET, VPC, ACCOUNT, NODE_CIDR, False, internet_block=InternetBlock.BOTH
                        )
                    }
                ),
            ),
            "ssm",
            closed("no-route-to-endpoint", SUBNET, NODE_SUBNET),
            id="VPC Block Public Access",
        ),
        pytest.param(
            replace(
                surroundings(routes=(TO_INTERNET,), placement=PUBLIC),
                subnets=Subnets(
                    {
                        NODE_SUBNET: Subnet(
                            NODE_SUBNET, VPC, ACCOUNT, NODE_CIDR, False, internet_block=InternetBlock.INGRESS
                        )
                    }
                ),
            ),
            "ssm",
            closed("no-route-to-endpoint", SUBNET, NODE_SUBNET),
            id="VPC Block Public Access, for ingress: its internet gateway passes nothing of an instance's",
        ),
        pytest.param(
            surroundings(routes=(Route("0.0.0.0/1", *GONE), Route("128.0.0.0/1", *GONE))),
            "ssm",
            closed("blackhole-route", SubjectKind.ROUTE_TABLE, "rtb-1"),
            id="two halves of the internet that lead nowhere",
        ),
    ],
)
def test_a_way_is_closed_at_the_first_hop_that_does_not_let_through(
    around: NetworkContext, service: str, expected: tuple[str, Subject]
) -> None:
    way = checked_path(around, service)
    assert isinstance(way, BlockedPath)
    assert (way.cause, way.subject) == expected


@pytest.mark.parametrize(
    ("around", "cause", "named"),
    [
        pytest.param(surroundings(routes=(TO_HUB,)), "no-route-to-endpoint", "tgw-1", id="behind a transit gateway"),
        pytest.param(
            surroundings(routes=(replace(TO_HUB, destination="0.0.0.0/0"),)),
            "no-route-to-endpoint",
            "tgw-1",
            id="to everywhere by a transit gateway",
        ),
        pytest.param(
            surroundings(routes=(replace(TO_NAT, destination="52.0.0.0/8"),)),
            "no-route-to-endpoint",
            "Some public addresses of ssm are not reachable. The subnet subnet-nodes has no default route",
            id="to a part of the internet",
        ),
        pytest.param(
            surroundings(routes=(Route("172.16.0.0/12", RouteTarget.PEERING, "pcx-1"),)),
            "no-route-to-endpoint",
            "pcx-1",
            id="behind a peering connection",
        ),
        pytest.param(surroundings(owner="999999999999"), "shared-vpc", "999999999999", id="another account's subnet"),
        *(
            pytest.param(
                surroundings(routes=(Route("0.0.0.0/0", kind, "hop-1"),)),
                "no-route-to-endpoint",
                f"{kind.value} hop-1",
                id=f"behind a {kind.value}",
            )
            for kind in OUT_OF_SIGHT
        ),
        pytest.param(
            surroundings(routes=(TO_INTERNET, TO_HUB)),
            "no-route-to-endpoint",
            "tgw-1",
            id="no public address, and endpoints of a hub may be there",
        ),
        pytest.param(
            surroundings(routes=(replace(TO_NAT, blackhole=True), TO_HUB)),
            "blackhole-route",
            "tgw-1",
            id="the NAT gateway is gone, and endpoints of a hub may be there",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT, Route("52.0.0.0/8", RouteTarget.NAT_GATEWAY, "nat-2", blackhole=True))),
            "blackhole-route",
            "52.0.0.0/8",
            id="a part of the internet leads nowhere",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT, Route("52.94.0.0/16", *GONE))),
            "blackhole-route",
            "52.94.0.0/16",
            id="a few of AWS's networks lead nowhere",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT, Route("52.94.0.0/15", RouteTarget.TRANSIT_GATEWAY, "tgw-1"))),
            "no-route-to-endpoint",
            "tgw-1",
            id="a few of AWS's networks lead through a transit gateway",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(group(ENDPOINT_GROUP, ingress=(https(lists=("pl-1",)),)),)),
            "endpoint-security-group-closed",
            ENDPOINT_GROUP,
            id="a prefix list in a rule that is not there",
        ),
        pytest.param(
            surroundings(interface("ssm"), groups=(group(egress=(https("10.0.2.25/32"),)),)),
            "egress-blocked",
            NODE_GROUP,
            id="out to one address of the endpoint's subnet",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), placement=a_placement(groups=("sg-elsewhere",))),
            "egress-blocked",
            "sg-elsewhere",
            id="a group that is not listed",
        ),
    ],
)
def test_a_way_is_lost_from_sight_at_a_hop_that_is_named(around: NetworkContext, cause: str, named: str) -> None:
    way = checked_path(around, "ssm")
    assert isinstance(way, UnknownPath)
    assert way.cause == cause
    assert named in way.hop


def test_what_is_not_listed_is_never_taken_for_open() -> None:
    around = surroundings(routes=(TO_NAT,))
    unlisted = (
        replace(around, subnets=Subnets({})),
        replace(around, routes=RouteTables(())),
        replace(around, groups=SecurityGroups({})),
    )
    assert all(isinstance(checked_path(each, "ssm"), UnknownPath) for each in unlisted)


def test_a_subnets_own_table_counts_and_not_the_main_one() -> None:
    around = surroundings(routes=(TO_NAT,))
    own = RouteTable("rtb-own", VPC, main=False, subnet_ids=(NODE_SUBNET,), routes=())
    way = checked_path(replace(around, routes=RouteTables((*around.routes.tables, own))), "ssm")
    assert isinstance(way, BlockedPath)
    assert way.evidence[0] == Evidence("rtb-own has no route to the internet", "ec2:DescribeRouteTables")


CIDRS = ["0.0.0.0/0", NODE_CIDR, ENDPOINT_CIDR, f"{NODE_IP}/32", "10.0.0.0/16", "192.0.2.0/24", "10.0.2.128/25"]
rules = st.lists(
    st.builds(
        GroupRule,
        protocol=st.sampled_from(["tcp", "-1", "udp"]),
        from_port=st.sampled_from([443, 0, 80]),
        to_port=st.sampled_from([443, 80, 65535]),
        cidrs=st.lists(st.sampled_from(CIDRS), max_size=2).map(tuple),
        group_ids=st.sampled_from([(), (NODE_GROUP,), (ENDPOINT_GROUP,)]),
    ),
    max_size=3,
).map(tuple)


def admits_some(found: tuple[GroupRule, ...], network: str, group_id: str) -> bool:
    """Whether some rule admits HTTPS to some address of a network: read without any of the product's code."""
    return any(
        (rule.protocol == "-1" or (rule.protocol == "tcp" and (rule.from_port or 0) <= 443 <= (rule.to_port or 0)))
        and (
            group_id in rule.group_ids
            or any(ipaddress.ip_network(cidr).overlaps(ipaddress.ip_network(network)) for cidr in rule.cidrs)
        )
        for rule in found
    )


def with_rules(egress: tuple[GroupRule, ...], ingress: tuple[GroupRule, ...]) -> NetworkContext:
    return surroundings(interface("ssm"), groups=(group(egress=egress), group(ENDPOINT_GROUP, ingress=ingress)))


@given(egress=rules, ingress=rules)
def test_no_way_is_open_that_no_rule_admits(egress: tuple[GroupRule, ...], ingress: tuple[GroupRule, ...]) -> None:
    out = admits_some(egress, ENDPOINT_CIDR, ENDPOINT_GROUP)
    into = admits_some(ingress, f"{NODE_IP}/32", NODE_GROUP)
    way = checked_path(with_rules(egress, ingress), "ssm")
    assert isinstance(way, BlockedPath) == (not (out and into))


@given(egress=rules, ingress=rules, more_out=rules, more_in=rules)
def test_more_rules_never_close_a_way(
    egress: tuple[GroupRule, ...],
    ingress: tuple[GroupRule, ...],
    more_out: tuple[GroupRule, ...],
    more_in: tuple[GroupRule, ...],
) -> None:
    rank = {BlockedPath: 0, UnknownPath: 1, OpenPath: 2}
    before = checked_path(with_rules(egress, ingress), "ssm")
    after = checked_path(with_rules((*egress, *more_out), (*ingress, *more_in)), "ssm")
    assert rank[type(after)] >= rank[type(before)]


@pytest.mark.parametrize(
    "destination",
    [
        pytest.param("8.8.8.0/24", id="somebody else's"),
        pytest.param("198.51.100.0/24", id="of nobody"),
        pytest.param("100.64.0.0/10", id="of a carrier"),
        pytest.param("192.168.0.0/16", id="private"),
    ],
)
def test_a_route_to_networks_that_are_not_awss_is_not_on_the_way(destination: str) -> None:
    around = surroundings(routes=(TO_NAT, Route(destination, *GONE)))
    assert checked_path(around, "ssm") == OpenPath("nat-1")


def test_where_a_regions_networks_are_not_known_every_part_of_the_internet_may_be_awss() -> None:
    around = surroundings(routes=(TO_NAT, Route("8.8.8.0/24", *GONE)))
    unpublished = replace(around, region="xx-none-1")
    assert isinstance(checked_path(around, "ssm"), OpenPath)
    assert isinstance(checked_path(unpublished, "ssm"), UnknownPath)


def test_s3_is_where_aws_publishes_its_addresses() -> None:
    published = addresses_of("s3", "eu-west-3")
    assert published
    every = tuple(Route(str(network), *GONE) for network in published)
    assert isinstance(checked_path(surroundings(routes=(TO_NAT, *every)), "s3"), BlockedPath)
    assert isinstance(checked_path(surroundings(routes=(TO_NAT, *every[1:])), "s3"), UnknownPath)
    assert isinstance(checked_path(surroundings(routes=(TO_NAT, *every)), "ssm"), UnknownPath)


def test_a_network_acl_that_denies_some_of_the_services_addresses_may_be_what_blocks() -> None:
    some = entry(1, egress=True, allow=False, cidr="52.94.0.0/16")
    guard = acl("acl-nodes", NODE_SUBNET, some, entry(100, egress=True), entry(100, egress=False))
    assert checked_path(surroundings(routes=(TO_INTERNET,), placement=PUBLIC, acls=(guard,)), "ssm") == UnknownPath(
        "network-acl-blocks",
        Subject(SubjectKind.NETWORK_ACL, "acl-nodes"),
        "Some public addresses of ssm are not reachable. The network ACL acl-nodes of subnet-nodes blocks outbound "
        "port 443",
        (
            Evidence("no entry of acl-nodes allows outbound port 443", "ec2:DescribeNetworkAcls"),
            Evidence(
                "other public addresses of ssm are reachable, and it is not visible which of them DNS returns",
                "ec2:DescribeRouteTables",
            ),
        ),
    )


def egress_to(*cidrs: str) -> NetworkContext:
    return surroundings(routes=(TO_NAT,), groups=(group(egress=(https(*cidrs),)),))


def of_aws(service: str = "ssm") -> tuple[str, ...]:
    published = addresses_of(service, "eu-west-3")
    assert published
    return tuple(map(str, published))


@pytest.mark.parametrize(
    ("around", "kind"),
    [
        pytest.param(egress_to("0.0.0.0/1", "128.0.0.0/1"), OpenPath, id="out to the internet in two halves"),
        pytest.param(egress_to(*of_aws()), OpenPath, id="out to all addresses that AWS publishes"),
        pytest.param(egress_to(*of_aws()[1:]), UnknownPath, id="out to all of them but one network"),
        pytest.param(egress_to("8.8.8.0/24", "10.0.0.0/8"), BlockedPath, id="out to addresses of others only"),
        pytest.param(
            surroundings(routes=(TO_NAT, Route("128.0.0.0/1", *GONE)), groups=(group(egress=(https("128.0.0.0/1"),)),)),
            BlockedPath,
            id="out to the half of the internet whose NAT gateway is gone",
        ),
        pytest.param(
            surroundings(routes=tuple(replace(TO_NAT, destination=each) for each in ("0.0.0.0/1", "128.0.0.0/1"))),
            OpenPath,
            id="the internet in two halves, without a default route",
        ),
        pytest.param(
            surroundings(routes=(TO_NAT,), nat_routes=(TO_INTERNET, Route("8.8.8.0/24", RouteTarget.PEERING, "pcx-1"))),
            OpenPath,
            id="behind the NAT gateway, addresses of others leave elsewhere",
        ),
        pytest.param(
            surroundings(gateway(), routes=(TO_INTERNET,), groups=(group(egress=(https(*of_aws("s3")),)),)),
            OpenPath,
            id="to S3 through its gateway endpoint, out to its addresses",
        ),
    ],
)
def test_a_path_to_public_addresses_is_as_sure_as_all_of_them_agree(
    around: NetworkContext, kind: type[NetworkPath]
) -> None:
    service = "s3" if around.endpoints.endpoints else "ssm"
    assert isinstance(checked_path(around, service), kind)


def with_address(address: str | None, cidr: str) -> NetworkContext:
    endpoint = replace(interface("ssm"), interface_ids=("eni-1",))
    known = (EndpointInterface("eni-1", ENDPOINT_SUBNET, address),) if address else ()
    return replace(surroundings(endpoint, groups=(group(egress=(https(cidr),)),)), addresses=EndpointAddresses(known))


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        pytest.param("10.0.2.25", OpenPath, id="it is the one"),
        pytest.param("10.0.2.26", BlockedPath, id="it is another"),
        pytest.param(None, UnknownPath, id="it was not read"),
    ],
)
def test_a_rule_for_one_address_is_compared_with_that_of_the_endpoint(
    address: str | None, kind: type[NetworkPath]
) -> None:
    assert isinstance(checked_path(with_address(address, "10.0.2.25/32"), "ssm"), kind)


def test_an_address_that_may_not_be_read_is_said_if_it_would_settle_the_path() -> None:
    refused = Unreadable("ec2:DescribeNetworkInterfaces", "not authorized")
    unread = checked_path(replace(with_address(None, "10.0.2.25/32"), addresses=refused), "ssm")
    assert isinstance(unread, UnknownPath)
    assert unread.needs == ("ec2:DescribeNetworkInterfaces",)
    assert Evidence("not authorized", "ec2:DescribeNetworkInterfaces") in unread.evidence
    assert unread.evidence[0] == Evidence(
        "rules of sg-nodes apply to a part of the possible addresses", "ec2:DescribeSecurityGroups"
    )
    assert isinstance(checked_path(replace(with_address(None, ENDPOINT_CIDR), addresses=refused), "ssm"), OpenPath)


def test_a_denied_part_of_the_internet_counts_if_awss_addresses_may_be_in_it() -> None:
    def denying(cidr: str, region: str) -> NetworkPath:
        entries = (entry(10, egress=True, allow=False, cidr=cidr), entry(100, egress=True), entry(100, egress=False))
        around = surroundings(routes=(TO_NAT,), acls=(acl("acl-nodes", NODE_SUBNET, *entries),))
        return checked_path(replace(around, region=region), "ssm")

    assert isinstance(denying("8.8.0.0/16", "eu-west-3"), OpenPath)
    assert isinstance(denying("52.94.0.0/16", "eu-west-3"), UnknownPath)
    assert isinstance(denying("8.8.0.0/16", "xx-none-1"), UnknownPath)
    assert isinstance(denying("10.0.0.0/8", "xx-none-1"), OpenPath)


@pytest.mark.parametrize(
    "route",
    [
        pytest.param(Route(ENDPOINT_CIDR, RouteTarget.NETWORK_INTERFACE, "eni-1"), id="into the node's own VPC"),
        pytest.param(Route("172.16.0.0/12", RouteTarget.NAT_GATEWAY, "nat-1"), id="through a deleted NAT gateway"),
    ],
)
def test_no_endpoints_of_a_hub_are_behind_a_route_that_leads_nowhere_else(route: Route) -> None:
    around = surroundings(routes=(route,), nats=(replace(NAT, state="deleted"),))
    way = checked_path(around, "ssm")
    assert isinstance(way, BlockedPath)
    assert way.cause == "no-route-to-endpoint"
