"""Fixes of DNS: private DNS of endpoints, and the DNS attributes of a VPC."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.network import Endpoint, Endpoints, VpcDns
from ssmtui.model.node_facts import Observation
from ssmtui.model.plan import JSON, Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan, json_text
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import NO_WAY_TO_AWS

_ENABLE_PRIVATE_DNS = "enable-private-dns"
_PRIVATE_DNS_STALE = (Endpoints, Observation)

# docs/facts/nodes.md §9: an agent that finds no way to AWS asks again after 5 minutes, then less and less often.
_PRIVATE_DNS_DELAY = translatable(
    "A few minutes in EC2, until the names are changed. An SSM Agent that found no way asks again after 5 minutes, and "
    "up to an hour later."
)


@fix(slug=_ENABLE_PRIVATE_DNS, stale=_PRIVATE_DNS_STALE)
def enable_private_dns(scope: Scope, subject: Subject, endpoints: Endpoints, dns: VpcDns) -> Plan | FixNotApplicable:
    """Turn it on; EC2 refuses it in a VPC whose DNS attributes are off, or that has the name already."""
    endpoint = next((each for each in endpoints.endpoints if each.id == subject.id), None)
    if endpoint is None:
        return FixNotApplicable(_ENABLE_PRIVATE_DNS, say("{id} is no VPC endpoint that could be seen", id=subject.id))
    why = _why_no_private_dns(endpoint, endpoints, dns)
    if why:
        return FixNotApplicable(_ENABLE_PRIVATE_DNS, why)
    others = tuple(replace(each, private_dns=True) if each.id == endpoint.id else each for each in endpoints.endpoints)
    return Plan(
        fix=_ENABLE_PRIVATE_DNS,
        title=say("Turn on private DNS of the VPC endpoint {id} ({service})", id=endpoint.id, service=endpoint.service),
        scope=scope,
        subject=Subject(SubjectKind.ENDPOINT, endpoint.id),
        calls=(_set_private_dns(scope, endpoint, enabled=True),),
        before="false",
        after="true",
        guards=(_private_dns_guard(endpoint, "false"),),
        way_back=UndoPlan((_private_dns_guard(endpoint, "true"),), (_set_private_dns(scope, endpoint, enabled=False),)),
        reach=Reach.SUBJECT,
        undo=say("Private DNS of the endpoint is turned off again."),
        facts_after=(FactChange(Endpoints, Endpoints(others), replaces=endpoints),),
        stale=_PRIVATE_DNS_STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(_PRIVATE_DNS_DELAY),
        notes=(
            say(
                "It reaches everything in {vpc_id}: whoever asks for {service} there is then led to the endpoint, and "
                "must be let in by its security groups.",
                vpc_id=endpoint.vpc_id,
                service=endpoint.service,
            ),
        ),
    )


def _why_no_private_dns(endpoint: Endpoint, endpoints: Endpoints, dns: VpcDns) -> str:
    if endpoint.private_dns:
        return say("private DNS of {id} is on", id=endpoint.id)
    if not (dns.support and dns.hostnames):
        return say("the DNS attributes of {vpc_id} must be on first (enable-vpc-dns)", vpc_id=dns.vpc_id)
    taken = next((each for each in endpoints.of(endpoint.vpc_id, endpoint.service) if each.private_dns), None)
    if taken is not None:
        return say("the VPC endpoint {id} has that name already", id=taken.id)
    return ""


def _set_private_dns(scope: Scope, endpoint: Endpoint, *, enabled: bool) -> Call:
    arn = scope.arn("ec2", f"vpc-endpoint/{endpoint.id}")
    parameters: dict[str, JSON] = {"VpcEndpointId": endpoint.id, "PrivateDnsEnabled": enabled}
    return Call("ec2", "ModifyVpcEndpoint", parameters, "ec2:ModifyVpcEndpoint", arn)


def _private_dns_guard(endpoint: Endpoint, expected: str) -> Guard:
    which: dict[str, JSON] = {"VpcEndpointIds": [endpoint.id]}
    path = "VpcEndpoints.0.PrivateDnsEnabled"
    return Guard(say("private DNS of the endpoint"), "ec2", "DescribeVpcEndpoints", which, path, expected)


_ENABLE_VPC_DNS = "enable-vpc-dns"
_VPC_DNS_STALE = (VpcDns, Observation)
_ATTRIBUTE_MEMBERS = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


@fix(slug=_ENABLE_VPC_DNS, stale=_VPC_DNS_STALE)
def enable_vpc_dns(scope: Scope, dns: VpcDns) -> Plan | FixNotApplicable:
    """Turn on what is off, DNS support first: host names need it. EC2 takes one attribute a call."""
    before = {"EnableDnsSupport": dns.support, "EnableDnsHostnames": dns.hostnames}
    off = [name for name, value in before.items() if not value]
    if not off:
        return FixNotApplicable(_ENABLE_VPC_DNS, say("both DNS attributes of {vpc_id} are on", vpc_id=dns.vpc_id))
    return Plan(
        fix=_ENABLE_VPC_DNS,
        title=say("Turn on DNS in {vpc_id}", vpc_id=dns.vpc_id),
        scope=scope,
        subject=Subject(SubjectKind.VPC, dns.vpc_id),
        calls=tuple(_set_vpc_attribute(scope, dns.vpc_id, name, value=True) for name in off),
        before=json_text(before),
        after=json_text(dict.fromkeys(before, True)),
        guards=tuple(_vpc_attribute_guard(dns.vpc_id, name, "false") for name in off),
        way_back=UndoPlan(
            tuple(_vpc_attribute_guard(dns.vpc_id, name, "true") for name in off),
            tuple(_set_vpc_attribute(scope, dns.vpc_id, name, value=False) for name in reversed(off)),
        ),
        reach=Reach.SUBJECT,
        undo=say("What was off is turned off again."),
        facts_after=(FactChange(VpcDns, VpcDns(dns.vpc_id, support=True, hostnames=True), replaces=dns),),
        stale=_VPC_DNS_STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(
            "At once in EC2; an SSM Agent that found no name asks again after 5 minutes, and up to an hour later."
        ),
        notes=(say("It reaches everything in the VPC: names of VPC endpoints then lead to the endpoints."),),
    )


def _set_vpc_attribute(scope: Scope, vpc_id: str, member: str, *, value: bool) -> Call:
    wanted: dict[str, JSON] = {"Value": value}
    arn = scope.arn("ec2", f"vpc/{vpc_id}")
    return Call("ec2", "ModifyVpcAttribute", {"VpcId": vpc_id, member: wanted}, "ec2:ModifyVpcAttribute", arn)


def _vpc_attribute_guard(vpc_id: str, member: str, expected: str) -> Guard:
    attribute = _ATTRIBUTE_MEMBERS[member]
    which = {"VpcId": vpc_id, "Attribute": attribute}
    return Guard(attribute, "ec2", "DescribeVpcAttribute", which, f"{member}.Value", expected)
