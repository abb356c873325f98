"""`enable-vpc-dns`: the DNS attributes of a VPC are turned on, so that its endpoints are found by their names."""

from __future__ import annotations

from ssmtui.fixes.frame.delays import NO_WAY_TO_AWS
from ssmtui.fixes.frame.fix import fix
from ssmtui.language import say
from ssmtui.model.network import VpcDns
from ssmtui.model.plan import JSON, Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack, json_text
from ssmtui.model.scope import Scope
from ssmtui.model.standing import Observation
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "enable-vpc-dns"
_STALE = (VpcDns, Observation)
_MEMBERS = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


@fix(slug=_SLUG, stale=_STALE)
def enable_vpc_dns(scope: Scope, dns: VpcDns) -> Plan | NotApplicable:
    """Turn on what is off, DNS support first: host names need it. EC2 takes one attribute a call."""
    before = {"EnableDnsSupport": dns.support, "EnableDnsHostnames": dns.hostnames}
    off = [name for name, value in before.items() if not value]
    if not off:
        return NotApplicable(_SLUG, say("both DNS attributes of {vpc_id} are on", vpc_id=dns.vpc_id))
    return Plan(
        fix=_SLUG,
        title=say("Turn on DNS in {vpc_id}", vpc_id=dns.vpc_id),
        scope=scope,
        subject=Subject(SubjectKind.VPC, dns.vpc_id),
        calls=tuple(_set(scope, dns.vpc_id, name, value=True) for name in off),
        before=json_text(before),
        after=json_text(dict.fromkeys(before, True)),
        guards=tuple(_guard(dns.vpc_id, name, "false") for name in off),
        way_back=WayBack(
            tuple(_guard(dns.vpc_id, name, "true") for name in off),
            tuple(_set(scope, dns.vpc_id, name, value=False) for name in reversed(off)),
        ),
        reach=Reach.SUBJECT,
        undo=say("What was off is turned off again."),
        facts_after=(FactChange(VpcDns, VpcDns(dns.vpc_id, support=True, hostnames=True), replaces=dns),),
        stale=_STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(
            "At once in EC2; an SSM Agent that found no name asks again after 5 minutes, and up to an hour later."
        ),
        notes=(say("It reaches everything in the VPC: names of VPC endpoints then lead to the endpoints."),),
    )


def _set(scope: Scope, vpc_id: str, member: str, *, value: bool) -> Call:
    wanted: dict[str, JSON] = {"Value": value}
    arn = scope.arn("ec2", f"vpc/{vpc_id}")
    return Call("ec2", "ModifyVpcAttribute", {"VpcId": vpc_id, member: wanted}, "ec2:ModifyVpcAttribute", arn)


def _guard(vpc_id: str, member: str, expected: str) -> Guard:
    attribute = _MEMBERS[member]
    which = {"VpcId": vpc_id, "Attribute": attribute}
    return Guard(attribute, "ec2", "DescribeVpcAttribute", which, f"{member}.Value", expected)
