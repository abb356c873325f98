"""Return EC2's responses about the networks, as prebuilt XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tools.benchmarks.paged_aws.ground import ACCOUNT, REGION, VPCS, Vpc, WayOut, identifier
from tools.benchmarks.paged_aws.instance_pages import NAMESPACE

_HTTPS: Final = "<ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>"
_ALL: Final = "<ipProtocol>-1</ipProtocol>"
_ANYWHERE: Final = "0.0.0.0/0"


def network_answers() -> Mapping[str, bytes]:
    """Return the complete response to each operation, by name."""
    listed = {
        "DescribeSubnets": ("subnetSet", (_subnet(vpc, which) for vpc in VPCS for which in range(3))),
        "DescribeRouteTables": ("routeTableSet", (table for vpc in VPCS for table in _route_tables(vpc))),
        "DescribeNatGateways": ("natGatewaySet", (_nat(vpc) for vpc in VPCS if vpc.way_out is WayOut.NAT)),
        "DescribeSecurityGroups": ("securityGroupInfo", (group for vpc in VPCS for group in _groups(vpc))),
        "DescribeNetworkAcls": ("networkAclSet", (_acl(vpc) for vpc in VPCS)),
        "DescribeVpcEndpoints": (
            "vpcEndpointSet",
            (_endpoint(vpc, service, at) for vpc in VPCS for at, service in enumerate(vpc.services)),
        ),
        "DescribeNetworkInterfaces": ("networkInterfaceSet", ()),
        "DescribeInstanceStatus": ("instanceStatusSet", ()),
        "DescribeTags": ("tagSet", ()),
        "DescribeRegions": (
            "regionInfo",
            (
                f"<regionName>{REGION}</regionName><regionEndpoint>ec2.{REGION}.amazonaws.com</regionEndpoint>"
                "<optInStatus>opt-in-not-required</optInStatus>",
            ),
        ),
    }
    return {operation: ec2_answer(operation, _set(name, items)) for operation, (name, items) in listed.items()}


def ec2_answer(operation: str, within: str) -> bytes:
    """Return a response of EC2."""
    request = "<requestId>7a62c49f-347e-4fc4-9331-6e8e00000000</requestId>"
    return f"<{operation}Response {NAMESPACE}>{request}{within}</{operation}Response>".encode()


def vpc_attribute(vpc_id: str, attribute: str) -> bytes:
    """Return an attribute of a VPC: both are on."""
    value = f"<vpcId>{vpc_id}</vpcId><{attribute}><value>true</value></{attribute}>"
    return ec2_answer("DescribeVpcAttribute", value)


def _set(name: str, items: Iterable[str]) -> str:
    return f"<{name}>{''.join(f'<item>{item}</item>' for item in items)}</{name}>"


def _subnet(vpc: Vpc, which: int) -> str:
    # The third subnet is public and has the NAT gateway.
    cidr = f"10.{vpc.number}.{which * 128}.0/17" if which < 2 else f"10.{vpc.number + 100}.0.0/24"
    subnet = vpc.subnet(which)
    return (
        f"<subnetId>{subnet}</subnetId><subnetArn>arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{subnet}</subnetArn>"
        f"<state>available</state><ownerId>{ACCOUNT}</ownerId><vpcId>{vpc.id}</vpcId><cidrBlock>{cidr}</cidrBlock>"
        f"<ipv6CidrBlockAssociationSet/><availableIpAddressCount>30000</availableIpAddressCount>"
        f"<availabilityZone>{REGION}{'aba'[which]}</availabilityZone><availabilityZoneId>euw1-az{(1, 2, 1)[which]}"
        f"</availabilityZoneId><defaultForAz>false</defaultForAz><mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>"
        f"<assignIpv6AddressOnCreation>false</assignIpv6AddressOnCreation><ipv6Native>false</ipv6Native>"
        f"<enableDns64>false</enableDns64><tagSet/>"
    )


def _route_tables(vpc: Vpc) -> Iterable[str]:
    local = (
        f"<item><destinationCidrBlock>10.{vpc.number}.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId>"
        "<state>active</state><origin>CreateRouteTable</origin></item>"
    )
    out = ""
    if vpc.way_out is WayOut.NAT:
        out = _default_route(f"<natGatewayId>{identifier('nat', vpc.number)}</natGatewayId>")
        public = _default_route(f"<gatewayId>{identifier('igw', vpc.number)}</gatewayId>")
        yield _route_table(vpc, 1, (2,), local + public)
    if "s3" in vpc.services:
        out = (
            f"<item><destinationPrefixListId>pl-6da54004</destinationPrefixListId>"
            f"<gatewayId>{_endpoint_id(vpc, vpc.services.index('s3'))}</gatewayId><state>active</state>"
            "<origin>CreateRoute</origin></item>"
        )
    yield _route_table(vpc, 0, (0, 1), local + out)


def _default_route(target: str) -> str:
    return (
        f"<item><destinationCidrBlock>{_ANYWHERE}</destinationCidrBlock>{target}"
        "<state>active</state><origin>CreateRoute</origin></item>"
    )


def _route_table(vpc: Vpc, which: int, subnets: tuple[int, ...], routes: str) -> str:
    table = identifier("rtb", vpc.number * 16 + which)
    associations = "".join(
        f"<item><routeTableAssociationId>{identifier('rtbassoc', vpc.number * 16 + subnet)}</routeTableAssociationId>"
        f"<routeTableId>{table}</routeTableId><subnetId>{vpc.subnet(subnet)}</subnetId><main>false</main>"
        "<associationState><state>associated</state></associationState></item>"
        for subnet in subnets
    )
    return (
        f"<routeTableId>{table}</routeTableId><vpcId>{vpc.id}</vpcId><ownerId>{ACCOUNT}</ownerId>"
        f"<routeSet>{routes}</routeSet><associationSet>{associations}</associationSet>"
        "<propagatingVgwSet/><tagSet/>"
    )


def _nat(vpc: Vpc) -> str:
    return (
        f"<natGatewayId>{identifier('nat', vpc.number)}</natGatewayId><subnetId>{vpc.subnet(2)}</subnetId>"
        f"<vpcId>{vpc.id}</vpcId><state>available</state><connectivityType>public</connectivityType>"
        f"<createTime>2026-01-01T00:00:00.000Z</createTime><natGatewayAddressSet><item>"
        f"<publicIp>203.0.113.{vpc.number}</publicIp><status>succeeded</status><isPrimary>true</isPrimary>"
        "</item></natGatewayAddressSet><tagSet/>"
    )


def _groups(vpc: Vpc) -> Iterable[str]:
    anywhere = _rule(_ALL, _ANYWHERE)
    yield _group(vpc, vpc.nodes_group, f"{vpc.name}-nodes", "", anywhere)
    yield _group(vpc, vpc.closed_group, f"{vpc.name}-quarantine", "", _rule(_ALL, f"10.{vpc.number}.255.0/24"))
    if vpc.services:
        admitted = f"10.{vpc.number}.0.0/16" if vpc.open else "192.0.2.0/24"
        yield _group(vpc, vpc.endpoints_group, f"{vpc.name}-endpoints", _rule(_HTTPS, admitted), anywhere)


def _rule(what: str, cidr: str) -> str:
    ranges = f"<ipRanges><item><cidrIp>{cidr}</cidrIp></item></ipRanges>"
    return f"<item>{what}<groups/>{ranges}<ipv6Ranges/><prefixListIds/></item>"


def _group(vpc: Vpc, id_: str, name: str, inward: str, outward: str) -> str:
    return (
        f"<ownerId>{ACCOUNT}</ownerId><groupId>{id_}</groupId><groupName>{name}</groupName>"
        f"<groupDescription>{name}</groupDescription><vpcId>{vpc.id}</vpcId><ipPermissions>{inward}</ipPermissions>"
        f"<ipPermissionsEgress>{outward}</ipPermissionsEgress><tagSet/>"
    )


def _acl(vpc: Vpc) -> str:
    entries = "".join(
        f"<item><ruleNumber>{number}</ruleNumber><protocol>-1</protocol><ruleAction>{action}</ruleAction>"
        f"<egress>{egress}</egress><cidrBlock>{_ANYWHERE}</cidrBlock></item>"
        for egress in ("true", "false")
        for number, action in ((100, "allow"), (32767, "deny"))
    )
    acl = identifier("acl", vpc.number)
    associations = "".join(
        f"<item><networkAclAssociationId>{identifier('aclassoc', vpc.number * 16 + which)}</networkAclAssociationId>"
        f"<networkAclId>{acl}</networkAclId><subnetId>{vpc.subnet(which)}</subnetId></item>"
        for which in range(3)
    )
    return (
        f"<networkAclId>{acl}</networkAclId><vpcId>{vpc.id}</vpcId><default>true</default><ownerId>{ACCOUNT}</ownerId>"
        f"<entrySet>{entries}</entrySet><associationSet>{associations}</associationSet><tagSet/>"
    )


def _endpoint_id(vpc: Vpc, at: int) -> str:
    return identifier("vpce", vpc.number * 16 + at)


def _endpoint(vpc: Vpc, service: str, at: int) -> str:
    policy = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'
    subnets = "".join(f"<item>{vpc.subnet(which)}</item>" for which in range(2))
    group = f"<item><groupId>{vpc.endpoints_group}</groupId><groupName>{vpc.name}-endpoints</groupName></item>"
    placed = (
        f"<routeTableIdSet><item>{identifier('rtb', vpc.number * 16)}</item></routeTableIdSet><subnetIdSet/><groupSet/>"
        "<privateDnsEnabled>false</privateDnsEnabled><vpcEndpointType>Gateway</vpcEndpointType>"
        if service == "s3"
        else f"<routeTableIdSet/><subnetIdSet>{subnets}</subnetIdSet><groupSet>{group}</groupSet>"
        "<privateDnsEnabled>true</privateDnsEnabled><vpcEndpointType>Interface</vpcEndpointType>"
    )
    return (
        f"<vpcEndpointId>{_endpoint_id(vpc, at)}</vpcEndpointId><vpcId>{vpc.id}</vpcId>"
        f"<serviceName>com.amazonaws.{REGION}.{service}</serviceName><state>available</state>"
        f"<policyDocument>{policy}</policyDocument>{placed}<ownerId>{ACCOUNT}</ownerId>"
        f"<creationTimestamp>2026-01-01T00:00:00.000Z</creationTimestamp><tagSet/>"
    )
