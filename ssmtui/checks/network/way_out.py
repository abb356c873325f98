"""The way from a node to an AWS service of its Region, hop by hop, as far as the account can see."""

from __future__ import annotations

from ssmtui.checks.network.by_endpoint import by_endpoint
from ssmtui.checks.network.by_route import by_route
from ssmtui.checks.network.ways import Closed, Surroundings, Unsure, Way
from ssmtui.model.finding import Evidence
from ssmtui.model.network import EndpointType
from ssmtui.model.subject import Subject, SubjectKind

_DNS = "ec2:DescribeVpcAttribute"
_IPV6_ONLY = "ipv6-only-subnet"
_NAT64 = "64:ff9b::/96"
_IPV6_INTERNET = "::/0"
_LACKING = ("endpoint-missing", "no-route-to-endpoint")


def way_out(around: Surroundings, service: str) -> Way:
    """The way to a service by the last part of its endpoint's name: `ssm`, `ssmmessages`, `kms`, `logs`, `s3`."""
    vpc_id = around.placement.vpc_id
    special = _special_subnet(around, service)
    if special is not None:
        return special
    if not around.dns.support:
        evidence = (Evidence(f"enableDnsSupport of {vpc_id} is false", _DNS),)
        return Closed("vpc-dns-off", around.vpc, f"DNS support of {vpc_id} is off", evidence, ("enable-vpc-dns",))
    interfaces = [
        each for each in around.endpoints.of(vpc_id, service) if each.type is EndpointType.INTERFACE and each.available
    ]
    private = next((each for each in interfaces if each.private_dns), None)
    if private is not None and around.dns.hostnames:
        return by_endpoint(around, private)
    way = by_route(around, service)
    if not isinstance(way, Closed) or not interfaces or way.cause not in _LACKING:
        return way
    if private is not None:
        evidence = (Evidence(f"enableDnsHostnames of {vpc_id} is false", _DNS),)
        hop = f"DNS hostnames of {vpc_id} are off, so names of its VPC endpoints lead to public addresses"
        return Closed("vpc-dns-off", around.vpc, hop, evidence, ("enable-vpc-dns",))
    endpoint = interfaces[0].id
    hop = f"Private DNS of the VPC endpoint {endpoint} is off, so its service's name leads to public addresses"
    evidence = (Evidence(f"PrivateDnsEnabled of {endpoint} is false", "ec2:DescribeVpcEndpoints"),)
    subject = Subject(SubjectKind.ENDPOINT, endpoint)
    return Closed("endpoint-private-dns-off", subject, hop, evidence, ("enable-private-dns",))


def _special_subnet(around: Surroundings, service: str) -> Closed | Unsure | None:
    """What sets a subnet apart: that it is not to be seen, that it is another account's, that it has no IPv4."""
    subnet, source = around.subnets.get(around.placement.subnet_id), "ec2:DescribeSubnets"
    if subnet is None:
        hop = f"The subnet {around.placement.subnet_id} is not to be seen"
        return Unsure("no-route-to-endpoint", around.subnet, hop, (Evidence(hop, source),))
    if subnet.owner != around.account:
        hop = f"The subnet {subnet.id} is shared by the account {subnet.owner}, which alone sees its whole network"
        return Unsure("shared-vpc", around.subnet, hop, (Evidence(f"OwnerId is {subnet.owner}", source),))
    return _by_ipv6(around, service) if subnet.ipv6_native else None


def _by_ipv6(around: Surroundings, service: str) -> Closed | Unsure:
    """SSM Agent takes the IPv4 names of services unless it is told otherwise: without NAT64 they lead nowhere.

    A route to the IPv6 internet, or an endpoint, may serve an agent that was told; that is not to be seen from here.
    """
    placement = around.placement
    table = around.routes.of(placement.subnet_id, placement.vpc_id)
    open_routes = {route.destination for route in table.routes if not route.blackhole} if table is not None else set()
    only_ipv6 = Evidence("Ipv6Native is true", "ec2:DescribeSubnets")
    endpoints = around.endpoints.of(placement.vpc_id, service)
    if table is None or open_routes & {_NAT64, _IPV6_INTERNET} or any(each.available for each in endpoints):
        hop = f"The subnet {placement.subnet_id} has IPv6 only, whose ways out are not judged"
        return Unsure(_IPV6_ONLY, around.subnet, hop, (only_ipv6,))
    hop = f"The subnet {placement.subnet_id} has IPv6 only, and no way for it to lead out"
    evidence = (
        only_ipv6,
        Evidence(f"{table.id} has no route to {_NAT64} or {_IPV6_INTERNET}", "ec2:DescribeRouteTables"),
    )
    return Closed(_IPV6_ONLY, around.subnet, hop, evidence, ("steps-network",))
