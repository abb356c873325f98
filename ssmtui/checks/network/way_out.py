"""The way from a node to an AWS service of its Region, hop by hop, as far as the account can see."""

from __future__ import annotations

from ssmtui.checks.network.by_endpoint import by_endpoint
from ssmtui.checks.network.by_ipv6 import by_ipv6
from ssmtui.checks.network.by_route import by_route
from ssmtui.checks.network.ways import Closed, OutOfSight, Surroundings, Way
from ssmtui.language import say
from ssmtui.model.endpoints_in_use import interface_endpoints, private_endpoint
from ssmtui.model.finding import Evidence
from ssmtui.model.network import Endpoint
from ssmtui.model.subject import Subject, SubjectKind

_DNS = "ec2:DescribeVpcAttribute"
_SUBNETS = "ec2:DescribeSubnets"
_LACKING = ("endpoint-missing", "no-route-to-endpoint")


def way_out(around: Surroundings, service: str) -> Way:
    """The way to a service by the last part of its endpoint's name: `ssm`, `ssmmessages`, `kms`, `logs`, `s3`."""
    vpc_id = around.placement.vpc_id
    subnet = around.subnets.get(around.placement.subnet_id)
    if subnet is None:
        hop = say("The subnet {subnet_id} is not to be seen", subnet_id=around.placement.subnet_id)
        return OutOfSight("no-route-to-endpoint", around.subnet, hop, (Evidence(hop, _SUBNETS),))
    if subnet.owner != around.account:
        hop = say(
            "The subnet {subnet} is shared by the account {owner}, which alone sees its whole network",
            subnet=subnet.id,
            owner=subnet.owner,
        )
        owner = Evidence(say("OwnerId is {owner}", owner=subnet.owner), _SUBNETS)
        return OutOfSight("shared-vpc", around.subnet, hop, (owner,))
    if not around.dns.support:
        fact = say("enableDnsSupport of {vpc_id} is false", vpc_id=vpc_id)
        return _dns_off(around, say("DNS support of {vpc_id} is off", vpc_id=vpc_id), fact)
    if subnet.ipv6_native:
        return by_ipv6(around, subnet, service)
    private = private_endpoint(around.endpoints, vpc_id, service)
    if private is not None and around.dns.hostnames:
        return by_endpoint(around, private)
    way = by_route(around, service)
    others = interface_endpoints(around.endpoints, vpc_id, service)
    if not isinstance(way, Closed) or not others or way.cause not in _LACKING:
        return way
    if private is None:
        return _nameless(others[0])
    fact = say("enableDnsHostnames of {vpc_id} is false", vpc_id=vpc_id)
    hop = say(
        "DNS hostnames of {vpc_id} are off, so names of its VPC endpoints lead to public addresses", vpc_id=vpc_id
    )
    return _dns_off(around, hop, fact)


def _dns_off(around: Surroundings, hop: str, fact: str) -> Closed:
    return Closed("vpc-dns-off", around.vpc, hop, (Evidence(fact, _DNS),), ("enable-vpc-dns",))


def _nameless(endpoint: Endpoint) -> Closed:
    """An endpoint that only its own names lead to: whether the agent was configured with those is not to be seen."""
    hop = say(
        "Private DNS of the VPC endpoint {endpoint} is off, so its service's name leads to public addresses",
        endpoint=endpoint.id,
    )
    source = "ec2:DescribeVpcEndpoints"
    evidence = (
        Evidence(say("PrivateDnsEnabled of {endpoint} is false", endpoint=endpoint.id), source),
        Evidence(
            say("only an agent that is configured with a name of {endpoint}'s own reaches it", endpoint=endpoint.id),
            source,
        ),
    )
    subject = Subject(SubjectKind.ENDPOINT, endpoint.id)
    return Closed("endpoint-private-dns-off", subject, hop, evidence, ("enable-private-dns",))
